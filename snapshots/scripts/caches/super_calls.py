# Methods found through super() at one instruction, for several classes, while orders and methods change.


class Base:
    def __init__(self, value):
        self.value = value

    def name(self):
        return "base"


class Middle(Base):
    def __init__(self, value):
        super().__init__(value)

    def name(self):
        return "middle " + super().name()


class Side(Base):
    def name(self):
        return "side " + super().name()


class Both(Middle, Side):
    pass


class Extra(Base):
    def name(self):
        return "extra"


things = [Middle(1), Both(2), Side(3)]


def names():
    return [thing.name() for thing in things for _ in range(2)]


print(names(), [thing.value for thing in things])
Base.name = lambda self: "changed"
print(names())
Side.name = Extra.name
print(names())
del Side.name
print(names())
Both.__bases__ = (Middle, Extra)
print(names())
things[0].__class__ = Both
print(names())
Middle.__bases__ = (Extra,)
print(names())


# A function whose __class__ cell is another class in each closure.
def build(base, text):
    class Made(base):
        def name(self):
            return text + super().name()

    return Made


First = build(Base, "1")
Second = build(First, "2")
Third = build(Extra, "3")
print([cls(0).name() for cls in (First, Second, Third, Second, First) for _ in range(2)])


# super() on classes, in class methods and __new__, and a replaced builtin.
class Counting(Base):
    made = 0

    def __new__(cls, *args):
        cls.made += 1
        return super().__new__(cls)

    @classmethod
    def create(cls, value):
        return cls(value)


class Sub(Counting):
    @classmethod
    def create(cls, value):
        return super().create(value + 1)


print([Sub.create(index).value for index in range(3)], Sub.made)


class Meta(type):
    def mro(cls):
        return super().mro()

    def call(cls):
        return super().__repr__().replace(cls.__name__, "X")


class OfMeta(metaclass=Meta):
    pass


print(OfMeta.call(), OfMeta.call())


class Proxy(Base):
    def name(self):
        return super().name()


proxy = Proxy(1)
print(proxy.name(), proxy.name())


class Fake:
    def name(self):
        return "fake"


original = super
super = lambda *args: Fake()
print(proxy.name())
super = original
print(proxy.name())
