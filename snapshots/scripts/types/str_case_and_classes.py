# str: case conversion, character classes, alignment, translation over Unicode.
samples = ["hello World", "ǅungla", "STRASSE ß", "ΑΣ Σ", "İi̇", "ﬁne", "ŉ", "123abc", "don't stop", "日本", ""]
for s in samples:
    print([s.upper(), s.lower(), s.title(), s.capitalize(), s.swapcase(), s.casefold()])
print("ß".casefold() == "SS".casefold(), "ΌΣΟΣ".lower(), "Σ".lower(), "ΑΣ.".lower(), "ΑΣΑ".lower(), "ǆ".title(), "ᾳ".upper(), "ⅷ".upper())
tests = "isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper".split()
for s in ["abc", "ABC", "Abc Def", "123", "²", "½", "٣", "五", " \t\n", "a b", "", "_x1", "1x", "é", "ǅ", "a\x00", "\u200b", "ª", "Ⅷ", "class", "日本", "\xa0", "A1b"]:
    print(ascii(s), "".join("01"[getattr(s, t)()] for t in tests))
print("|".join(["ab".center(7), "ab".center(7, "*"), "abc".center(6, "-"), "ab".ljust(5, "."), "ab".rjust(5), "ab".center(1), "日".center(4, "x")]))
print("42".zfill(5), "-42".zfill(6), "+1".zfill(4), "".zfill(3), "--1".zfill(5), "abc".zfill(2))
print(repr("a\tbc\td".expandtabs()), repr("a\tb".expandtabs(4)), repr("ab\n\tc".expandtabs(3)), repr("\t".expandtabs(0)), repr("a\r\tb".expandtabs(2)))
table = str.maketrans("abc", "xyz", "d")
print("aabbccdd".translate(table), sorted(table.items()), str.maketrans({"a": "AA", 98: None, "c": 67}))
print("abcd".translate({97: "AA", 98: None, 99: 0x1F600}), "abc".translate([i for i in range(97)] + ["first"]) == "firstbc")
print("é".isalpha(), "e\u0301".isalpha(), "aé".upper(), "ÿ".upper(), "µ".upper(), "ı".upper(), "ſ".upper(), "K".lower(), "Å".lower())
print("hello"[::-1].title(), "they're bill's".title(), "x2y".title(), "a1a A1A".istitle(), "HELLO".istitle(), "Hello, World!".swapcase())


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


attempt(lambda: "a".center(5, "ab"))
attempt(lambda: "a".ljust("x"))
attempt(lambda: "a".zfill())
attempt(lambda: str.maketrans("ab", "c"))
attempt(lambda: str.maketrans({"ab": 1}))
attempt(lambda: str.maketrans(1))
attempt(lambda: "a".translate({97: 0x110000}))
attempt(lambda: "a".translate({97: 1.5}))
attempt(lambda: "a".expandtabs("x"))
attempt(lambda: "a".upper(1))
attempt(lambda: "a".rjust(3, ""))
attempt(lambda: "a".rjust(3, 1))
