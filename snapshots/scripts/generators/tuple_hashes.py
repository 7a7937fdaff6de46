"""Hashes of tuples: remembered, and never wrong for it."""

from collections import namedtuple

calls = []


class Key:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        calls.append(self.value)
        return hash(self.value)

    def __eq__(self, other):
        return isinstance(other, Key) and self.value == other.value


pair = (Key(1), Key(2))
table = {pair: "found"}
print(table[pair], table[Key(1), Key(2)], hash(pair) == hash((1, 2)), len(calls))
print(hash(()), hash((0,)), hash((1, (2, (3, "")))) == hash((1, (2, (3, "")))))
for _ in range(2):
    try:
        hash((1, []))
    except TypeError as error:
        print("TypeError:", error)


class Flaky:
    failures = 2

    def __hash__(self):
        if self.failures:
            self.failures -= 1
            raise OSError("not yet")
        return 7


flaky = (Flaky(), 1)
for _ in range(3):
    try:
        print(hash(flaky) == hash((7, 1)))
    except OSError as error:
        print("OSError:", error)


class Shy(tuple):
    def __hash__(self):
        return 5


Point = namedtuple("Point", "x y")
print(hash(Shy((1, 2))), hash(Point(1, 2)) == hash((1, 2)), {(1, 2): "plain"}[Point(1, 2)])
nan = float("nan")
print(hash((nan,)) == hash((nan,)), hash((1.0, True)) == hash((1, 1)))
deep = ()
for _ in range(300):
    deep = (deep,)
print(hash(deep) == hash(deep), {deep: 1}[deep])
