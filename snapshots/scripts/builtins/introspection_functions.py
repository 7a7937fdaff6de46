# getattr family, isinstance family, dir, vars, type, id, callable, locals, globals, help-free introspection.


class A:
    "doc"
    cls = 1

    def __init__(self):
        self.inst = 2

    def __dir__(self):
        return ["b", "a"]


a = A()
print(getattr(a, "cls"), getattr(a, "x", 5), hasattr(a, "inst"), hasattr(a, "nope"), setattr(a, "new", 3), a.new, delattr(a, "new"), vars(a), dir(a))
for f in (lambda: getattr(a, "nope"), lambda: getattr(a, 1), lambda: setattr(a, 1, 2), lambda: delattr(a, "nope"), lambda: vars(5), lambda: hasattr(a, 1), lambda: getattr(), lambda: setattr(a, "x")):
    try:
        f()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)


class Raises:
    @property
    def p(self):
        raise ValueError("inside property")

    def __getattr__(self, name):
        raise AttributeError("custom message")


for f in (lambda: hasattr(Raises(), "p"), lambda: hasattr(Raises(), "q"), lambda: getattr(Raises(), "p", 1), lambda: getattr(Raises(), "q")):
    try:
        print(f())
    except (ValueError, AttributeError) as error:
        print(type(error).__name__, error)
print(type(1), type("a") is str, type(A), type(a).__name__, isinstance(a, A), isinstance(a, (int, A)), issubclass(A, object), isinstance(True, int), id(a) == id(a), callable(A), callable(a))
T = type("T", (A,), {"method": lambda self: self.cls, "attr": 5})
print(T().method(), T.attr, T.__bases__, T.__name__, T.__module__, T.__dict__["attr"], T.__doc__)


def f(x, y=2):
    z = 3
    inner = lambda: x
    return sorted(locals()), locals()["z"], "f" in globals(), __name__


print(f(1))


def snapshot():
    v = 1
    before = locals()
    v = 2
    before["v"] = 100
    return v, before["v"], locals()["v"], locals() is before


print(snapshot())
print([n for n in dir() if n in ("A", "a", "T", "f")], sorted(set(dir([])) - set(dir(object())))[:6], "__builtins__" in globals(), __name__, __doc__, __spec__)
print(dir(type("Empty", (), {"zz": 1}))[-1], [n for n in dir(A) if not n.startswith("__")], sorted(vars(A).keys() & {"cls", "__init__", "__doc__"}))
import builtins

print(len([n for n in dir(builtins) if n.islower() and not n.startswith("_")]), builtins.len is len, hasattr(builtins, "exit"), builtins.__name__)
builtins.injected = "from builtins"
print(injected)
del builtins.injected
try:
    injected
except NameError as error:
    print(error, error.name)
len = lambda v: "shadowed"
print(len([]), builtins.len([]))
del len
print(len([1]))
print(hash("a") == hash("a"), hash(1) == hash(1.0) == hash(True), repr(object())[:16], ascii("é"), format(3, "05"), type(iter([])).__name__, next(iter("q")), isinstance(print, type(len)))
