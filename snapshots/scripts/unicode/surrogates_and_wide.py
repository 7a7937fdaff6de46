# Strings with lone surrogates and wide characters behave as sequences of code points.
import sys

s = "a\ud800b\udfff😀"
print(len(s), ascii(s), [hex(ord(c)) for c in s], s[1] == "\ud800", s[::-1][0] == "😀", s.find("\udfff"), s.split("b")[1] == "\udfff😀", s.replace("\ud800", "X").encode("utf-8", "replace"))
pair = "\ud83d" + "\ude00"
print(len(pair), pair == "😀", pair.encode("utf-16", "surrogatepass").decode("utf-16") == "😀", ascii(pair.upper()), hash(pair) == hash("\ud83d\ude00"), pair in {"\ud83d\ude00": 1})
print("\ud800" < "\ue000" < "😀", sorted(["😀", "\uffff", "\ud800", "a"]) == ["a", "\ud800", "\uffff", "😀"], max("a\ud800b") == "\ud800", "\ud800".isprintable(), "\ud800".isalpha(), ascii("\ud800".center(3, "*")))
for f in (lambda: s.encode(), lambda: print(s), lambda: open("x\ud800"), lambda: s.encode("latin-1"), lambda: exec("x = '\ud800'")):
    try:
        f()
    except (UnicodeEncodeError, OSError, ValueError) as error:
        print(type(error).__name__, error)
sys.stdout.flush()
print(ascii(b"\xff\xfe".decode("utf-8", "surrogateescape")), b"\xff".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"))
wide = "".join(chr(0x1F300 + i % 50) + chr(97 + i % 26) for i in range(500))
print(len(wide), wide[998], wide[500:503], wide.index("z"), wide.count("a"), wide[::100], wide.rfind("b"), len(wide.encode()), len(wide.encode("utf-16-le")), wide[-1], wide[250] == wide[250:251])
emoji = "👩‍👩‍👧 é 🇩🇪"
print(len(emoji), list(map(hex, map(ord, emoji)))[:5], emoji[::-1] != emoji, emoji.split(), emoji.encode()[:4])
table = {ord("😀"): "grin", 0xD800: "high", ord("a"): None}
print(s.translate(table).encode("ascii", "backslashreplace"), "\U0010ffff".encode(), "\x00".join("ab").encode(), len("\x00" * 5), "a\x00b".split("\x00"), "\x00" in "a\x00")
print("日本語テキスト".center(11, "*"), f"{'日本':>5}|{'é':<3}|", "%5s|" % "日", "日本\n語".splitlines(), "日本".partition("本"), "ＡＢＣ".lower(), "ẞ".lower(), "ŉ".upper(), "ΐ".upper() == "Ϊ́")
text = "naïve café ☕ 日本" * 100
print(len(text), text.count("é"), text.index("☕"), text[777], text.upper()[:12], text.title()[:10], len(set(text)), text.replace("é", "e").count("e"), text.find("日本naïve", 5), text.startswith("café", 6))
