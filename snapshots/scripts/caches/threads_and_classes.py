# Threads read and write through caches while the main thread changes classes, members, orders and globals.
import threading


class Base:
    __slots__ = ("x",)
    level = 0

    def __init__(self, x):
        self.x = x

    def method(self):
        return "base"


class Derived(Base):
    __slots__ = ()

    def method(self):
        return "derived " + super().method()


class Open:
    def __init__(self, x):
        self.x = x

    def method(self):
        return "open"

    @property
    def twice(self):
        return self.x * 2


member = Base.x
current = 0
stop = threading.Event()
allowed = {
    "x": {1, 2, "class", "shadow", "missing"},
    "method": {"base", "changed", "derived base", "derived changed", "open", "own"},
    "level": set(range(200)) | {"missing"},
}
wrong = []


def read(thing, results):
    try:
        results["x"] = thing.x
    except AttributeError:
        results["x"] = "missing"
    results["method"] = thing.method()
    results["level"] = getattr(thing, "level", "missing")


def work():
    global current
    while not stop.is_set():
        for make in (Base, Derived, Open):
            try:
                thing = make(1)
                thing.x = 2
            except AttributeError:
                thing = make.__new__(make)
            results = {}
            read(thing, results)
            for key, value in results.items():
                if value not in allowed[key]:
                    wrong.append((key, value))
            current = make
        if Open(2).twice not in (4, 6):
            wrong.append("twice")


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for index in range(150):
    Base.level = index
    Derived.x = "shadow"
    Base.method = (lambda self: "changed") if index % 2 else (lambda self: "base")
    del Derived.x
    if index % 10 == 0:
        del Base.x
        Base.x = "class"
        Base.x = member
        Open.twice = property(lambda self: self.x * 3)
    Open.method = lambda self: "own"
    Open.twice = property(lambda self: self.x * 2)
    globals().pop("current", None)
    globals()["current"] = index
stop.set()
for thread in threads:
    thread.join()
print(sorted(map(str, wrong))[:5], Base(1).x, Derived(2).method(), Base.level)
