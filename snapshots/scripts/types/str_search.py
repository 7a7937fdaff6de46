# str: searching, splitting, stripping, joining, replacing.
s = "hello world, hello"
print(s.find("hello"), s.find("hello", 1), s.find("x"), s.find("", 5), s.find("o", -3), s.rfind("hello"), s.rfind("l", 0, 5), s.find("", 99))
print(s.index("world"), s.rindex("o"), s.count("l"), s.count("ll"), s.count(""), s.count("o", 5), "aaaa".count("aa"), "".count(""))
print(s.startswith("hello"), s.startswith(("x", "he")), s.startswith("world", 6), s.endswith("hello"), s.endswith((), 0), s.startswith("", 100), s.endswith("o", 0, 5))
print("a,b,,c".split(","), "a,b,,c".split(",", 1), "a,b,,c".rsplit(",", 1), " a  b c ".split(), " a  b c ".split(None, 1), " a  b c ".rsplit(None, 1), "".split(), "".split(","), "aXXbXXc".split("XX"))
print("a\nb\r\nc\rd\x0be\u2028f\n".splitlines(), "a\nb\n".splitlines(True), "".splitlines(), "\n".splitlines(), "a\x1cb\x85c".splitlines())
print("k=v=w".partition("="), "k=v=w".rpartition("="), "kv".partition("="), "kv".rpartition("="))
print("  ab ".strip() + "|", "  ab ".lstrip() + "|", "  ab ".rstrip() + "|", "xxabyx".strip("xy"), "abcba".strip("ab"), "aaa".strip("a"), "\u3000a\xa0".strip())
print("prefix-body".removeprefix("prefix-"), "body-suffix".removesuffix("-suffix"), "abc".removeprefix("x"), "abc".removesuffix(""))
print("-".join(["a", "b", "c"]), "".join([]), ", ".join("abc"), "x".join(("one",)), "".join(c for c in "gen"))
print("aaa".replace("a", "b"), "aaa".replace("a", "b", 2), "abc".replace("", "-"), "abc".replace("", "-", 2), "".replace("", "x"), "aaa".replace("aa", "b"), "abc".replace("b", "", count=1))
print("abc"[1], "abc"[-1], "abcdef"[1:4], "abcdef"[::2], "abcdef"[::-1], "abcdef"[4:1:-1], "abc"[5:], "abc"[-100:2], "abc"[slice(None, None, -2)])
print("a" < "b", "a" < "B", "abc" < "abd", "" < "a", "é" > "z", "a" * 3, 3 * "ab", "a" * -1, "a" + "b", "b" in "abc", "" in "abc", "ac" in "abc")
print(len("日本語"), "日本語"[1], "日本語".find("語"), "a日b本c".split("日"), "日本日本".replace("本", "x"), "é".encode(), "日本"[::-1], "日本語日".rfind("日"), "😀a😀".index("a"))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError) as error:
        print(type(error).__name__, error)


attempt(lambda: s.index("zzz"))
attempt(lambda: s.rindex("zzz"))
attempt(lambda: s.split(""))
attempt(lambda: s.partition(""))
attempt(lambda: s.find(1))
attempt(lambda: s.startswith(1))
attempt(lambda: s.startswith(["a"]))
attempt(lambda: s.startswith(("a", 1)))
attempt(lambda: s.replace("a", 1))
attempt(lambda: "".join(["a", 1]))
attempt(lambda: "abc"[3])
attempt(lambda: "abc"["a"])
attempt(lambda: "abc"[1.0])
attempt(lambda: "abc"[::0])
attempt(lambda: 1 in "abc")
attempt(lambda: "a" + b"b")
attempt(lambda: "a" * 1.5)
attempt(lambda: "a" < 1)
attempt(lambda: s.strip(1))
attempt(lambda: s.count())
attempt(lambda: "a".split(sep=1))
