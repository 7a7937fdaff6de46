"""Equality of tuples and their subclasses: which comparisons are asked, in which order."""

from collections import namedtuple

asked = []


class Item:
    def __init__(self, name, answer):
        self.name, self.answer = name, answer

    def __eq__(self, other):
        asked.append((self.name, getattr(other, "name", other)))
        return self.answer

    __hash__ = None


class Shy(Item):
    pass


class Text:
    def __init__(self, truth):
        self.truth = truth

    def __bool__(self):
        asked.append("bool")
        return self.truth


def show(label, function):
    asked.clear()
    try:
        print(label, function(), asked)
    except Exception as error:
        print(label, f"{type(error).__name__}: {error}", asked)


yes, no = Item("yes", True), Item("no", False)
unsure, other = Item("unsure", NotImplemented), Item("other", NotImplemented)
show("same", lambda: (no,) == (no,))
show("yes", lambda: (yes, 1) == (no, 1))
show("no", lambda: (no, yes) == (yes, no))
show("not implemented", lambda: (unsure,) == (other,))
show("not implemented, differs", lambda: (unsure,) != (other,))
show("subclass first", lambda: (Item("base", False),) == (Shy("sub", True),))
show("objects", lambda: (Item("x", Text(True)), 1) == (yes, 1))
show("false objects", lambda: [Item("x", Text(False)), 1] == [yes, 1])
show("shorter", lambda: (yes,) == (no, 1))
show("longer", lambda: (no, yes, 1) == (yes,))
show("in", lambda: yes in (no, unsure, 1, yes))
show("index", lambda: (no, unsure, yes).index(other))
show("count", lambda: (1, 1.0, True, yes).count(1))
show("nested", lambda: ((1, (2, no)),) == ((1, (2, yes)),))
Point, Pair = namedtuple("Point", "x y"), namedtuple("Pair", "x y")
show("named", lambda: (Point(1, 2) == Pair(1, 2), Point(1, 2) == (1, 2), (1, 3) != Point(1, 2)))


class Odd(tuple):
    def __eq__(self, other):
        asked.append("odd")
        return NotImplemented

    __hash__ = tuple.__hash__


show("odd", lambda: (Odd((1,)) == Odd((1,)), (1,) == Odd((1,)), Odd((1,)) == (1,)))
show("odd key", lambda: {Odd((1, 2)): "v"}.get((1, 2)))
nan = float("nan")
show("nan", lambda: ((nan,) == (nan,), (1, 2.0) == (1.0, 2)))
show("text", lambda: ((1, "ab") == (1, "a" + "b"), ("é",) == ("e",), (b"a",) == (b"a",), (2**70,) == (2**70,)))
