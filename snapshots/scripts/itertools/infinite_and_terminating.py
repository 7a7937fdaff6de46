# itertools: everything that is not combinatoric.
from itertools import *
import operator

print(list(islice(count(), 3)), list(islice(count(10, -2), 3)), list(islice(count(0.5, 0.25), 3)), list(islice(cycle("ab"), 5)), list(repeat("x", 3)), repr(count(3)), repr(count(1, 2)), repr(repeat(1, 2)), next(count(2**70)))
print(list(accumulate([1, 2, 3])), list(accumulate([3, 1, 2], max)), list(accumulate([1, 2], initial=10)), list(accumulate("abc")), list(accumulate([], initial=1)), list(accumulate([2, 3, 4], operator.mul)))
print(list(chain("ab", [1], ())), list(chain.from_iterable(["ab", "c"])), list(compress("abcdef", [1, 0, 1, 0, 1])), list(dropwhile(lambda v: v < 3, [1, 4, 2])), list(takewhile(lambda v: v < 3, [1, 2, 4, 1])), list(filterfalse(None, [0, 1, ""])))
print([(k, list(g)) for k, g in groupby("aabbbca")], [(k, len(list(g))) for k, g in groupby(range(10), lambda v: v // 4)], [k for k, g in groupby([1, 1.0, True, 2])])
print(list(islice("abcdefg", 2)), list(islice("abcdefg", 2, 6, 2)), list(islice("abc", 1, None)), list(islice([], 5)), list(starmap(pow, [(2, 3), (3, 2)])), list(zip_longest("abc", "x", fillvalue="-")), list(zip_longest()))
print(list(pairwise("abcd")), list(pairwise([1])), list(batched("abcdefg", 3)), list(batched([], 2)))
a, b, c = tee([1, 2, 3], 3)
print(list(a), next(b), list(b), list(c))
t1, t2 = tee(iter(range(1000)))
print(sum(t1), sum(t2))
it = iter([1, 2, 3, 4, 5])
print(list(islice(it, 2)), list(it))
g = groupby("aab")
k1, g1 = next(g)
k2, g2 = next(g)
print(k1, list(g1), k2, list(g2))
r = repeat(5, 3)
print(operator.length_hint(r), next(r), operator.length_hint(r))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


attempt(lambda: islice("a", -1))
attempt(lambda: islice("a", 1, 2, 0))
attempt(lambda: islice("a", "x"))
attempt(lambda: count("a"))
attempt(lambda: cycle())
attempt(lambda: cycle(5))
attempt(lambda: repeat())
attempt(lambda: list(batched("ab", 0)))
attempt(lambda: list(batched("abc", 2, strict=True)))
attempt(lambda: tee([], -1))
attempt(lambda: list(starmap(pow, [1])))
attempt(lambda: list(accumulate(["a", 1])))
attempt(lambda: zip_longest([1], bad=2))
attempt(lambda: chain.from_iterable(5))
attempt(lambda: list(chain(5)))
attempt(lambda: compress([1]))
attempt(lambda: groupby())
attempt(lambda: pairwise(5))
attempt(lambda: list(takewhile(5, [1])))
empty = cycle([])
print(next(empty, "empty"), list(zip(range(3), cycle("xy"))), dict(zip(count(), "ab")), list(map(operator.add, count(), [10, 20])))
