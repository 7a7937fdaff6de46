# __init_subclass__, __class_getitem__, __set_name__ order, __instancecheck__, __subclasshook__.


class Plugin:
    registry = []

    def __init_subclass__(cls, /, tag=None, **rest):
        super().__init_subclass__(**rest)
        cls.registry.append((cls.__name__, tag))


class One(Plugin, tag="first"):
    pass


class Two(One):
    pass


print(Plugin.registry)
try:
    class Three(Plugin, unknown=1):
        pass
except TypeError as error:
    print(error)


class Generic:
    def __class_getitem__(cls, item):
        return cls.__name__, item


print(Generic[int], Generic[1, 2], Generic[...])
try:
    Plugin[int]
except TypeError as error:
    print(error)


class Check(type):
    def __instancecheck__(cls, instance):
        print("instancecheck", instance)
        return instance == 5

    def __subclasscheck__(cls, subclass):
        print("subclasscheck", subclass.__name__)
        return subclass is str


class Fake(metaclass=Check):
    pass


print(isinstance(5, Fake), isinstance(6, Fake), issubclass(str, Fake), issubclass(int, (Fake, float)))
print(isinstance(Fake(), Fake))
import abc


class Sized(abc.ABC):
    @abc.abstractmethod
    def __len__(self): ...

    @classmethod
    def __subclasshook__(cls, other):
        return any("__len__" in base.__dict__ for base in other.__mro__) or NotImplemented


class Quack:
    def __len__(self):
        return 0


print(isinstance(Quack(), Sized), issubclass(list, Sized), isinstance(1, Sized))
try:
    Sized()
except TypeError as error:
    print(error)
Sized.register(int)
print(isinstance(1, Sized))


class Half(abc.ABC):
    @property
    @abc.abstractmethod
    def p(self): ...

    @abc.abstractmethod
    def q(self): ...


class Impl(Half):
    p = 1


for cls in (Half, Impl):
    try:
        cls()
    except TypeError as error:
        print(error)
print(sorted(Half.__abstractmethods__), isinstance(True, (int, (str, bytes))), isinstance(1, int | str), issubclass(bool, int))
