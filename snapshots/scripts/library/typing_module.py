# typing: generics, protocols, special forms, hints, NamedTuple, TypedDict, overload, Literal.
import typing
from typing import *

T = TypeVar("T")
K = TypeVar("K", bound=int)


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> None:
        self.items.append(item)


s = Stack[int]()
s.push("not checked")
print(s.items, Stack[int], Stack[int].__origin__ is Stack, s.__orig_class__, Stack.__parameters__, Stack[str].__args__, Dict[str, T][int], Optional[int], Union[int, str, int], Callable[[int], str], Callable[..., Any], Tuple[int, ...], Literal[1, "a", 1], Annotated[int, "meta"].__metadata__, Type[int], ClassVar[int], Final[str])
print(get_origin(List[int]), get_args(Dict[str, int]), get_args(Callable[[int, str], bool]), get_origin(Union[int, None]), get_args(Literal[1, 2]), T, K, K.__bound__, repr(ForwardRef("X")), Any, NoReturn, Self, TypeAlias, List, List[T], Iterable[int])


@runtime_checkable
class Sized(Protocol):
    size: int

    def grow(self, by: int) -> int: ...


class Good:
    size = 1

    def grow(self, by):
        return by


print(isinstance(Good(), Sized), isinstance(1, Sized), typing.get_protocol_members(Sized) == {"size", "grow"}, typing.is_protocol(Sized))


class Emp(NamedTuple):
    name: str
    id: int = 3


class Movie(TypedDict, total=False):
    title: Required[str]
    year: NotRequired[int]


print(Emp("x"), Emp._fields, Emp.__annotations__, Movie(title="t"), Movie.__required_keys__, Movie.__optional_keys__, Movie.__total__, typing.is_typeddict(Movie))


def f(a: "int", b: Optional[T] = None, *args: str, **kw: Any) -> "Stack[int]": ...


print(get_type_hints(f), get_type_hints(Emp), get_type_hints(Annotated[int, 1] and f, include_extras=True)["a"])
UserId = NewType("UserId", int)
print(UserId(5), UserId, UserId.__supertype__, cast(int, "x"), assert_type(1, int), typing.TYPE_CHECKING, NewType("A", int).__name__)


@overload
def g(a: int) -> int: ...
@overload
def g(a: str) -> str: ...
def g(a):
    return a


print(len(get_overloads(g)), g("x"), final(Good).__final__, override(Good.grow).__override__, no_type_check(f).__no_type_check__)
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")
print(P.args, P.kwargs, Callable[P, T], Callable[Concatenate[int, P], T], Tuple[Unpack[Ts]], Generic[T, Unpack[Ts]], reveal_type.__name__)
for action in (lambda: List[int, str], lambda: Union[()], lambda: Optional[int, str], lambda: Generic[int], lambda: isinstance(1, List[int]), lambda: Callable[int], lambda: TypeVar("A", int), lambda: Any(), lambda: Protocol(), lambda: isinstance(1, Protocol[T]) , lambda: Literal(), lambda: ClassVar[1, 2], lambda: Stack[int, str], lambda: T(), lambda: assert_never(5), lambda: get_type_hints(5), lambda: Union[1], lambda: type("S", (List[int], int), {}) , lambda: Annotated[int], lambda: TypedDict("M", x=int)):
    try:
        print(action())
    except (TypeError, AssertionError) as error:
        print(type(error).__name__, error)
