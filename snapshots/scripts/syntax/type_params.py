# PEP 695 and 696: type parameters, bounds, defaults, type aliases, lazy evaluation.
from typing import Generic


def first[T](items: list[T]) -> T:
    return items[0]


class Box[T: (int, str), *Ts, **P]:
    kind: T

    def get[U](self, value: U) -> tuple[T, U]:
        return self, value


type Pair[A, B = int] = tuple[A, B]
type Recursive = list[Recursive] | None
type Lazy = print("evaluated") or int

print(first([1, 2]), first.__type_params__)
print(Box.__type_params__, Box.__orig_bases__, Box.__mro__[1:])
T, Ts, P = Box.__type_params__
print(T.__constraints__, T.__bound__, T.__name__, type(Ts).__name__, type(P).__name__)
print(Pair, Pair.__type_params__, Pair.__value__, Pair[str], Pair[str].__args__)
print(Pair.__type_params__[1].__default__, Pair.__type_params__[1].has_default(), T.has_default())
print(Recursive.__value__)
print("before")
print(Lazy.__value__, Lazy.__value__, Lazy.__name__)
print(Box.get.__type_params__, Box[int, str].__origin__ is Box, issubclass(Box, Generic))


def bounded[N: undefined_name](value: N) -> N:
    return value


print(bounded(3))
try:
    bounded.__type_params__[0].__bound__
except NameError as error:
    print(error)
print(first.__annotations__)


class Outer[T]:
    def method(self) -> T: ...

    class Inner[U]:
        pair: tuple[T, U]


print(Outer.method.__annotations__["return"] is Outer.__type_params__[0])
print(Outer.Inner.__annotations__)
for source in ("def f[T, T](): pass", "class A[T=int, U]: pass", "type X[*T: int] = T", "def f[T: (yield)](): pass"):
    try:
        compile(source, "s", "exec")
    except SyntaxError as error:
        print(error.msg)
