"""Writes src/unicode_names/{aliases,sequences}.rs: the aliases and named sequences that CPython 3.14 knows.

Run from the crate's folder, with the files of the Unicode character database:
python3.14 tables/names.py NameAliases.txt NamedSequences.txt
"""

import sys
import unicodedata


def lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                yield line.split(";")


def found(name):
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return None


def main():
    assert sys.version_info[:2] == (3, 14) and unicodedata.unidata_version == "16.0.0"
    aliases = sorted((alias, int(point, 16)) for point, alias, _ in lines(sys.argv[1])
                     if found(alias) == chr(int(point, 16)))
    sequences = sorted((name, "".join(chr(int(point, 16)) for point in points.split()))
                       for name, points in lines(sys.argv[2]))
    sequences = [(name, text) for name, text in sequences if found(name) == text]
    write("aliases", "Name aliases", "ALIASES", "u32", [(name, f"{point:#x}") for name, point in aliases])
    write("sequences", "Named sequences", "SEQUENCES", "&str",
          [(name, '"' + "".join(f"\\u{{{ord(c):x}}}" for c in text) + '"') for name, text in sequences])


def write(file_name, title, table, value_type, rows):
    with open(f"src/unicode_names/{file_name}.rs", "w", encoding="utf-8", newline="\n") as file:
        file.write(f"//! {title} of Unicode 16.0.0. Written by `tables/names.py`; do not edit.\n\n")
        file.write(f"/// Sorted by name.\npub(super) static {table}: [(&str, {value_type}); {len(rows)}] = [\n")
        for name, value in rows:
            file.write(f'    ("{name}", {value}),\n')
        file.write("];\n")


main()
