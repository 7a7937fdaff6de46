# __getattribute__, __getattr__, __setattr__, __delattr__, __dir__, __class__ assignment, __dict__.


class Log:
    def __getattribute__(self, name):
        if not name.startswith("__"):
            print("getattribute", name)
        return super().__getattribute__(name)

    def __getattr__(self, name):
        print("getattr", name)
        if name == "missing":
            raise AttributeError("really missing")
        return name * 2

    def __setattr__(self, name, value):
        print("setattr", name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("delattr", name)
        super().__delattr__(name)

    def __dir__(self):
        return ["z", "a"]


o = Log()
o.x = 1
print(o.x, o.y)
del o.x
print(hasattr(o, "missing"), getattr(o, "missing", "default"), dir(o))
try:
    o.missing
except AttributeError as error:
    print(error, error.name, error.obj is o)
object.__setattr__(o, "quiet", 1)
print(vars(o))


class A:
    def who(self):
        return "A"


class B:
    def who(self):
        return "B"


a = A()
a.attribute = 1
a.__class__ = B
print(a.who(), a.attribute, type(a).__name__)
for bad in (int, 5):
    try:
        a.__class__ = bad
    except TypeError as error:
        print(error)
a.__dict__ = {"swapped": True}
print(a.swapped, hasattr(a, "attribute"))
a.__dict__["injected"] = 2
print(a.injected, sorted(vars(a)))
d = vars(a)
a.late = 3
print(d["late"], d is a.__dict__)
del a.__dict__
print(vars(a))
try:
    a.__dict__ = 1
except TypeError as error:
    print(error)
for action in (lambda: a.nope, lambda: A.nope, lambda: (1).nope, lambda: None.nope, lambda: setattr(1, "a", 1), lambda: delattr(a, "nope"),
               lambda: setattr(int, "a", 1), lambda: len.nope, lambda: setattr(object(), "a", 1), lambda: A().whoo):
    try:
        action()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
