# bytes: the whole method list, and where it differs from str.
b = b"hello world"
print(bytes(), bytes(3), bytes([1, 2, 255]), bytes("é", "utf-8"), bytes(b"copy"), bytes(range(3)), bytes.fromhex("48 65 6c6C"), b.hex(), b"\x01\xab".hex("-"), b"abcdef".hex(":", 2), b"abcdef".hex("_", -4))
print(b[0], b[1:4], b[-1], b[::-1], list(b"ab"), 104 in b, b"wor" in b, b + b"!", b"ab" * 2, len(b), b == b"hello world", b < b"i", b"a" == "a", hash(b"a") == hash(bytes([97])))
print(b.find(b"o"), b.rfind(b"o"), b.find(111), b.index(b"w"), b.count(b"l"), b.count(108), b.startswith((b"x", b"he")), b.endswith(b"ld"))
print(b"a,b,,c".split(b","), b" a b ".split(), b"a,b,c".rsplit(b",", 1), b"a\nb\r\nc\x0bd".splitlines(), b"k=v".partition(b"="), b"k=v=w".rpartition(b"="))
print(b" x ".strip(), b"xxaxx".strip(b"x"), b"abc".replace(b"b", b"--"), b"-".join([b"a", bytearray(b"b"), memoryview(b"c")]), b"pre-x".removeprefix(b"pre-"), b"x-suf".removesuffix(b"-suf"))
print(b"aBc1".upper(), b"aBc".lower(), b"aBc".swapcase(), b"hello world".title(), b"hELLO".capitalize(), b"ab".center(6, b"*"), b"ab".ljust(4), b"ab".rjust(4, b"."), b"-5".zfill(4), b"a\tb".expandtabs(4))
print([getattr(v, t)() for v in (b"abc", b"12", b"A b", b"") for t in ("isalpha", "isdigit", "isalnum", "isspace", "isupper", "islower", "istitle", "isascii")])
print(b"abc".translate(bytes.maketrans(b"ab", b"xy")), b"abc".translate(None, b"b"), b"hello".translate(None, delete=b"l"), b"abc".decode(), b"\xff".decode("latin-1"), b"caf\xc3\xa9".decode("utf-8"))
print(repr(b"'"), repr(b'"'), repr(b"'\""), repr(bytes(range(20))), repr(b"\x7f\x80\\"), str(b"x"), f"{b'x'}", b"%s %d %x %a %c %b %r" % (b"s", 5, 255, "é", 65, b"b", "r"), b"%05.1f|%-4d|%+d" % (3.14159, 7, 8))


class B:
    def __bytes__(self):
        return b"custom"


class I:
    def __index__(self):
        return 2


print(bytes(B()), bytes(I()), bytes([I()]), b"abc"[I()], b"%b" % B())


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, UnicodeError, OverflowError) as error:
        print(type(error).__name__, error)


attempt(lambda: bytes("a"))
attempt(lambda: bytes(1, "utf-8"))
attempt(lambda: bytes([-1]))
attempt(lambda: bytes(["a"]))
attempt(lambda: bytes(-5))
attempt(lambda: b"a" + "b")
attempt(lambda: b"a".join(["x"]))
attempt(lambda: b"a"[5])
attempt(lambda: b"a".find("a"))
attempt(lambda: b"a".split(b""))
attempt(lambda: 256 in b"a")
attempt(lambda: "a" in b"a")
attempt(lambda: b"a".index(b"z"))
attempt(lambda: bytes.fromhex("4"))
attempt(lambda: bytes.fromhex("zz"))
attempt(lambda: b"\xff".decode())
attempt(lambda: b"%s" % "str")
attempt(lambda: b"%d" % "x")
attempt(lambda: b"a".center(4, b"xy"))
attempt(lambda: b"a".translate(b"short"))
attempt(lambda: b"ab".hex("xx"))
attempt(lambda: b"a" < "a")
