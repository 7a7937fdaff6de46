# One instruction that meets more and more classes, in changing order, and classes that change meanwhile.


def make(index):
    class Kind:
        shared = index * 10

        def __init__(self):
            if index % 2:
                self.extra = 1
            self.value = index

        def method(self):
            return f"m{index}"

        @property
        def computed(self):
            return self.value * 2

        @staticmethod
        def fixed():
            return index

    Kind.__name__ = f"Kind{index}"
    return Kind


kinds = [make(index) for index in range(14)]
things = [kind() for kind in kinds]


def look(thing):
    thing.stored = thing.value
    return thing.value, thing.method(), thing.computed, thing.shared, thing.fixed(), thing.stored


for count in (1, 2, 4, 9, 14):
    for _ in range(3):
        seen = [look(thing) for thing in things[:count]]
    print(count, seen[-1], seen[0])


def call(thing):
    return thing.method()


for thing in things[:5]:
    call(thing)
kinds[2].method = lambda self: "replaced"
print([call(thing) for thing in things[:5]])
things[3].method = lambda: "own"
print([call(thing) for thing in things[:5]])
del things[3].method
del kinds[2].method
for thing in things[1:4]:
    try:
        print(call(thing))
    except AttributeError as error:
        print(error)


# Class attributes through the class, many classes at one instruction.
def of_class(kind):
    return kind.shared, kind.fixed()


print([of_class(kind) for kind in kinds for _ in range(2)][::5])
kinds[0].shared = "new"
kinds[1].fixed = staticmethod(lambda: "f")
print(of_class(kinds[0]), of_class(kinds[1]))


# Properties that raise, recurse, and go away.
class Sorry:
    @property
    def bad(self):
        raise ValueError("no")

    @property
    def missing(self):
        return self.nothing

    @property
    def deep(self):
        return self.deep


def get(name, thing):
    for _ in range(3):
        try:
            result = thing.bad if name == "bad" else thing.missing if name == "missing" else thing.deep
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
    return result


sorry = Sorry()
print(get("bad", sorry), "|", get("missing", sorry), "|", get("deep", sorry))
Sorry.bad = property(lambda self: "good")
print(get("bad", sorry))
del Sorry.bad
print(get("bad", sorry))
Sorry.bad = 5
print(get("bad", sorry))
