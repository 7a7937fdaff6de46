# Every simple statement, and the order in which its parts are evaluated.


def trace(label, value=None):
    print("eval", label)
    return value if value is not None else label


x = y = z = 3
print(x, y, z)
a, (b, *c), d = 1, (2, 3, 4), 5
print(a, b, c, d)
[p, q] = {"k": 1, "l": 2}
print(p, q)
box = {}
box[trace("key")] = trace("value")
box[trace("k1")], box[trace("k2")] = trace("v1"), trace("v2")
print(box)
del box["k1"], box["k2"]
print(box)
n: int = 5
print(n, "unset" in globals())
unset: str
print("unset" in globals())
n += 2
n -= 1
n *= 10
n //= 7
n **= 2
n %= 50
n <<= 3
n >>= 1
n |= 1
n ^= 3
n &= 0xFF
print(n)
f = 9.0
f /= 4
print(f)
pass
assert True, trace("never")
try:
    assert not 1, trace("message")
except AssertionError as error:
    print(repr(error))
del x, (y, [z])
try:
    x
except NameError as error:
    print(error)
trace("a") ; trace("b");
lst = [0, 1, 2, 3, 4, 5]
lst[1:3] = lst[4:] = ["s"]
print(lst)
lst[trace("i", 0)] += trace("add", 7)
print(lst)
