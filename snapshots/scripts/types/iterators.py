# The iterators of builtin types: exhaustion, length hints, copying, what they refuse.
import copy
import operator

sources = [[1, 2, 3], (1, 2), "ab", b"ab", bytearray(b"xy"), range(3), {1: 2, 3: 4}, {5}, {1: 2}.items(), {1: 2}.values(), memoryview(b"pq"), "é日"]
for source in sources:
    it = iter(source)
    print(type(it).__name__, operator.length_hint(it), next(it), operator.length_hint(it), iter(it) is it, list(it), next(it, "done"))
for source in ([1, 2, 3], "abc", (1, 2), range(5), {1: 2, 3: 4}):
    it = reversed(source)
    print(type(it).__name__, list(it), list(it))
it = iter([1, 2, 3, 4])
next(it)
other = copy.copy(it)
print(list(it), list(other), it.__reduce__()[0].__name__)
it = iter([1, 2, 3])
it.__setstate__(2)
print(list(it))
values = iter([5, 4, 3, 0, 9])
print(list(iter(lambda: next(values), 0)), list(values), type(iter(int, 1)).__name__)
print(list(zip("abc", range(2))), list(zip()), list(zip("a", strict=True)), list(enumerate("ab", 5)), list(map(lambda *a: a, "ab", [1, 2, 3])), list(filter(None, [0, 1, "", "a"])), list(filter(str.isdigit, "a1b2")))
z = zip([1, 2], [3, 4])
print(next(z), z.__next__(), next(z, None), tuple(map(None.__eq__, [None])))
m = map(str, [1, 2, 3])
print(next(m), list(m), list(m))
print(list(map(pow, [2, 3], [3, 2], strict=True)))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, StopIteration, RuntimeError) as error:
        print(type(error).__name__, error)


attempt(lambda: next(iter([])))
attempt(lambda: list(zip([1], [], strict=True)))
attempt(lambda: list(zip([1], [2, 3], strict=True)))
attempt(lambda: list(zip([1, 2], [1, 2], [1], strict=True)))
attempt(lambda: list(map(pow, [2], [3, 4], strict=True)))
attempt(lambda: zip([1], foo=2))
attempt(lambda: next(enumerate([])))
attempt(lambda: enumerate([], "a"))
attempt(lambda: filter(1))
attempt(lambda: list(map(5, [1])))
attempt(lambda: list(filter(lambda a, b: 1, [1])))
attempt(lambda: iter(5, 6))


class Forever:
    def __iter__(self):
        return self

    def __next__(self):
        return 1


class NotIter:
    def __iter__(self):
        return 5


class Unbound:
    __iter__ = None


print(max(zip("ab", Forever())), [v for v, _ in zip(Forever(), "xyz")])
attempt(lambda: iter(NotIter()))
attempt(lambda: iter(Unbound()))
attempt(lambda: 1 in Unbound())
