# object's own methods, __new__, __init__, __repr__, __format__, __sizeof__, __reduce__, __bool__.


class A:
    pass


a = A()
print(repr(a)[:18], str(a) == repr(a), a == a, a != A(), hash(a) == hash(a), bool(a))
print(a.__format__("") == str(a), A.__doc__, A.__module__, A.__qualname__, A.__dict__["__module__"])
for action in (lambda: format(a, "x"), lambda: object.__new__(), lambda: object.__new__(int), lambda: A(1), lambda: object.__init__(), lambda: a < a,
               lambda: object().x, lambda: int.__new__(str), lambda: object.__new__(1), lambda: a()):
    try:
        print(action())
    except (TypeError, AttributeError) as error:
        print(error)


class New:
    def __new__(cls, *args, **kwargs):
        print("new", args, kwargs)
        return super().__new__(cls)

    def __init__(self, a, b=0):
        print("init", a, b)


New(1, b=2)
try:
    New(1, c=2)
except TypeError as error:
    print(error)


class Singleton:
    instance = None

    def __new__(cls):
        cls.instance = cls.instance or super().__new__(cls)
        return cls.instance


print(Singleton() is Singleton())


class R:
    def __repr__(self):
        return 5


class S:
    def __str__(self):
        return b"x"


for action in (lambda: repr(R()), lambda: str(R()), lambda: str(S()), lambda: f"{R()!r}", lambda: print(S())):
    try:
        action()
    except TypeError as error:
        print(error)


class OnlyRepr:
    def __repr__(self):
        return "only repr"


class Init:
    def __init__(self):
        return 1


print(str(OnlyRepr()), f"{OnlyRepr()}", [OnlyRepr()], "%s" % OnlyRepr())
try:
    Init()
except TypeError as error:
    print(error)
print(a.__reduce_ex__(2)[1], object().__dir__()[:1] != [], "__eq__" in dir(a), A.__basicsize__ > 0)
print(type(a) is A, type(A) is type, type(type) is type, isinstance(type, object), issubclass(type, object), object.__bases__, object.__base__)


class Sub(int):
    def __new__(cls, value):
        return super().__new__(cls, value * 2)

    def __repr__(self):
        return f"Sub({int(self)})"


print(Sub(4), Sub(4) + 1, [Sub(1)], type(Sub(1) + Sub(1)).__name__, isinstance(Sub(0), int), Sub(3) == 6)
