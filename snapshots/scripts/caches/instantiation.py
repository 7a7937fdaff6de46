# Calls of classes at one instruction while __init__, __new__, abstractness and finalizers change.
import abc
import gc


def make(cls, *args):
    return cls(*args)


def one(cls):
    return cls(1)


def none(cls):
    return cls()


def attempt(function, *args):
    try:
        result = function(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return f"{type(result).__name__} {getattr(result, '__dict__', None)}"


class Plain:
    pass


class Init:
    def __init__(self, value):
        self.value = value


class Default:
    def __init__(self, value=7, *rest, key="k"):
        self.value, self.rest, self.key = value, rest, key


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Bad:
    def __init__(self, value):
        return value


class Raising:
    def __init__(self, value):
        raise KeyError(value)


for cls in (Plain, Init, Default, Slotted, Bad, Raising, int, list):
    for _ in range(2):
        first, second = attempt(one, cls), attempt(none, cls)
    print(cls.__name__, "|", first, "|", second, "|", attempt(make, cls, 1, 2))

Init.__init__ = lambda self, value: setattr(self, "other", value)
print(attempt(one, Init))
del Init.__init__
print(attempt(one, Init), "|", attempt(none, Init))
Plain.__init__ = lambda self: setattr(self, "late", 1)
print(attempt(none, Plain), "|", attempt(one, Plain))
Plain.__new__ = lambda cls: 5
print(attempt(none, Plain))
del Plain.__new__
print(attempt(none, Plain))


class Abstract(abc.ABC):
    def __init__(self, value):
        self.value = value


class Concrete(Abstract):
    pass


print(attempt(one, Abstract), attempt(one, Abstract))
Abstract.run = abc.abstractmethod(lambda self: None)
abc.update_abstractmethods(Abstract)
print(attempt(one, Abstract))


class Meta(type):
    def __call__(cls, *args):
        return "called", args


class WithMeta(metaclass=Meta):
    pass


print(one(WithMeta), none(WithMeta))


class Finalized:
    def __init__(self, value):
        self.value = value


print(attempt(one, Finalized), attempt(one, Finalized))
ended = []
Finalized.__del__ = lambda self: ended.append(self.value)
print([attempt(one, Finalized) for _ in range(20)][-1])
gc.collect()
# A word on the native stack may keep the last ones.
print(len(ended) > 10, set(ended))


# The instance is what the call gives, whatever __init__ does with its names, and however deep.
class Deep:
    def __init__(self, depth):
        self.depth = depth
        self.inner = Deep(depth - 1) if depth else None
        del self


deep, depths = Deep(20), []
while deep:
    depths.append(deep.depth)
    deep = deep.inner
print(depths)


class Endless:
    def __init__(self):
        self.inner = Endless()


try:
    Endless()
except RecursionError as error:
    print("RecursionError", error)
