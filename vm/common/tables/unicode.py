"""Writes src/unicode/tables.rs from what a CPython 3.14 says about each code point.

Run from the crate's folder: python3.14 tables/unicode.py
"""

import sys
import unicodedata
import _sre

LIMIT = 0x110000
SHIFT = 7
CATEGORIES = ("Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So").split()
BIDIRECTIONAL = ["", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B",
                 "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"]
WIDTHS = ["F", "H", "W", "Na", "A", "N"]
TAGS = ["", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>", "<circle>", "<super>", "<sub>",
        "<vertical>", "<wide>", "<narrow>", "<small>", "<square>", "<fraction>", "<compat>"]
FLAGS = ["ALPHA", "DECIMAL", "DIGIT", "NUMERIC", "SPACE", "LINE_BREAK", "UPPER", "LOWER", "TITLE", "PRINTABLE",
         "IDENTIFIER_START", "IDENTIFIER_CONTINUE", "CASED", "CASE_IGNORABLE"]


def flags(c):
    after_cased = ("A" + c + "\u03a3").lower()[-1] == "\u03c2"
    alone = (c + "\u03a3").lower()[-1] == "\u03c2"
    answers = [c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isspace(), len(("a" + c + "b").splitlines()) == 2,
               c.isupper(), c.islower(), unicodedata.category(c) == "Lt", c.isprintable(), c.isidentifier(),
               ("a" + c).isidentifier(), (c + "a").title()[-1] == "a", after_cased and not alone]
    return sum(1 << bit for bit, answer in enumerate(answers) if answer)


def two_stage(values):
    """Pages of 1 << SHIFT values, equal pages once."""
    pages, index, data = {}, [], []
    size = 1 << SHIFT
    for start in range(0, LIMIT, size):
        page = tuple(values[start:start + size])
        if page not in pages:
            pages[page] = len(data) // size
            data.extend(page)
        index.append(pages[page])
    return index, data


def intern(records):
    seen, numbers = {}, []
    for record in records:
        numbers.append(seen.setdefault(record, len(seen)))
    return list(seen), numbers


def array(out, name, values, doc):
    kind = "u8" if max(values) < 256 else "u16" if max(values) < 65536 else "u32"
    out.append(f"/// {doc}\npub(super) static {name}: [{kind}; {len(values)}] = [")
    line = "   "
    for value in values:
        text = f" {value},"
        if len(line) + len(text) > 118:
            out.append(line)
            line = "   "
        line += text
    out.append(line)
    out.append("];\n")


def case_table(out):
    specials = {}

    def mapping(c, mapped):
        if len(mapped) == 1:
            return ord(mapped) - ord(c)
        return LIMIT + specials.setdefault(mapped, len(specials))

    records = []
    for point in range(LIMIT):
        c = chr(point)
        records.append((flags(c), mapping(c, c.upper()), mapping(c, c.lower()), mapping(c, c.title()),
                        mapping(c, c.casefold()), _sre.unicode_tolower(point) - point,
                        unicodedata.decimal(c, 255), unicodedata.digit(c, 255)))
    distinct, numbers = intern(records)
    index, data = two_stage(numbers)
    array(out, "CASE_PAGES", index, "Page of each block of code points in `CASE_DATA`.")
    array(out, "CASE_DATA", data, "Number of each code point's record in `CASE_RECORDS`.")
    out.append("/// Flags, mappings (differences, or numbers of `SPECIAL` from 0x110000 on), decimal and digit value (255: none).")
    out.append(f"pub(super) static CASE_RECORDS: [CaseRecord; {len(distinct)}] = [")
    for r in distinct:
        out.append(f"    CaseRecord {{ flags: {r[0]}, upper: {r[1]}, lower: {r[2]}, title: {r[3]}, fold: {r[4]}, "
                   f"simple_lower: {r[5]}, decimal: {r[6]}, digit: {r[7]} }},")
    out.append("];\n")
    out.append("/// Case mappings to several code points (padded with 0).")
    out.append(f"pub(super) static SPECIAL: [[u32; 3]; {len(specials)}] = [")
    for text in specials:
        points = [ord(c) for c in text] + [0, 0]
        out.append("    [{:#x}, {:#x}, {:#x}],".format(*points[:3]))
    out.append("];\n")


