# Names in class bodies: globals, enclosing functions, nonlocal, __class__ cells, mangling.
x = "global"


def make():
    x = "enclosing"

    class A:
        print(x)
        x = "class"
        print(x)

        def method(self):
            return x

        nested = lambda self: x

    class B:
        global x
        print(x)

    class C:
        nonlocal x
        x = "rebound"

    return A().method(), A().nested(), A.x, x, hasattr(C, "x")


print(make())


class Late:
    y = x
    del y


print(hasattr(Late, "y"))


class Private:
    __hidden = 1
    __dunder__ = 2
    _Other__name = 3

    def __method(self, __arg=4):
        __local = 5
        return self.__hidden, __arg, __local, self._Other__name, self.__dunder__

    def call(self):
        return self.__method(), (lambda __q: __q)(6)

    class _Inner:
        __deep = 7


print(Private().call(), [n for n in sorted(vars(Private)) if "hidden" in n or "method" in n or "Other" in n])
print(Private._Private__hidden, Private._Inner._Inner__deep)


class Base:
    def who(self):
        return __class__.__name__


class Derived(Base):
    def who(self):
        return super().who() + "/" + __class__.__name__


print(Derived().who(), Base.who.__closure__[0].cell_contents is Base)
namespace = {}
exec("class K:\n    v = [1]\n    w = [u for u in v]\nr = K.w", namespace)
print(namespace["r"], Private.__qualname__, make.__code__.co_cellvars)
print(Private.__module__, Private._Inner.__qualname__, Private.call.__qualname__)
