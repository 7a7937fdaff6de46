# Enum, IntEnum, Flag, StrEnum, auto, aliases, iteration, lookup, errors.
import enum
from enum import *


class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1

    def describe(self):
        return f"{self.name.lower()}={self.value}"

    @classmethod
    def default(cls):
        return cls.GREEN


print(Color.RED, repr(Color.RED), Color(2), Color["RED"], Color.CRIMSON is Color.RED, list(Color), Color.__members__, len(Color), Color.RED.describe(), Color.default(), Color.RED in Color, 1 in Color, 9 in Color)
print(isinstance(Color.RED, Color), Color.RED == 1, hash(Color.RED) == hash("RED"), {Color.RED: 1}[Color.CRIMSON], f"{Color.RED}", Color.RED.name, type(Color.RED), [c.name for c in reversed(Color)])


class Num(IntEnum):
    ONE = auto()
    TWO = auto()


class S(StrEnum):
    A = auto()
    B = "bee"


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W


print(Num.ONE + 1, Num.TWO > 1, f"{Num.ONE}", repr(Num.TWO), sorted([Num.TWO, Num.ONE]), [10, 20, 30][Num.ONE], S.A, repr(S.B), S.A + "x", f"{S.B:>5}")
print(Perm.R | Perm.X, repr(Perm.RW), Perm.R in Perm.RW, ~Perm.R, Perm.R & Perm.W, bool(Perm(0)), list(Perm.RW), Perm(5), Perm.RW ^ Perm.R, len(Perm.RW), Perm.RW.value, Perm["RW"])


class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    @property
    def ratio(self):
        return round(self.mass / self.radius, 3)


print(Planet.EARTH.ratio, Planet.MARS.value, Planet((0.64, 3.39)))


@unique
class U(Enum):
    A = 1


class Missing(Enum):
    X = 1

    @classmethod
    def _missing_(cls, value):
        return cls.X if value == "x" else None


print(Missing("x"), Enum("Fn", "P Q R", start=5)["Q"].value, enum.Enum("D", {"K": 1}).K, enum.member, enum.nonmember(1).value)
for f in (lambda: Color(9), lambda: Color["NO"], lambda: Color.NO, lambda: setattr(Color, "RED", 5), lambda: exec("class X(Color):\n    Y = 3"), lambda: unique(Color), lambda: Color.RED < Color.GREEN, lambda: Missing("y"), lambda: Perm(64), lambda: exec("class D(Enum):\n    A = 1\n    A = 2"), lambda: delattr(Color, "RED"), lambda: Num("x")):
    try:
        print(f())
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        print(type(error).__name__, error)


class Strict(IntFlag, boundary=CONFORM):
    A = 1
    B = 2


print(Strict(7), Strict.A | 8, Strict.A + 1, repr(Strict(3)), int(Strict.B))
