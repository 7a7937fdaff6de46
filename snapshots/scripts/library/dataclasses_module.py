# dataclasses: fields, defaults, ordering, frozen, slots, kw_only, inheritance, replace.
import dataclasses
from dataclasses import dataclass, field


@dataclass(order=True)
class Item:
    name: str
    price: float = 1.5
    tags: list = field(default_factory=list, compare=False, repr=False)
    count: dataclasses.InitVar[int] = 2
    total: float = field(init=False)
    shared: "dataclasses.ClassVar[int]" = 0

    def __post_init__(self, count):
        self.total = self.price * count


a, b = Item("a"), Item("b", 2.0, ["t"], 3)
print(a, b, a == Item("a"), a < b, sorted([b, a])[0].name, a.tags is not Item("a").tags, b.total)
print(dataclasses.asdict(b), dataclasses.astuple(a), dataclasses.replace(b, name="c", count=1), [f.name for f in dataclasses.fields(Item)], dataclasses.is_dataclass(a), Item.__match_args__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


p = Point(x=1)
print(p, hash(p) == hash(Point(x=1, y=0)), Point.__slots__, {p: 1}[Point(x=1)])
for f in (lambda: setattr(p, "x", 2), lambda: delattr(p, "x"), lambda: Point(1), lambda: Point(), lambda: hash(a), lambda: a < 5, lambda: dataclasses.replace(p, z=1), lambda: dataclasses.fields(5)):
    try:
        print(f())
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)


@dataclass
class Base:
    a: int
    b: int = 2


@dataclass
class Derived(Base):
    c: int = 3
    a: int = 10
    _: dataclasses.KW_ONLY
    k: str = "kw"


print(Derived(), Derived(1, 2, 3, k="z"), [f.kw_only for f in dataclasses.fields(Derived)])
for body in ("x: list = []", "x: int = 1\n y: int", "x: int = field(default=1, default_factory=list)"):
    try:
        exec(f"@dataclass\nclass C:\n {body}")
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
made = dataclasses.make_dataclass("Made", [("x", int), ("y", int, field(default=5))], namespace={"sum": lambda self: self.x + self.y})
print(made(1), made(1).sum(), made.__module__)


@dataclass(eq=False, repr=False, init=False, unsafe_hash=False)
class Bare:
    x: int = 1


print(Bare() == Bare(), Bare().x, "Bare object" in repr(Bare()))


@dataclass
class Node:
    value: int
    next: "Node | None" = None


n = Node(1)
n.next = n
print(n, dataclasses.field(default=1).default, dataclasses.asdict(Node(1, Node(2))))
