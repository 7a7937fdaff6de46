# Every kind of parameter against every kind of argument.


def f(a, b, /, c, d=4, *args, e, g=7, **kwargs):
    return a, b, c, d, args, e, g, kwargs


print(f(1, 2, 3, e=5))
print(f(1, 2, c=3, e=5, g=8))
print(f(1, 2, 3, 4, 5, 6, e=7, z=1, a=2))
print(f(*[1, 2], **{"c": 3, "e": 4}))
print(f(1, *[2, 3], *(), e=0, **{}, **{"k": 1}))


def only(*, k, j=2):
    return k, j


print(only(k=1), only(j=1, k=2))


def positional(a, b=2, /):
    return a, b


print(positional(1), positional(1, 3))


def star(*args):
    return args


print(star(), star(*range(3), *"ab", 4))


def kw(**k):
    return k


print(kw(), kw(self=1, **{"not an identifier": 2}, kw=3))


def default_once(x, seen=[]):
    seen.append(x)
    return seen


print(default_once(1), default_once(2), default_once(3, []), default_once.__defaults__)
n = 1


def captured(v=n):
    return v


n = 2
print(captured())
captured.__defaults__ = (5,)
print(captured())
captured.__kwdefaults__ = None
only.__kwdefaults__ = {"k": "d", "j": "e"}
print(only())
order = []
kw(**{"a": order.append(1)}, b=order.append(2), **{"c": order.append(3)})
star(order.append(4), *[order.append(5)])
print(order)
print((lambda *a, **k: (a, k))(1, *[2], x=3, **{"y": 4}))


class Mapping:
    def keys(self):
        return ["p", "q"]

    def __getitem__(self, key):
        return key.upper()


print(kw(**Mapping()))
