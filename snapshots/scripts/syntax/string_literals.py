# Escapes, prefixes, bytes, raw strings, names, surrogates.
print(len("\a\b\f\n\r\t\v\\\'\"\0\x41\101\u00e9\U0001F600"), ascii("\x7f\u0100\U0001F600"))
print(repr("\0\x1f\x7f\x80\xa0\xad\u2028"), "\N{GREEK SMALL LETTER ALPHA}\N{DIGIT ONE}")
print(r"\n\x", R'\'', rb"\x00", bR"\\", b"\x00\xff\101'\"", Rb'a')
print(u"unicode", "'", '"', '\'"', repr("'"), repr('"'), repr("'\""))
print("""a "quoted" 'text' \
end""", '''b''')
print(len("\ud800"), ascii("\ud83d\ude00"), len("\ud83d\ude00"), "\ud83d\ude00" == "😀")
print("a" 'b' """c""" r"\d", b"a" b'b')
print("\
", "tab	inside")
print("%s" "%%" % 1, "a" "b" * 2, ("x" "y")[1])
print("é" == "\xe9", "é" == "e\u0301", len("e\u0301"), "日本語"[1])
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(repr(eval(r"'\d\8 \q'")), repr(eval(r"b'\z'")), repr(eval("'\\400'")))
    for warning in caught:
        print(warning.category.__name__, warning.message)
for source in (r"'\x4'", r"'\u123'", r"'\U00110000'", r"'\N{no such}'", r"'\N'", r"b'\x4'", "b'é'", "'open", '"""open', "'a\nb'", "ub''", "'a' b'b'"):
    try:
        compile(source, "s", "eval")
        print("fine")
    except SyntaxError as error:
        print(error.msg)
