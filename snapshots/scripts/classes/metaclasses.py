# Metaclasses: __prepare__, __new__, __init__, conflicts, keyword arguments, __call__, derived selection.


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **keywords):
        print("prepare", name, bases, keywords)
        return {"prepared": True}

    def __new__(mcs, name, bases, namespace, **keywords):
        print("new", name, sorted(k for k in namespace if not k.startswith("__")))
        return super().__new__(mcs, name, bases, dict(namespace))

    def __init__(cls, name, bases, namespace, **keywords):
        print("init", name, keywords)
        super().__init__(name, bases, namespace)

    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)

    def __len__(cls):
        return 42

    def __getattr__(cls, name):
        return f"meta {name}"

    def __contains__(cls, item):
        return item == "in"

    @property
    def virtual(cls):
        return cls.__name__.upper()


class A(metaclass=Meta, flag=1):
    x = 1


class B(A, flag=2):
    pass


print(A().x, len(B), B.anything, "in" in A, A.virtual, type(B).__name__, B.prepared)
try:
    A().virtual
except AttributeError as error:
    print(error)


class Other(type):
    pass


class C(metaclass=Other):
    pass


try:
    class D(A, C):
        pass
except TypeError as error:
    print(error)


class Derived(Meta, Other):
    pass


class E(A, C, metaclass=Derived):
    pass


print(type(E).__mro__)


def function_meta(name, bases, namespace):
    return name, bases, sorted(namespace)


class F(1 .__class__, metaclass=function_meta):
    a = 1


print(F)
print(type("G", (A,), {"y": 2}).y, isinstance(A, Meta), issubclass(Meta, type))
for bad in (lambda: Meta("H"), lambda: type("x", (), {}, k=1), lambda: type.__new__(int, "a", (), {}), lambda: type.__call__(5)):
    try:
        bad()
    except TypeError as error:
        print(error)
