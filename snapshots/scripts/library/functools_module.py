# functools: caching, partial, reduce, singledispatch, wraps, cached_property.
import functools
from functools import *

calls = []


@lru_cache(maxsize=2)
def square(n, *, k=0):
    calls.append(n)
    return n * n + k


print([square(v) for v in (1, 2, 1, 3, 1, 2)], calls, square.cache_info(), square.cache_parameters(), square(2, k=1), square.__wrapped__(9))
square.cache_clear()
print(square.cache_info())


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(200), fib.cache_info().misses)
try:
    square([])
except TypeError as error:
    print(error)


@lru_cache(maxsize=None, typed=True)
def typed(v):
    return type(v).__name__


print(typed(1), typed(1.0), typed(True), typed.cache_info())
p = partial(int, base=2)
q = partial(p, "101")
print(p("11"), q(), p, q.func, q.args, q.keywords, partial(max, 1)(5, 3), partial(print, sep="-")("a", "b"), partial(pow, Placeholder, 2)(5))
p.attribute = 1
print(vars(p), reduce(lambda a, b: a + b, [1, 2, 3]), reduce(lambda a, b: a * b, [], 7), reduce(max, iter("hello")))


class M:
    def method(self, a, b):
        return a, b

    fixed = partialmethod(method, 1)

    @cached_property
    def expensive(self):
        print("computing")
        return 42

    @singledispatchmethod
    def kind(self, value):
        return "other"

    @kind.register
    def _(self, value: int):
        return "int"


m = M()
print(m.fixed(2), m.expensive, m.expensive, vars(m), m.kind(1), m.kind("s"))


@singledispatch
def show(value):
    return f"default {value!r}"


@show.register
def _(value: int | float):
    return f"number {value}"


@show.register(list)
def show_list(value):
    return f"list of {len(value)}"


print(show("a"), show(1), show(2.5), show([1]), show(True), show.dispatch(bool).__name__, sorted(t.__name__ for t in show.registry))


def decorated():
    "doc"


@wraps(decorated, updated=())
def wrapper():
    pass


print(wrapper.__name__, wrapper.__doc__, wrapper.__wrapped__ is decorated, WRAPPER_ASSIGNMENTS)
for f in (lambda: reduce(max, []), lambda: partial(), lambda: partial(5), lambda: lru_cache(maxsize="a"), lambda: cmp_to_key(5)(1) < 2, lambda: reduce(1, [1, 2]), lambda: show(), lambda: partial(int, Placeholder)):
    try:
        print(f())
    except TypeError as error:
        print(error)
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
