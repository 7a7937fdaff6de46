# What happens when arguments or defaults raise, and what callables can be.


def raises(label):
    print("eval", label)
    raise ValueError(label)


def f(*args, **kwargs):
    print("called")


for attempt in (lambda: f(1, raises("second"), raises("third")), lambda: f(k=raises("keyword"), *[raises("star")]),
                lambda: raises("callee")(raises("argument")), lambda: f(**{"a": raises("in mapping")})):
    try:
        attempt()
    except ValueError as error:
        print("->", error)
try:
    def broken(a=raises("default")):
        pass
except ValueError:
    print("broken" in globals())


class Callable:
    def __call__(self, *args, **kwargs):
        return args, kwargs


c = Callable()
print(c(1, x=2), callable(c), callable(Callable), callable(1))
c.__call__ = lambda: "instance attribute"
print(c())
Callable.__call__ = lambda self, *a: ("replaced", a)
print(c(5))


class Chain:
    def __init__(self, trail=""):
        self.trail = trail

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Chain(f"{self.trail}.{name}")

    def __call__(self, *args):
        return Chain(f"{self.trail}({', '.join(map(repr, args))})")

    def __getitem__(self, key):
        return Chain(f"{self.trail}[{key!r}]")


print(Chain().a.b(1, "x")[2].c()[1:2].trail)


class Meta(type):
    def __call__(cls, *args):
        print("meta call", cls.__name__, args)
        return super().__call__(*args[:1])


class Made(metaclass=Meta):
    def __new__(cls, *args):
        print("new", args)
        return super().__new__(cls)

    def __init__(self, *args):
        print("init", args)


Made(1, 2)


class Odd:
    def __new__(cls):
        return 5

    def __init__(self):
        print("never")


print(Odd())
