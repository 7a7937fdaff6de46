# property: every method, inheritance, documentation, read-only errors.


class T:
    def __init__(self):
        self._v = 1

    @property
    def v(self):
        "the value"
        return self._v

    @v.setter
    def v(self, value):
        if value < 0:
            raise ValueError("negative")
        self._v = value

    @v.deleter
    def v(self):
        print("deleting")
        del self._v

    @property
    def ro(self):
        return "read"

    wo = property(None, lambda self, value: print("write", value))
    nothing = property()


t = T()
t.v = 5
t.v += 1
print(t.v, T.v.__doc__, T.v.fget(t), T.v.__name__)
t.wo = 3
for action in (lambda: setattr(t, "ro", 1), lambda: delattr(t, "ro"), lambda: t.wo, lambda: setattr(t, "v", -1),
               lambda: t.nothing, lambda: setattr(t, "nothing", 1), lambda: delattr(t, "nothing")):
    try:
        action()
    except (AttributeError, ValueError) as error:
        print(type(error).__name__, error)
del t.v
try:
    t.v
except AttributeError as error:
    print(error)


class S(T):
    @T.v.getter
    def v(self):
        return "sub " + str(self._v)

    @property
    def ro(self):
        return super().ro + " more"


s = S()
s.v = 7
print(s.v, s.ro)


class Sub(property):
    def __get__(self, instance, owner=None):
        return super().__get__(instance, owner) if instance else "class access"


class U:
    @Sub
    def p(self):
        return 1


print(U.p, U().p)


class Fallback:
    @property
    def fails(self):
        raise AttributeError("inside")

    def __getattr__(self, name):
        return f"fallback {name}"


print(Fallback().fails)
p = property(lambda s: 1, doc="explicit")
print(p.__doc__, p.fset, p.__isabstractmethod__)
