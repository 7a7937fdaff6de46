# Bound and unbound methods, function attributes, equality, binding through classes.


class A:
    def m(self, x=1):
        "doc of m"
        return self, x

    other = len
    made = lambda self: "lambda"

    @staticmethod
    def s():
        return "static"

    @classmethod
    def c(cls):
        return cls


a, b = A(), A()
bound = a.m
print(bound()[0] is a, bound.__self__ is a, bound.__func__ is A.m, bound.__name__, bound.__doc__)
print(a.m == a.m, a.m is a.m, a.m == b.m, hash(a.m) == hash(a.m), A.m is A.m)
print(A.c.__self__ is A, a.c() is A, A.s is a.s, a.made(), A.other([1, 2]))
print(type(bound).__name__, type(A.m).__name__, type(len).__name__, type([].append).__name__, type(list.append).__name__)
import types

free = types.MethodType(lambda self, y: (self, y), 5)
print(free(6), free.__self__)
function = A.m
print(function(9), function.__get__(a)()[0] is a, function.__get__(None, A) is function)
A.added = lambda self: "added later"
print(a.added())
a.instance = lambda *args: args
print(a.instance())
try:
    bound.attribute = 1
except AttributeError as error:
    print(error)
function.attribute = 2
print(bound.attribute)
print([].append.__self__, "x".join.__name__, list.append.__qualname__, dict.fromkeys.__self__)
try:
    list.append(1, 2)
except TypeError as error:
    print(error)
try:
    list.append()
except TypeError as error:
    print(error)
print(list.append.__get__([1])(2), str.upper("x"), int.__add__(1, 2), (1).__add__("a"))
print(repr(len), repr([].append)[:33], repr(list.append), repr(int.__add__), repr((1).__add__)[:36])
print(A.m.__qualname__, A.c.__qualname__, str(A.m)[:16], repr(bound)[:21])
method = types.FunctionType(A.m.__code__, {}, "renamed", (7,))
print(method(1), method.__name__, method.__globals__)
