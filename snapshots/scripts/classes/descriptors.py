# Data and non-data descriptors, their precedence, __set_name__, deletion.


class Data:
    def __set_name__(self, owner, name):
        print("named", owner.__name__, name)
        self.name = name

    def __get__(self, instance, owner=None):
        return f"get {self.name} {type(instance).__name__} {owner and owner.__name__}"

    def __set__(self, instance, value):
        print("set", self.name, value)
        instance.__dict__[self.name] = value

    def __delete__(self, instance):
        print("delete", self.name)
        del instance.__dict__[self.name]


class NonData:
    def __get__(self, instance, owner):
        return "non-data"


class SetOnly:
    def __set__(self, instance, value):
        instance.__dict__["s"] = value * 2


class A:
    d = Data()
    n = NonData()
    s = SetOnly()


a = A()
print(a.d, A.d, a.n)
a.d = 1
print(a.d, vars(a))
a.n = "instance"
print(a.n, A.n)
a.s = 5
print(a.s, type(A.s).__name__)
del a.d
try:
    del a.d
except KeyError as error:
    print("KeyError", error)
try:
    del a.s
except AttributeError as error:
    print(error)
A.d = "replaced"
print(a.d, A.__dict__["d"])


class Meta(type):
    m = Data()


class B(metaclass=Meta):
    pass


print(B.m)
try:
    B.m = 3
except TypeError as error:
    print(error)
late = Data()
try:
    late.__get__(None, A)
except AttributeError as error:
    print(error)
A.late = late
print(hasattr(late, "name"))
late.__set_name__(A, "late")
print(a.late)


class Broken:
    def __set_name__(self, owner, name):
        raise ValueError("no name")


try:
    class C:
        b = Broken()
except ValueError as error:
    print(repr(error), error.__notes__)


class Lazy:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        print("computing")
        value = instance.__dict__[self.function.__name__] = self.function(instance)
        return value


class D:
    @Lazy
    def value(self):
        return 99


d = D()
print(d.value, d.value)
