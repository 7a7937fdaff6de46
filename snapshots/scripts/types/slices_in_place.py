"""Slices of lists and tuples with bounds of every kind, read and replaced."""

import itertools

bounds = [None, 0, 1, 2, 5, 9, -1, -2, -5, -9, True, 2**62, -(2**70)]


class Index:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


digest = 0
for lower, upper in itertools.product(bounds, bounds):
    for row in ([1, 2, 3, 4, 5], (1, 2, 3, 4, 5), [], (), "abcde", b"abcde", range(5)):
        part = row[lower:upper]
        assert type(part) is type(row) and part == row[slice(lower, upper)]
        digest = (digest * 31 + len(part) * 7 + (hash(tuple(part)) if part and not isinstance(row, str) else 0)) % 10**9
    for new in ([], [8], [8, 9], [6, 7, 8, 9, 0, 1, 2, 3], (7, 7), "xy"):
        first, second = [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]
        first[lower:upper] = new
        second[slice(lower, upper)] = list(new)
        assert first == second, (lower, upper, new)
        digest = (digest * 31 + sum(item if isinstance(item, int) else 5 for item in first)) % 10**9
print(digest)

row = [1, 2, 3, 4, 5]
print(row[Index(1):Index(-1)], row[Index(0):], (1, 2, 3)[:Index(2)])
whole = (1, 2, 3)
print(whole[:] is whole, whole[0:3] is whole, row[:] is row, row[:] == row)
row[:] = row
print(row)
row[2:] = row
print(row)
row[1:3] = row[3:]
print(row)
row[:0] = [0]
row[len(row):] = [99]
print(row)
row[2:-2] = []
print(row)
for attempt in (lambda: row["a":], lambda: row[1.5:2], lambda: (1, 2)[:"x"], lambda: row.__setitem__(slice(1, 2), 5)):
    try:
        print(attempt())
    except TypeError as error:
        print("TypeError:", error)


class Sub(list):
    def __getitem__(self, key):
        return ("got", key)

    def __setitem__(self, key, value):
        print("set", key, value)


sub = Sub([1, 2, 3])
print(sub[1:2], sub[:])
sub[1:] = [4]
other = [1, 2, 3]
other[1:2] = sub
print(other)
big = list(range(1000))
for index in range(0, 900, 7):
    big[index:index + 3] = big[index + 3:index + 6]
    big[index:] = big[index + 1:] + big[index:index + 1]
print(len(big), sum(big), big[:12], big[-5:])
