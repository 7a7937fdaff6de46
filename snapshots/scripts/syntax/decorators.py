# Decorators: order, any expression, on classes and methods.


def named(label):
    print("make", label)

    def decorate(thing):
        print("apply", label, getattr(thing, "__name__", type(thing).__name__))
        return thing

    return decorate


@named("outer")
@named("inner")
def function():
    return "result"


print(function())
registry = {}


@registry.setdefault("list", []).append
def lost():
    pass


print(lost, registry["list"][0].__name__)


@(lambda cls: type(cls.__name__ + "X", (cls,), {"added": True}))
class Thing:
    pass


print(Thing.__name__, Thing.added, Thing.__mro__[1].__qualname__)


class Methods:
    @staticmethod
    def s(a):
        return a

    @classmethod
    def c(cls, a):
        return cls.__name__, a

    @property
    def p(self):
        return "p"

    @p.setter
    def p(self, value):
        print("set", value)

    @[named][0]("subscript")
    def m(self):
        return "m"


m = Methods()
m.p = 3
print(m.s(1), Methods.c(2), m.p, m.m(), Methods.__dict__["s"].__wrapped__(9))


def count(f):
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@count
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(10), fib.calls)


@print
@str.upper
@lambda f: f.__name__
def shouted():
    pass


print(shouted)
