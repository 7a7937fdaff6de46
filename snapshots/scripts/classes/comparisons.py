# Rich comparison, reflection, identity shortcuts, hash and equality, total ordering, sorting.
import functools


class N:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return NotImplemented if not isinstance(other, N) else self.n == other.n

    def __lt__(self, other):
        return NotImplemented if not isinstance(other, N) else self.n < other.n

    def __repr__(self):
        return f"N{self.n}"


print(N(1) == N(1), N(1) != N(2), N(1) == 1, N(1) < N(2), N(2) > N(1), sorted([N(3), N(1), N(2)]), max(N(1), N(5)))
for action in (lambda: N(1) <= N(2), lambda: N(1) < 1, lambda: hash(N(1)), lambda: {N(1)}, lambda: sorted([N(1), 2])):
    try:
        print(action())
    except TypeError as error:
        print(error)


class Log:
    def __eq__(self, other):
        print("eq", end=" ")
        return False

    def __ne__(self, other):
        print("ne", end=" ")
        return "truthy"

    def __lt__(self, other):
        print("lt", end=" ")
        return []

    __hash__ = None


l = Log()
print(l == l, [l] == [l], l in [l], l != 1, l < 2, 2 > l, [l].index(l), [l].count(l), (l,) == (l,))


class Left:
    def __eq__(self, other):
        print("left", end=" ")
        return NotImplemented


class Right(Left):
    def __eq__(self, other):
        print("right", end=" ")
        return NotImplemented


print(Left() == Right(), Left() == 5)


@functools.total_ordering
class T:
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return self.v == other.v

    def __lt__(self, other):
        return self.v < other.v


print(T(1) <= T(1), T(2) > T(1), T(2) >= T(3), T(1) != T(1))


class H:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, other):
        return self.v == getattr(other, "v", other)


print({H(1): "a"}[1], 1 in {H(1)}, {H("x"), H("x")} == {H("x")}, len({H(1), 1, 1.0, True}))


class BadHash:
    def __hash__(self):
        return "text"


class HugeHash:
    def __hash__(self):
        return 2**64 + 3


try:
    hash(BadHash())
except TypeError as error:
    print(error)
print(hash(HugeHash()), float("nan") == float("nan"), (x := float("nan")) in [x], [x] == [x], 1 == 1.0 == True, (1, 2) < (1, 3), [1] < [1, 0])
