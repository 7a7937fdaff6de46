# Classes whose metaclass makes the order: it may begin with another class, name strangers, or leave bases out.


class Stranger:
    def name(self):
        return "stranger"


class Backwards(type):
    def mro(cls):
        order = super().mro()
        order.reverse()
        return order


class Adding(type):
    def mro(cls):
        return [cls, Stranger, object]


class Base:
    kind = "base"

    def name(self):
        return "base"


class Reversed(Base, metaclass=Backwards):
    kind = "reversed"

    def name(self):
        return "reversed"


class Added(Base, metaclass=Adding):
    pass


class BelowAdded(Added):
    pass


def call(thing):
    return thing.name()


things = [Reversed(), Added(), BelowAdded()]
print([[cls.__name__ for cls in type(thing).__mro__] for thing in things])
print([call(thing) for thing in things for _ in range(3)], Reversed.kind, hasattr(Added, "kind"))
Stranger.name = lambda self: "changed"
print([call(thing) for thing in things for _ in range(3)])
Base.name = lambda self: "changed base"
print([call(thing) for thing in things for _ in range(3)])
del Stranger.name
for thing in things[1:]:
    try:
        print(call(thing))
    except AttributeError as error:
        print(error)
Base.kind = property(lambda self: "computed")
print(things[0].kind, isinstance(things[1], Base), issubclass(Added, Stranger))


# Slots of classes made from bases of all kinds, with and without names of their own.
class Plain:
    pass


class Eq:
    def __eq__(self, other):
        return True


class Both(Plain, Eq):
    def __len__(self):
        return 3


class Numbers(int):
    def __add__(self, other):
        return "added"


class More(Numbers):
    __radd__ = None


class Lists(list):
    __hash__ = object.__hash__


class Late(Both):
    pass


Both.__call__ = lambda self: "called"
Plain.__bool__ = lambda self: False
print(Plain() == 1, Eq() == 1, Both() == 1, len(Late()), Late()(), bool(Late()), Eq.__hash__, Both.__hash__)
print(Numbers(1) + 1, 1 + Numbers(1), More(2) + 1, hash(Lists()) != 0, isinstance(Lists(), list), len(Lists([1])))
try:
    print([] + More(1))
except TypeError as error:
    print(error)


# A class that is asked for attributes before it has an order.
class Asking(type):
    flag = "meta"

    def mro(cls):
        seen.append((cls.flag, hasattr(cls, "own"), cls.__name__, isinstance(cls, Asking), repr(cls)[-9:]))
        return type.mro(cls)


seen = []


class Asked(metaclass=Asking):
    own = 1
    flag = "class"


print(seen, Asked.flag, Asked.own)


class Calling:
    pass


Calling.__call__ = Calling()
try:
    Calling()()
except RecursionError as error:
    print("RecursionError")


class Early(type):
    def mro(cls):
        try:
            if cls.__name__ != "Below":
                type("Below", (cls,), {"own": 1})
        except TypeError as error:
            print(error, cls.__mro__)
        return type.mro(cls)


class Incomplete(metaclass=Early):
    pass


print(Incomplete.__mro__)
