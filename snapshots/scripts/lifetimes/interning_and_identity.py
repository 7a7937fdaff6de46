# Identity that programs rely on: small values, names, constants, is with singletons.
import sys

a = "identifier_like"
b = "identifier" + "_like"
print(a == b, sys.intern("x y") is sys.intern("x y"), sys.intern(a) is sys.intern(b), None is None, () is (), (1, 2) == (1, 2))
x = [1]
y = x
z = list(x)
print(x is y, x is z, x == z, id(x) == id(y), id(x) != id(z), x is not z)
print(type(1) is int, int is int, True is True, bool(1) is True, (not 0) is True, Ellipsis is ..., NotImplemented is NotImplemented)
n = 5
m = n
print(n is m, [n][0] is n, {1: x}[1] is x, (x,)[0] is x, max([x, [0]]) is x)


class A:
    pass


print(A is A, A().__class__ is A, A.__dict__["__module__"] is A.__module__, vars(A)["__doc__"] is None)
o = A()
o.attribute = x
print(o.attribute is x, getattr(o, "attribute") is x, o.__dict__["attribute"] is x, o is o)
f = 1.5
g = f
print(f is g, f == 1.5, id(f) == id(g))
big = 2**100
same = big
print(big is same, big == 2**100)
try:
    sys.intern(5)
except TypeError as error:
    print(error)


class S(str):
    pass


try:
    sys.intern(S("a"))
except TypeError as error:
    print(error)
d = {}
for key in ("k1", "k" + "1", "".join(["k", "1"])):
    d[key] = d.get(key, 0) + 1
print(d, sys.getsizeof([]) > 0, isinstance(sys.getrefcount(x), int))
print(id(x) == id(x), hash(x.__class__) == hash(list), repr(o) == repr(o), object() is not object())
