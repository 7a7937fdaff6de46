# str(): construction, repr, ascii, ord and chr, identity of equal strings, hashing, indexing of mixed widths.
print(str(), str(1), str(b"a"), str(b"\xc3\xa9", "utf-8"), str(b"ab\xff", "ascii", "replace"), str(object="x"), str(bytearray(b"z"), encoding="latin-1"))
for s in ["plain", "it's", 'say "hi"', "both ' and \"", "tab\t nl\n cr\r", "\x00\x1b\x7f", "\x80\xa0\xad", "é日😀", "\ud800", "\u2028\ufeff", "\\", "\u0378", "\U000e0001"]:
    print(ascii(repr(s)), ascii(s))
print(ord("a"), ord("日"), ord("😀"), ord("\ud800"), chr(97), chr(0x1F600), ascii(chr(0xD800)), chr(0), len(chr(0x10FFFF)))
print("abc" == "abc", "a" + "b" == "ab", hash("abc") == hash("ab" + "c"), "é" == "\u00e9", "a" != "a ")
mixed = "ab日本😀é" * 50
print(len(mixed), mixed[100], mixed[-1], mixed[149:155], mixed[::60], mixed.index("😀", 200), mixed.count("日本"), mixed[250:10:-48])
print([mixed[i] for i in (0, 64, 65, 127, 128, 200, 299)], mixed[5] == mixed[11], mixed[60:66] == "ab日本😀é")
print(sorted("bca日é😀"), sorted(["b", "B", "a", "é", "z", "日"]), max("abc"), min("日a"), list("a😀b"), tuple("xy"), set("aab") == {"a", "b"})
print("%r %s %a" % ("é", "é", "é"), f"{'é'!r} {'é'!a}", "{!r:>6}".format("é"))
print("a".__add__("b"), "a".__contains__("a"), "ab".__getitem__(0), "ab".__len__(), "a".__mul__(2), "a".__eq__(1), "a".__mod__(()), "ab".__iter__().__next__(), "x".__rmod__("y%s") if hasattr("x", "__rmod__") else "")
print(str.__new__(str, "new"), "a".__hash__() == hash("a"), "a".__str__(), "a".__repr__(), "%s".__mod__(5), "abc".__getnewargs__(), str.join.__name__, "b" "c".__format__(">3"))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, UnicodeError, OverflowError, LookupError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: str(b"\xff", "utf-8"))
attempt(lambda: str(b"a", "no-such-codec"))
attempt(lambda: str(1, "utf-8"))
attempt(lambda: str("a", "utf-8"))
attempt(lambda: "é".encode("ascii"))
attempt(lambda: "\ud800".encode())
attempt(lambda: chr(0x110000))
attempt(lambda: chr(-1))
attempt(lambda: chr(10**20))
attempt(lambda: ord(""))
attempt(lambda: ord("ab"))
attempt(lambda: setattr("a", "x", 1))
attempt(lambda: "a".__setitem__(0, "b") if hasattr("a", "__setitem__") else exec("'a'[0] = 'b'"))
attempt(lambda: exec("del 'a'[0]"))
attempt(lambda: exec("x = 'a'; x[0] = 'b'"))
