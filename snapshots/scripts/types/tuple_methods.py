# tuple: construction, methods, comparison, hashing, concatenation.
print((), (1,), (1, 2), tuple(), tuple("ab"), tuple([1, 2]), tuple({1: 2}), tuple(range(3)), 1, (*"xy", 3), repr((1,)), str(((), ((),))))
t = (1, 2, 3, 2)
print(t.count(2), t.index(2), t.index(2, 2), t[0], t[-1], t[1:3], t[::-1], t[5:], len(t), 2 in t, t + (9,), t * 2, 0 * t, t[:] is t, tuple(t) is t)
print((1, 2) < (1, 3), (1,) < (1, 0), () < (0,), (1, "a") == (1, "a"), (1, 2) == [1, 2], (1, (2, 3)) > (1, (2, 2)), (1, 2) <= (1, 2), (2,) != (2.0,))
print(hash((1, 2, 3)), hash(()), hash((1, (2, (3,)))), hash(("a",)) == hash(("a",)), {(1, 2): "t"}[1, 2], hash((1.0, 2)) == hash((1, 2)))
a, (b, *c), *d = (1, (2, 3, 4), 5, 6)
print(a, b, c, d, sum((1, 2, 3)), max((3, 1)), sorted((3, 1, 2)), list(reversed((1, 2))), any(()), dict(((1, 2), (3, 4))), tuple(x * 2 for x in t))
print((1, 2).__add__((3,)), (1,).__mul__(3), (1, 2).__contains__(3), (1, 2).__getitem__(slice(0, 1)), (1,).__len__(), (1, 2).__getnewargs__(), tuple.__new__(tuple, [1]))
nested = (1,)
for _ in range(50):
    nested = (nested, 2)
print(len(repr(nested)), hash(nested) == hash(nested), nested == nested)
lst = []
cyclic = (lst,)
lst.append(cyclic)
print(cyclic, repr(lst))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: t[9])
attempt(lambda: t["a"])
attempt(lambda: t.index(7))
attempt(lambda: t.index())
attempt(lambda: t + [1])
attempt(lambda: t * "a")
attempt(lambda: t < [1])
attempt(lambda: exec("t[0] = 1", {"t": t}))
attempt(lambda: exec("del t[0]", {"t": t}))
attempt(lambda: t.append(1))
attempt(lambda: hash(([],)))
attempt(lambda: tuple(5))
attempt(lambda: tuple(1, 2))
attempt(lambda: (1, 2)(3))
x = ([],)
try:
    x[0] += [1]
except TypeError as error:
    print(error, x)
