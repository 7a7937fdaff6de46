# Containers compare by identity first, and each NaN that is made is an object of its own.
import copy
import math
import struct

nan = float("nan")
other = float("nan")
infinity = math.inf

print(nan is nan, nan is other, nan == nan, nan != nan)
print([nan] == [nan], [nan] == [other], (nan,) == (float("nan"),), {1: nan} == {1: nan}, {1: nan} == {1: other})
print(nan in [nan], other in [nan], [nan, other, nan].count(nan), [other, nan].index(nan))
print(len({nan, other, nan}), len({nan: 1, other: 2, nan: 3}), {nan} & {other}, {nan} <= {other, nan})
print(hash(nan) == hash(nan), math.nan is math.nan, math.nan in (math.nan,))
for make in [lambda: infinity - infinity, lambda: infinity * 0.0, lambda: -nan, lambda: nan + 1, lambda: abs(nan)]:
    one, two = make(), make()
    print(one != one, one is two, [one] == [one], [one] == [two], len({one, two}))
print(float(nan) is nan, nan.__float__() is nan, +nan is nan, copy.copy(nan) is nan, copy.deepcopy([nan])[0] is nan)
print(struct.pack(">d", nan).hex(), struct.pack(">d", -nan).hex(), struct.unpack(">d", b"\x7f\xf8" + bytes(6))[0])
print(sorted([3.0, 1.0, 2.0, 0.5]), max(nan, 1.0), max(1.0, nan), min([nan, 1.0]), sorted([nan]))
print(nan < 1, nan > 1, 1 < nan, nan <= nan, bool(nan), round(2.5), divmod(nan, 1.0))
x = nan
for _ in range(3):
    x = x * 2.0 + 1.0
    print(x is nan, x == x)
print([0.0] == [-0.0], {0.0, -0.0}, 1.5 in [1.5])
