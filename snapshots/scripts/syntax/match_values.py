# match: literals, values, captures, guards, or-patterns, sequences and mappings.
import enum


class Color(enum.Enum):
    RED = 1
    BLUE = 2


def classify(subject):
    match subject:
        case 0 | 0.5:
            return "zero or half"
        case -1 | 1 + 2j:
            return "signed or complex"
        case "text" | b"bytes":
            return "string"
        case None | True | False:
            return "singleton"
        case Color.RED:
            return "red"
        case int(n) | float(n) if n > 100:
            return f"large {n}"
        case str(s):
            return f"str {s!r}"
        case []:
            return "empty sequence"
        case [single]:
            return f"one {single}"
        case [first, *_, last] if first == last:
            return "same ends"
        case (1, [2, *inner], *rest):
            return f"nested {inner} {rest}"
        case [_, _]:
            return "pair"
        case [*items]:
            return f"items {items}"
        case {"kind": "a", "v": value}:
            return f"a {value}"
        case {"kind": str() as kind, **rest}:
            return f"{kind} with {sorted(rest)}"
        case {}:
            return "mapping"
        case other:
            return f"other {type(other).__name__}"


subjects = [0, 0.5, -1, 1 + 2j, "text", b"bytes", None, True, Color.RED, Color.BLUE, 101, 7, 200.5, "s", [], (9,),
            [1, 2, 1], (1, [2, 3, 4], 5, 6), (3, 4), [3, 4, 5], {"kind": "a", "v": 1}, {"kind": "b", "x": 1, "y": 2},
            {"z": 0}, {1}, "ab", bytearray(b"ab"), range(2), iter([])]
for subject in subjects:
    print(classify(subject))
match 1, 2:
    case a, b:
        print(a, b)
match = case = 5
print(match, case)
