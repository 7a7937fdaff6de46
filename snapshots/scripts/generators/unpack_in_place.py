"""Unpacking into variables that lie in a row, and into others: failures leave the variables alone."""


def row(value):
    a, b, c = "old"
    try:
        a, b, c = value
    except Exception as error:
        return a, b, c, f"{type(error).__name__}: {error}"
    return a, b, c


class Broken:
    def __iter__(self):
        yield 1
        yield 2
        raise OSError("broken")


class Old:
    def __getitem__(self, index):
        if index < 3:
            return index * 10
        raise IndexError


for value in (
    (1, 2, 3), [4, 5, 6], "xyz", range(3), {"k": 1, "l": 2, "m": 3}, Old(), iter([7, 8, 9]), (item for item in "gen"),
    (1, 2), (1, 2, 3, 4), [], [1, 2, 3, 4], "ab", range(9), {"k": 1}, {1: 1, 2: 2, 3: 3, 4: 4}, Broken(), 5, None,
):
    print(row(value))


def same(a, b):
    a, b = [b, a]
    (a, b), c = (a, b), a
    [a, [b, c]] = [c, (b, a)]
    a, a, b = 1, 2, 3
    x, (y, z), w = [1, "yz", 3]
    return a, b, c, x, y, z, w


print(same("p", "q"))


def itself():
    a, b = [1, [2, 3]]
    a, b = b
    t = (4, (5, 6))
    u, t = t
    v, t = t
    return a, b, u, v, t


print(itself())


def cells():
    a, b, c = 1, 2, 3

    def inner():
        nonlocal b
        (a, b), d = (10, 20), b
        return a, b, d

    return inner(), a, b, c


print(cells())


def loops():
    out = []
    for i, (key, value) in enumerate({"x": 1, "y": 2}.items()):
        out.append((i, key, value))
    for key, value in zip("ab", [1, 2]):
        out.append((key, value))
    out += [(q, p) for p, q in [(1, 2), (3, 4)]]
    out += [p for p, q in ((1, 2), (3, 4)) if q > 2]
    return out, key, value


print(loops())


def unbound(flag):
    try:
        if flag:
            first, second = flag
        print(first, second)
    except (UnboundLocalError, ValueError) as error:
        print(type(error).__name__, error)


unbound((1, 2))
unbound(())
unbound([1])
a, b = b, c = [1, 2]
print(a, b, c)
[] = []
() = ()
try:
    [] = [1]
except ValueError as error:
    print(error)


def long(values):
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r = values
    return locals()


print(long(range(18)))
print(long(list(range(18))))
print(long.__code__.co_varnames)
