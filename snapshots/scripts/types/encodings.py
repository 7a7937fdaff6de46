# Text to bytes and back: codecs, error handlers, error objects.
text = "aé日😀"
for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-7", "unicode_escape", "raw_unicode_escape", "utf-8-sig"):
    data = text.encode(codec)
    print(codec, data, data.decode(codec) == text)
for handler in ("ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace"):
    print(handler, text.encode("ascii", handler), "é\ud800".encode("latin-1", handler))
print("é".encode("latin-1"), "€".encode("cp1252"), "Ж".encode("koi8-r"), "é".encode("utf8"), "é".encode("UTF_8"), b"\xe9".decode("iso-8859-1"), b"\x80".decode("cp1252"), "abc".encode("us-ascii"))
bad = b"a\xff\xc3\xe2\x82b\xed\xa0\x80\xf0\x9f\x98"
for handler in ("ignore", "replace", "backslashreplace", "surrogateescape"):
    print(handler, ascii(bad.decode("utf-8", handler)))
print(bad.decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape") == bad, "\ud800".encode("utf-8", "surrogatepass"), ascii(b"\xed\xa0\x80".decode("utf-8", "surrogatepass")))
for data in (b"\xff", b"a\xc3", b"\xe2\x28\xa1", b"\xf8\x88", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
    try:
        data.decode()
    except UnicodeDecodeError as error:
        print(error, (error.encoding, error.object, error.start, error.end, error.reason))
for value, codec in (("é", "ascii"), ("日本", "latin-1"), ("\udc80", "utf-8"), ("a\ud800\ud801b", "utf-8"), ("€", "koi8-r")):
    try:
        value.encode(codec)
    except UnicodeEncodeError as error:
        print(error, (error.start, error.end, error.reason))
import codecs

codecs.register_error("stars", lambda e: ("*" * (e.end - e.start), e.end))
print("aéb日".encode("ascii", "stars"), b"a\xffb".decode("ascii", "stars"))
decoder = codecs.getincrementaldecoder("utf-8")()
print([decoder.decode(bytes([b])) for b in "é日".encode()], codecs.lookup("utf8").name, codecs.BOM_UTF8, codecs.encode("abc", "rot13"), codecs.decode(b"YWJj\n", "base64"), codecs.encode(b"ab", "hex"))
print("abc".encode("utf-16")[:2] in (b"\xff\xfe", b"\xfe\xff"), b"\xff\xfea\x00".decode("utf-16"), b"\xef\xbb\xbfx".decode("utf-8-sig"), codecs.escape_decode(rb"\n\x41")[0], codecs.utf_8_decode(b"a\xc3", "strict", False))
for f in (lambda: "a".encode("nope"), lambda: b"a".decode("nope"), lambda: "é".encode("ascii", "nope"), lambda: "a".encode("hex"), lambda: b"\xff\xff\xff".decode("utf-32"), lambda: b"\\x4".decode("unicode_escape"), lambda: b"a".decode("utf-16")):
    try:
        print(f())
    except (LookupError, UnicodeError) as error:
        print(type(error).__name__, error)
