# Sorting: stability, keys, reverse, comparisons that misbehave, mutation while sorting.
import functools
import random

rng = random.Random(42)
data = [rng.randrange(1000) for _ in range(500)]
print(sorted(data) == sorted(data, key=lambda v: v), sorted(data)[:10], sorted(data, reverse=True)[:5])
pairs = [(rng.randrange(5), i) for i in range(60)]
ordered = sorted(pairs, key=lambda p: p[0])
print(all(a[1] < b[1] for a, b in zip(ordered, ordered[1:]) if a[0] == b[0]), ordered[:6])
reverse = sorted(pairs, key=lambda p: p[0], reverse=True)
print(all(a[1] < b[1] for a, b in zip(reverse, reverse[1:]) if a[0] == b[0]), reverse[:3])
words = "the quick brown Fox jumps over The lazy dog".split()
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=lambda w: (len(w), w)))
print(sorted([3.5, 2, True, 0.5]), sorted([(1, "b"), (1, "a"), (0, "c")]), sorted(["é", "z", "e", "日"]), sorted([b"b", b"a"]), sorted([[2], [1, 5], [1]]))
print(sorted(words, key=functools.cmp_to_key(lambda a, b: (len(b) - len(a)) or ((a > b) - (a < b)))))
calls = []
sorted([3, 1, 2], key=lambda v: calls.append(v) or v)
print(calls)


class Counted:
    count = 0

    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        Counted.count += 1
        return self.v < other.v


sorted(map(Counted, range(100)))
print("already sorted:", Counted.count)
Counted.count = 0
sorted(map(Counted, range(100, 0, -1)))
print("descending:", Counted.count)
l = [1, 2, 3]
try:
    l.sort(key=lambda v: l.append(v) or v)
except ValueError as error:
    print(error, l)
l = [3, 1, 2]
try:
    l.sort(key=lambda v: 1 / (v - 1))
except ZeroDivisionError as error:
    print(error, l)
l = [5, "a", 3]
try:
    l.sort()
except TypeError as error:
    print(error, sorted(map(str, l)))
nan = float("nan")
print(len(sorted([nan, 1.0, nan, 0.0])), sorted([0.0, -0.0]), sorted([True, 0, False, 1]))
runs = list(range(50)) + list(range(30)) + list(range(70, 40, -1))
runs.sort()
print(runs[::13])
big = [2**70 - i for i in range(5)] + [1, -(2**65)]
print(sorted(big)[:3], max(big) == 2**70, min(data), max(words, key=len), min(words, key=len))