def property_table(out):
    records = []
    for point in range(LIMIT):
        c = chr(point)
        records.append((CATEGORIES.index(unicodedata.category(c)), BIDIRECTIONAL.index(unicodedata.bidirectional(c)),
                        unicodedata.combining(c), unicodedata.mirrored(c), WIDTHS.index(unicodedata.east_asian_width(c))))
    distinct, numbers = intern(records)
    index, data = two_stage(numbers)
    array(out, "PROPERTY_PAGES", index, "Page of each block of code points in `PROPERTY_DATA`.")
    array(out, "PROPERTY_DATA", data, "Number of each code point's record in `PROPERTY_RECORDS`.")
    out.append("/// Category, bidirectional class, combining class, mirrored, East Asian width.")
    out.append(f"pub(super) static PROPERTY_RECORDS: [(u8, u8, u8, u8, u8); {len(distinct)}] = [")
    for r in distinct:
        out.append(f"    {r},")
    out.append("];\n")
    for name, values in ("CATEGORIES", CATEGORIES), ("BIDIRECTIONAL", BIDIRECTIONAL), ("WIDTHS", WIDTHS), ("TAGS", TAGS):
        quoted = ", ".join(f'"{v}"' for v in values)
        out.append(f"/// Names that the records number.\npub(super) static {name}: [&str; {len(values)}] = [{quoted}];\n")


def numeric_table(out):
    runs = []
    for point in range(LIMIT):
        value = unicodedata.numeric(chr(point), None)
        if value is None:
            continue
        if runs:
            start, count, first, step = runs[-1]
            if start + count == point:
                if count == 1 and value - first in (0.0, 1.0):
                    runs[-1] = (start, 2, first, value - first)
                    continue
                if count > 1 and value == first + step * count:
                    runs[-1] = (start, count + 1, first, step)
                    continue
        runs.append((point, 1, value, 0.0))
    out.append("/// Runs of numeric code points: first, how many, first value, difference of neighbours.")
    out.append(f"pub(super) static NUMERIC_RUNS: [(u32, u32, f64, f64); {len(runs)}] = [")
    for start, count, first, step in runs:
        out.append(f"    ({start:#x}, {count}, {first!r}, {step!r}),")
    out.append("];\n")


def decomposition_table(out):
    pool, where, offsets, pairs = [0], {}, [], []
    for point in range(LIMIT):
        c = chr(point)
        fields = unicodedata.decomposition(c).split()
        if not fields or 0xAC00 <= point < 0xD7A4:  # Hangul is computed
            offsets.append(0)
            continue
        tag = fields.pop(0) if fields[0].startswith("<") else ""
        points = [int(field, 16) for field in fields]
        entry = (TAGS.index(tag) << 8 | len(points), *points)
        if entry not in where:
            where[entry] = len(pool)
            pool.extend(entry)
        offsets.append(where[entry])
        if not tag and len(points) == 2 and unicodedata.normalize("NFC", "".join(map(chr, points))) == c:
            pairs.append((*points, point))
    index, data = two_stage(offsets)
    array(out, "DECOMPOSITION_PAGES", index, "Page of each block of code points in `DECOMPOSITION_DATA`.")
    array(out, "DECOMPOSITION_DATA", data, "Where each code point's decomposition starts in `DECOMPOSITIONS`; 0: none.")
    array(out, "DECOMPOSITIONS", pool, "Entries: tag << 8 | length, then the code points.")
    out.append("/// Canonical compositions, sorted: first, second, composed.")
    out.append(f"pub(super) static COMPOSITIONS: [(u32, u32, u32); {len(pairs)}] = [")
    for pair in sorted(pairs):
        out.append("    ({:#x}, {:#x}, {:#x}),".format(*pair))
    out.append("];\n")


def main():
    assert sys.version_info[:2] == (3, 14) and unicodedata.unidata_version == "16.0.0"
    out = ["//! Unicode 16.0.0 as CPython 3.14 sees it. Written by `tables/unicode.py`; do not edit.", "",
           "use super::CaseRecord;", "", f"/// Code points per page, as a power of two.\npub(super) const SHIFT: u32 = {SHIFT};", ""]
    for bit, name in enumerate(FLAGS):
        out.append(f"/// A bit of `CaseRecord::flags`.\npub(super) const {name}: u16 = {1 << bit};")
    out.append("")
    case_table(out)
    property_table(out)
    numeric_table(out)
    decomposition_table(out)
    with open("src/unicode/tables.rs", "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(out))


main()
