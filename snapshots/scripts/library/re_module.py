# re: matching, groups, substitution, flags, errors, bytes.
import re

m = re.search(r"(?P<year>\d{4})-(?P<month>\d\d)(-(\d\d))?", "on 2024-05 and 2023-01-02")
print(m, m.group(), m.group(1, "month"), m.groups(), m.groups("none"), m.groupdict(), m.span(), m.span("month"), m.start(3), m.end(), m.lastgroup, m.lastindex, m["year"], m.string[:5], m.pos, m.endpos, m.re.pattern[:8], m.expand(r"\2/\g<year>"))
print(re.findall(r"\d+", "a1b22"), re.findall(r"(\w)(\d)", "a1 b2"), re.findall(r"(a)|b", "ab"), [m.start() for m in re.finditer("a", "banana")], re.split(r"[,;]\s*", "a, b;c"), re.split(r"(-)", "a-b", maxsplit=1), re.split(r"\b", "a b"), re.split("x*", "axbc"))
print(re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"), re.sub("a", lambda m: m.group().upper() * 2, "banana", count=2), re.subn("x", "y", "xxx"), re.sub("", "-", "abc"), re.sub(r"\b", "|", "a b"), re.sub("(?P<q>a)", r"<\g<q>\g<0>>", "aba"), re.sub("x*", "-", "abxd"))
print(re.match("a", "ba"), re.fullmatch("a+", "aaa").span(), re.fullmatch("a|ab", "ab").group(), re.match(r"\Aab\Z", "ab") is not None, re.search("^b", "a\nb", re.M).start(), re.search("a.b", "a\nb", re.S) is not None, re.match("AB", "ab", re.I).group(), re.match(r"a b # comment", "ab", re.X).group())
print(re.findall(r"(?i:A)b", "ab Ab aB"), re.match(r"(?s).+", "a\nb").group(), re.findall(r"(?<=a)b|(?<!a)c", "ab ac bc"), re.findall(r"a(?=b)|c(?!d)", "ab ac cd ce"), re.match(r"(a)?(?(1)b|c)", "ab").group(), re.match(r"(a+)+$", "a" * 20 + "b"), re.findall("a{2,3}?", "aaaaa"), re.match(r"(\w)\1", "aa").group(), re.match("a++b", "aab").group(), re.match("(?>a+)b", "aab").group())
print(re.findall(r"\w+", "é日 x_1"), re.findall(r"\w+", "é日 x_1", re.A), re.findall(r"\d", "١2"), re.match(r"[\d\-x]+", "1-x").group(), re.findall(r"[^a-c]", "abcd"), re.match("ß", "ẞ", re.I), re.match("K", "k", re.I), re.findall(r"[\[a]", "[a"))
print(re.compile("a", re.I | re.M), re.compile("a").flags, re.compile(r"(a)(?P<n>b)").groups, re.compile(r"(?P<n>b)").groupindex, re.escape("a.b*c d-é"), re.compile("a") == re.compile("a"), re.I, re.RegexFlag(10), re.compile("x" * 300).pattern[:3], repr(re.compile(b"a")))
p = re.compile("a")
print(p.match("ba", 1), p.search("bab", 0, 1), p.findall("aaa", 1), p.scanner("a").match(), re.match("(a)|(b)", "b").groups(), re.findall(b"\\w", b"a\xe9b"), re.sub(b"a", b"x", bytearray(b"aba")), re.search(r"\N{BULLET}|\u00e9|\x41", "A•é").group())
for pattern in ("(", ")", "[", "a**", "*a", "(?P<n>a)(?P<n>b)", r"\1", "(?P=x)", "(?<=a*)b", "[b-a]", r"\q", "(?z)", "a{2,1}", "(?P<1>a)", "(?:", "(?i", "x(?i)", "(?<n", "(?(1)a|b|c)", "(?(9)a)", "\\", "[a", r"\N{no}", "a{99999999999}", "(?P<é"):
    try:
        print(pattern, re.compile(pattern))
    except (re.error, OverflowError) as error:
        print(pattern, "|", error, "|", getattr(error, "pos", None))
for f in (lambda: re.match("a", b"a"), lambda: re.match(b"a", "a"), lambda: re.sub("a", r"\2", "a"), lambda: re.sub("a", r"\g<x", "a"), lambda: m.group(9), lambda: m.group("zz"), lambda: re.match(5, "a"), lambda: re.match("a", 5), lambda: re.compile("a", "b"), lambda: re.sub("a", r"\q", "a"), lambda: re.compile(p, re.I)):
    try:
        print(f())
    except (TypeError, re.error, IndexError, ValueError) as error:
        print(type(error).__name__, error)
