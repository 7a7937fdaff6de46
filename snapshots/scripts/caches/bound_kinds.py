# What an attribute may be besides data and functions, at one instruction, before and after it becomes something else.
import io


class Many:
    limit = 3

    def __init__(self):
        self.inner = 1

    @classmethod
    def create(cls, *args):
        return cls.__name__, args

    @staticmethod
    def plain(*args):
        return "static", args

    def method(self):
        return "method"


class Less(Many):
    pass


def use(thing):
    return thing.create(1), thing.plain(2), thing.create.__self__.__name__, thing.plain.__name__


for target in (Many, Many(), Less, Less()):
    for _ in range(2):
        print(use(target))

things = [Many(), Less()]
things[0].create = lambda *args: ("own", args)
things[0].plain = lambda *args: ("own", args)


def calls(thing):
    return thing.create(1), thing.plain(2), thing.method()


print([calls(thing) for thing in things for _ in range(2)])
Many.create = lambda self, *args: ("bound", args)
Less.plain = classmethod(lambda cls, *args: ("now", cls.__name__, args))
print([calls(thing) for thing in things])
holder = classmethod(lambda cls: "before")
Many.create = holder
print([Many.create() for _ in range(3)])
holder.__init__(lambda cls: "after")
print([Many.create() for _ in range(3)], Less.create())


# More attributes than the class's own methods assign.
def outside(thing):
    thing.a, thing.b, thing.c, thing.d = 1, 2, 3, 4
    thing.a += 10
    thing.d += 10
    return thing.a, thing.b, thing.c, thing.d


print([outside(thing) for thing in [Many(), Less(), Many(), Less()]])


def beyond(thing):
    try:
        return thing.d
    except AttributeError as error:
        return str(error)


thing = Many()
outside(thing)
print([beyond(thing) for _ in range(3)])
del thing.d
print(beyond(thing), beyond(Many()))
thing.d = "again"
thing.e = thing.f = thing.g = "more"
print(beyond(thing), thing.__dict__)
print(beyond(thing), outside(thing), thing.method())
thing.method = lambda: "in the dictionary"
print([thing.method() for _ in range(2)])
del thing.__dict__["method"]
print([thing.method() for _ in range(2)])
thing.__dict__ = {"d": "other"}
print([beyond(thing) for _ in range(2)], [thing.method() for _ in range(2)])


# Computed attributes of native types, and native objects with dictionaries.
def computed(thing):
    return thing.__class__.__name__, thing.__doc__ is None


print([computed(thing) for thing in (1, "a", thing, Many, computed) for _ in range(2)][::2])


def code_name(function):
    return function.__code__.co_name, function.__name__


print([code_name(function) for function in (computed, code_name, Many.method) for _ in range(2)])
computed.__name__ = "renamed"
print(code_name(computed))


class Text(io.StringIO):
    pass


def put(file, text):
    file.write(text)
    return file.tell()


print([put(file, text) for file in (io.StringIO(), Text()) for text in "ab"])
file = Text()
print(put(file, "x"))
file.write = lambda text: print("hidden", text)
print(put(file, "y"))
del file.write
print(put(file, "z"), file.getvalue())
print([type(value).__name__ for value in (1, type, Many, Many()) for _ in range(2)])


class Counted(type):
    def __call__(cls, *args):
        return "made", args


class Odd(metaclass=Counted):
    pass


print([kind(5) for kind in (type, Odd, Counted, type) if kind is not Counted])
