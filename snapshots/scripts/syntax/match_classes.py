# match: class patterns, __match_args__, as, and what can go wrong.
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


class Circle:
    __match_args__ = ("center", "radius")

    def __init__(self, center, radius):
        self.center, self.radius = center, radius


class Plain:
    pass


def describe(shape):
    match shape:
        case Point(0, 0):
            return "origin"
        case Point(x=0, y=y) | Point(x=y, y=0):
            return f"on an axis at {y}"
        case Point() as p:
            return f"point {p.x},{p.y}"
        case Circle(Point(0, y), radius=r) if r > y:
            return f"circle around axis {y} {r}"
        case Circle(radius=int(r)):
            return f"circle {r}"
        case bool(b):
            return f"bool {b}"
        case int(i):
            return f"int {i}"
        case dict(d):
            return f"dict {d}"
        case list([Point(x=x), *_]):
            return f"list of points from {x}"
        case Plain(missing=_):
            return "cannot be"
        case object():
            return "something"


for shape in [Point(0, 0), Point(0, 5), Point(4, 0), Point(1, 2), Circle(Point(0, 1), 2), Circle(Point(3, 1), 7),
              Circle(0, 1.5), True, 3, {1: 2}, [Point(8, 9)], [1], Plain()]:
    print(describe(shape))
for bad in ("Plain(1)", "Circle(1, 2, 3)", "Circle(1, center=1)", "int(1, 2)"):
    try:
        exec(f"match Circle(1, 2) if 'C' in {bad!r} else Plain() if 'P' in {bad!r} else 1:\n    case {bad}: pass")
    except (TypeError, SyntaxError) as error:
        print(type(error).__name__, error)
Plain.__match_args__ = [1]
try:
    match Plain():
        case Plain(1):
            pass
except TypeError as error:
    print(error)
