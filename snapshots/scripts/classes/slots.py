# __slots__: layout, inheritance, defaults, weakrefs, and what is refused.
import weakref


class P:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


p = P(1, 2)
print(p.x, p.y, hasattr(p, "__dict__"), P.x, type(P.x).__name__)
for action in (lambda: setattr(p, "z", 1), lambda: weakref.ref(p), lambda: p.z):
    try:
        action()
    except (AttributeError, TypeError) as error:
        print(error)
del p.x
for action in (lambda: p.x, lambda: delattr(p, "x")):
    try:
        action()
    except AttributeError as error:
        print(error)
p.x = 3


class Q(P):
    __slots__ = ["z", "__weakref__"]


class R(P):
    pass


q, r = Q(1, 2), R(3, 4)
q.z = 5
r.anything = 6
print(q.x, q.z, weakref.ref(q)() is q, vars(r), Q.__slots__)
try:
    q.other = 1
except AttributeError as error:
    print(error)


class D:
    __slots__ = {"a": "doc of a", "__dict__": None}


d = D()
d.b = 1
print(vars(d), D.a.__doc__)


class Private:
    __slots__ = "__hidden"

    def set(self):
        self.__hidden = 1
        return self.__hidden


print(Private().set(), [n for n in dir(Private) if "hidden" in n])
for body in ({"__slots__": "a", "a": 1}, {"__slots__": "not valid"}, {"__slots__": 1}, {"__slots__": ("__dict__", "__dict__")}):
    try:
        type("Bad", (), body)
        print("fine")
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
for bases in ((int,), (P, Q), (P, D), (tuple,)):
    try:
        print(type("T", bases, {"__slots__": ("w",)}).__slots__)
    except TypeError as error:
        print(error)


class Empty(int):
    __slots__ = ()


try:
    Empty(1).x = 2
except AttributeError as error:
    print(error)
print(P.x.__get__(p), P.x.__set__(p, 9), p.x)
