# product, permutations, combinations and their edge cases.
from itertools import *

print(["".join(p) for p in product("ab", "xy")], list(product([1, 2], repeat=2)), list(product()), list(product("ab", [])), list(product("a", repeat=0)), len(list(product(range(3), repeat=4))))
print(["".join(p) for p in permutations("abc")], list(permutations([1, 2, 3], 2)), list(permutations([], 0)), list(permutations([1], 2)), len(list(permutations(range(6)))))
print(["".join(c) for c in combinations("abcd", 2)], list(combinations([1, 2, 3], 3)), list(combinations([1, 2], 3)), list(combinations("ab", 0)), sum(1 for _ in combinations(range(10), 5)))
print(["".join(c) for c in combinations_with_replacement("abc", 2)], list(combinations_with_replacement([], 1)), list(combinations_with_replacement([], 0)))
print(list(islice(product(range(1000), repeat=3), 999_998, 1_000_002)), list(islice(permutations(range(20)), 3))[2][-3:], next(combinations(range(100), 50))[-1])
for f in (lambda: permutations("a", -1), lambda: combinations("a", -1), lambda: product("a", repeat=-1), lambda: product(5), lambda: combinations("a"), lambda: permutations("a", "b"), lambda: product("a", x=1), lambda: combinations_with_replacement("a", -2), lambda: permutations(range(3), 1.0)):
    try:
        print(f())
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


def powerset(items):
    return chain.from_iterable(combinations(items, r) for r in range(len(items) + 1))


print(list(powerset([1, 2, 3])), len(list(powerset(range(10)))))


def queens(n):
    return sum(1 for p in permutations(range(n)) if len({p[i] + i for i in range(n)}) == len({p[i] - i for i in range(n)}) == n)


print([queens(n) for n in range(1, 7)])
print(sum(a * b for a, b in combinations([1, 2, 3, 4], 2)), max(product([3, 1], [2, 9]), key=sum), sorted(map("".join, permutations("bca"))) == ["".join(p) for p in permutations("abc")])
p = permutations([1, 2, 3])
print(next(p), next(p), list(p)[-1], list(p))
print([sum(d) for d in islice(product(range(1, 7), repeat=2), 30, 36)], Counter := {s: sum(1 for d in product(range(1, 7), repeat=2) if sum(d) == s) for s in (2, 7, 12)})
