# set and frozenset: algebra, mutation, comparison, hashing, errors.
s = {3, 1, 2}
print(s, set(), set("a"), set([1, 1, 2]), {1, 1.0, True}, len(s), 2 in s, frozenset(), frozenset([1, 2]), {*range(3)}, set(range(20)))
s.add(4)
s.add(1)
s.discard(9)
s.discard(4)
s.remove(3)
print(s, s.pop() in (1, 2), len(s))
a, b = {1, 2, 3, 4}, {3, 4, 5}
print(a | b, a & b, a - b, a ^ b, b - a, a.union(b, [9]), a.intersection(b, {4}), a.difference(b, [1]), a.symmetric_difference(b))
print(a < b, {3} < a, a <= a, a > {1}, a.issubset(range(9)), a.issuperset([1]), a.isdisjoint([7]), a == {4, 3, 2, 1}, a != b, {1} == frozenset([1]), set() < {1})
c = a.copy()
c |= b
c &= {1, 2, 3, 5}
c -= {1}
c ^= {2, 7}
print(c)
c.update([8], (9,))
c.intersection_update({7, 8, 9})
c.difference_update([9])
c.symmetric_difference_update([8, 10])
print(c, a is not a.copy(), bool(set()))
c.clear()
f = frozenset([1, 2])
print(c, f | {3}, type(f | {3}).__name__, type({3} | f).__name__, hash(f) == hash(frozenset([2, 1])), {f: 1}[frozenset([1, 2])], {f} == {frozenset([2, 1])}, f.copy() is f, {1, 2} in {f})
print(hash(frozenset()), hash(frozenset([1])), hash(frozenset(range(10))), repr(frozenset({1})), repr({(1, 2)}), str(set()), sorted({"b", "a"}), max({1, 5}), sum({1, 2}))
print({i * 7 % 64 for i in range(30)}, {-1, -2, 0}, {2**i for i in range(10)}, {10, 20, 30, 40, 50, 60, 70, 80}, set(range(1000, 1010)))
print({x for x in range(10) if x % 3 == 0}, {(i, j) for i in range(2) for j in range(2)} == {(0, 0), (0, 1), (1, 0), (1, 1)}, set("abc") & set("bcd") == {"b", "c"})


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, KeyError, RuntimeError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: {1}.remove(2))
attempt(lambda: set().pop())
attempt(lambda: {[]})
attempt(lambda: {1} | [2])
attempt(lambda: {1} + {2})
attempt(lambda: {1} < [2])
attempt(lambda: hash(set()))
attempt(lambda: {1}[0])
attempt(lambda: set(5))
attempt(lambda: {1}.union(5))
attempt(lambda: f.add(1))
attempt(lambda: [] in {1})
attempt(lambda: {1}.update(1))
attempt(lambda: set(1, 2))
attempt(lambda: {1, 2}.issubset(3))
grow = {1, 2, 3}
attempt(lambda: [grow.add(v + 10) for v in grow])
print({1}.__contains__(1), {1}.__or__({2}), {1}.__or__(5), {1}.__ror__({2}), {1, 2}.__sub__({1}), {1}.__iand__({2}), {1}.__eq__(1), set.__hash__)
