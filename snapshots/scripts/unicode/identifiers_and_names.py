# Unicode: identifiers, normalisation, names, categories, case pairs, numeric values.
import unicodedata as u

å = 1
print("å" in globals(), "\u0061\u030a" in globals(), eval("a\u030a"))
𝔘𝔫𝔦 = "fraktur"
print(Uni, "ª".isidentifier(), "℘".isidentifier(), "·".isidentifier(), "a·".isidentifier(), "٣a".isidentifier(), "a٣".isidentifier(), "\u2118x".isidentifier())


class Ω:
    é = "attribute"


print(Ω.é, Ω.__name__, vars(Ω)["é"], getattr(Ω, "é"), hasattr(Ω, "e\u0301"))
for c in "aÀß日½²٣Ⅷ😀\u0301\u200d\t\ud800\U000e0100":
    print(ascii(c), u.name(c, "-"), u.category(c), u.bidirectional(c), u.combining(c), u.east_asian_width(c), u.mirrored(c), u.decimal(c, None), u.digit(c, None), u.numeric(c, None), ascii(u.decomposition(c)))
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    print(form, [ascii(u.normalize(form, s)) for s in ("é", "e\u0301", "ﬁ", "①", "Å", "한", "\u1112\u1161\u11ab", "ǆ")], u.is_normalized(form, "é"))
print(u.lookup("LATIN SMALL LETTER E WITH ACUTE"), u.lookup("SNOWMAN"), "\N{HANGUL SYLLABLE GAG}", "\N{CJK UNIFIED IDEOGRAPH-4E00}", ascii("\N{NO-BREAK SPACE}"), u.unidata_version, u.name("\uac00"), u.name("\u4e00"), u.name("\u0393"))
for f in (lambda: u.name("\x00"), lambda: u.lookup("NO SUCH"), lambda: u.decimal("a"), lambda: u.numeric("a"), lambda: u.normalize("X", "a"), lambda: u.category("ab"), lambda: u.digit("½"), lambda: u.name(1)):
    try:
        print(f())
    except (ValueError, KeyError, TypeError) as error:
        print(type(error).__name__, error)
totals = {}
for code in range(0x3000):
    category = u.category(chr(code))
    totals[category] = totals.get(category, 0) + 1
print(totals)
print(sum(chr(c).isalpha() for c in range(0x11000)), sum(chr(c).isprintable() for c in range(0x11000)), sum(chr(c).isspace() for c in range(0x11000)), sum(chr(c).upper() != chr(c) for c in range(0x11000)), sum(chr(c).isnumeric() for c in range(0x11000)), sum(len(chr(c).upper()) > 1 for c in range(0x11000)), sum(chr(c).isidentifier() for c in range(0x11000)))
