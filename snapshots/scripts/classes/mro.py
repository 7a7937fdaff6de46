# C3 linearisation, cooperative super, __bases__ assignment, inconsistent hierarchies.


class A:
    def m(self):
        return ["A"]


class B(A):
    def m(self):
        return ["B"] + super().m()


class C(A):
    def m(self):
        return ["C"] + super().m()


class D(B, C):
    def m(self):
        return ["D"] + super().m()


print(D().m(), [k.__name__ for k in D.__mro__], D.mro() == list(D.__mro__))
print(D.__bases__, A.__subclasses__(), D.__base__)
print(super(D, D()).m(), super(B, D()).m(), super(C, D).m(D()))
for bases in ((A, B), (B, B), (object, A), (int, str), (bool,), (type(None),), (1,), (type(lambda: 0),)):
    try:
        type("X", bases, {})
        print("fine", bases)
    except TypeError as error:
        print(str(error).replace("\n", " | "))


class E:
    def m(self):
        return ["E"]


C.__bases__ = (E,)
print(D().m(), [k.__name__ for k in D.__mro__])
try:
    A.__bases__ = (D,)
except TypeError as error:
    print(error)


class Meta(type):
    def mro(cls):
        return [cls, E, object]


class Custom(A, metaclass=Meta):
    pass


print(Custom.__mro__[1:], Custom().m(), isinstance(Custom(), A))


class Left(int):
    pass


class Right(int):
    pass


class Both(Left, Right):
    pass


print(Both(3) + 1, Both.__mro__[-2:], issubclass(Both, Left), issubclass(Left, Both))
s = super(D, D)
print(type(s).__name__, s.__thisclass__, s.__self_class__, repr(super(D, D()))[:25])
for call in (lambda: super(), lambda: super(A, 5), lambda: super(D, A()), lambda: super(1)):
    try:
        call()
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, error)
