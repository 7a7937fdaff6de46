"""The specifiers that are formatted by a quick way, and their neighbours that are not."""
specs = ["", "d", "x", "X", "0", "5", "05d", "<5", ">12", "^7", "^8d", "02x", "032", "033", "99", "+d", "5,", ".2f", "8.3f", "<9.1f", ".0f", ".12f", ".13f", "^30.5f", "010.2f", "<010.2f", "é>5", "e", "5s", "<5s"]
values = [0, 1, -1, 255, 2**47, -(2**63), 2**70, True, 0.0, -0.0, 0.5, 2.5, -2.675, 1e14, 1e15, float("nan"), float("-inf"), "", "ab", "é", "x" * 40]
for value in values:
    row = []
    for spec in specs:
        try:
            row.append(format(value, spec))
        except (ValueError, TypeError) as error:
            row.append(str(error))
    print(repr(value)[:20], row)


class Own(str):
    def __format__(self, spec):
        return f"<{spec}>"


class Number(float):
    def __format__(self, spec):
        return f"({spec})"


print(f"{Own('a'):>5} {Number(1):.2f} {3:>{4}} {1.5:{'.1f'}}")
for text, old, new in (("a-b-c", "-", "_"), ("é-é", "-", "++"), ("---", "-", ""), ("abc", "x", "y"), ("aéa", "é", "e"), ("a.b", ".", "é")):
    print(text.replace(old, new), len(text.replace(old, new)), text.replace(old, new, 1))
