# Arithmetic dunders: forward, reflected, in place, NotImplemented, priority of subclasses.
import operator

NAMES = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor", "matmul"]


class V:
    pass


def binary(name, kind):
    return lambda self, other: f"{kind}{name}({type(self).__name__},{other if isinstance(other, int) else type(other).__name__})"


for name in NAMES:
    setattr(V, f"__{name}__", binary(name, ""))
    setattr(V, f"__r{name}__", binary(name, "r"))
v = V()
print(v + 1, 1 + v, v - 1, 1 - v, v * 2, 2 * v, v / 2, 2 / v, v // 2, 2 // v)
print(v % 2, 2 % v, v ** 2, 2 ** v, v << 1, 1 << v, v >> 1, 1 >> v, v & 1, 1 & v, v | 1, 1 | v, v ^ 1, 1 ^ v, v @ 1, 1 @ v)
w = v
w += 1
print(w)


class Sub(V):
    def __radd__(self, other):
        return "sub first"


print(V() + Sub(), Sub() + V(), V() - Sub())


class InPlace:
    def __iadd__(self, other):
        return "iadd"

    def __imatmul__(self, other):
        return NotImplemented

    def __matmul__(self, other):
        return "matmul"


i = InPlace()
i += 1
print(i)
i = InPlace()
i @= 1
print(i)


class Refuse:
    def __add__(self, other):
        return NotImplemented

    def __lt__(self, other):
        return NotImplemented


for action in (lambda: Refuse() + 1, lambda: 1 + Refuse(), lambda: Refuse() < 1, lambda: Refuse() > Refuse(), lambda: "a" + 1, lambda: 1 + "a",
               lambda: [] + (), lambda: {} | 1, lambda: -"a", lambda: ~1.5, lambda: +None, lambda: 1 @ 2, lambda: "a" * "b", lambda: 2 ** "a",
               lambda: pow(Refuse(), 1, 2), lambda: 1 << 1.0, lambda: divmod("a", 1), lambda: abs([]), lambda: operator.iadd(Refuse(), 1)):
    try:
        print(action())
    except TypeError as error:
        print(error)


class Unary:
    __neg__ = lambda self: "neg"
    __pos__ = lambda self: "pos"
    __invert__ = lambda self: "invert"
    __abs__ = lambda self: "abs"
    __round__ = lambda self, n=None: f"round {n}"
    __trunc__ = __floor__ = __ceil__ = lambda self: 7
    __int__ = lambda self: 8
    __index__ = lambda self: 3
    __float__ = lambda self: 2.5
    __complex__ = lambda self: 1j
    __divmod__ = lambda self, other: ("divmod", other)
    __pow__ = lambda self, other, modulo=None: ("pow", other, modulo)


import math

u = Unary()
print(-u, +u, ~u, abs(u), round(u), round(u, 2), math.trunc(u), math.floor(u), int(u), float(u), complex(u), divmod(u, 1), pow(u, 2, 3), u ** 4)
print(hex(u), [0, 1, 2, 3][u], range(u), "x" * u, chr(u) == "\x03")
