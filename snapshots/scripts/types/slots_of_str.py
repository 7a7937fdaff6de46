"""`__slots__` of a str's subclass: the words stand behind the characters, however many there are."""
import copy
import gc
import pickle


class Line(str):
    __slots__ = ("clean", "comments")

    def __new__(cls, text, clean=None):
        line = super().__new__(cls, text)
        if clean is not None:
            line.clean = clean
        return line


class Numbered(Line):
    __slots__ = ("number",)


class Open(Numbered):
    pass


for text in ("", "a", "é" * 7, "x" * 1000, "\U0001f600" * 3000, "y" * 100_000):
    for cls in (Line, Numbered, Open):
        line = cls(text, clean=[len(text)])
        line.comments = {"of": cls.__name__}
        if cls is not Line:
            line.number = 7.5
        if cls is Open:
            line.extra = object
            print(line.__dict__)
        gc.collect()
        print(cls.__name__, len(line), line == text, hash(line) == hash(text), line.clean, line.comments)
        del line.clean
        try:
            line.clean
        except AttributeError as error:
            print(str(error)[:60])
        other = copy.copy(line)
        print(type(other).__name__, other == line, other.comments is line.comments)

print(sorted(pickle.loads(pickle.dumps(Numbered("k", 3))).clean for _ in range(2)))
for name in ("clean", "number"):
    print(name, type(getattr(Numbered, name)).__name__, hasattr(Line("z"), name))

for base in (int, bytes, tuple, type):
    try:
        type("Bad", (base,), {"__slots__": ("a",)})
    except TypeError as error:
        print(error)
    type("Good", (base,), {"__slots__": ()})

kept = [Open(str(number), [number]) for number in range(20000)]
for line in kept:
    line.number = [line]
    line.other = (line,)
gc.collect()
print(all(line.number[0] is line and line.clean == [int(line)] and line.other == (line,) for line in kept))
try:
    class Both(Line, dict):
        pass
except TypeError as error:
    print(error)
