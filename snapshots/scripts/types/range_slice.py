# range and slice objects.
r = range(2, 20, 3)
print(r, list(r), len(r), r[0], r[-1], r[1:3], r[::-1], list(r[::-1]), r.start, r.stop, r.step, r.count(5), r.index(8), 5 in r, 6 in r, 5.0 in r, "a" in r, reversed(r))
print(range(5), range(0), list(range(5, 0, -2)), range(1, 1) == range(0), range(0, 3, 2) == range(0, 4, 2), hash(range(0, 3, 2)) == hash(range(0, 4, 2)), bool(range(0)), range(3) == [0, 1, 2])
print(len(range(10**18)), range(10**30)[10**29], 10**25 in range(0, 10**30, 5), range(10**20, 10**20 + 3)[-1], list(range(2**62, 2**62 + 2)), range(-5, -10, -2)[1:], range(10)[5:2], range(10)[-3:])
it = iter(range(3))
print(next(it), it.__length_hint__(), list(it), list(iter(range(2**70, 2**70 + 2))), sum(range(101)), max(range(5)), sorted(range(3), reverse=True), [*range(2)], tuple(range(0, 1)))
s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, slice(5), slice(None), s.indices(7), slice(None, None, -1).indices(5), slice(-3, None).indices(10), slice(100, 0, -3).indices(8), slice(1, 2) == slice(1, 2), slice(1, 2) < slice(1, 3), hash(slice(1, 2)) == hash(slice(1, 2)))


class I:
    def __init__(self, v):
        self.v = v

    def __index__(self):
        return self.v


print(range(I(3)), list(range(5))[I(1) : I(4)], slice(I(1), I(3)).indices(I(10)), range(10)[I(3)], [0] * I(3))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: range(1.5))
attempt(lambda: range("a"))
attempt(lambda: range(1, 2, 0))
attempt(lambda: range())
attempt(lambda: range(1, 2, 3, 4))
attempt(lambda: r[10])
attempt(lambda: r["x"])
attempt(lambda: r.index(6))
attempt(lambda: len(range(10**30)))
attempt(lambda: setattr(r, "start", 1))
attempt(lambda: range(3) < range(4))
attempt(lambda: range(3) + range(4))
attempt(lambda: slice(1, 2, 0).indices(5))
attempt(lambda: slice("a").indices(5))
attempt(lambda: slice(1).indices(-1))
attempt(lambda: slice(1, 2, 3, 4))
attempt(lambda: type("R", (range,), {}))
attempt(lambda: range(5)[::0])
print(range(3).__reduce__(), slice(1, 2, 3).__reduce__()[1], [range(n) for n in (-1, 0, 1)], repr(range(0, 10, 1)), range(I(1), I(5), I(2)).step)
print([x for x in range(3) for _ in range(x)], *zip(range(3), range(3, 6)), list(enumerate(range(5, 7), start=1)), list(map(range, [1, 2])))
