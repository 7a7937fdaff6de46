# copy and pickle: shallow, deep, memo, hooks, protocols, recursive structures.
import copy
import copyreg
import pickle
from collections import OrderedDict, deque, namedtuple
from datetime import date
from enum import Enum

a = [1, [2, 3], {"k": [4]}]
s, d = copy.copy(a), copy.deepcopy(a)
a[1].append(99)
print(s, d, s[1] is a[1], d[1] is a[1], copy.copy((1, 2)), copy.deepcopy({(1, 2): {3}}), copy.copy(len) is len)
loop = []
loop.append(loop)
deep = copy.deepcopy(loop)
print(deep[0] is deep, deep is not loop)
shared = [1]
pair = copy.deepcopy([shared, shared])
print(pair[0] is pair[1])


class P:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(other) is P and self.x == other.x

    def __repr__(self):
        return f"P({self.x!r})"


class Hooks:
    def __copy__(self):
        return "shallow"

    def __deepcopy__(self, memo):
        return "deep", type(memo).__name__

    def __replace__(self, **changes):
        return changes


class State:
    def __init__(self):
        self.kept, self.dropped = 1, 2

    def __getstate__(self):
        return {"kept": self.kept}

    def __setstate__(self, state):
        self.__dict__.update(state, restored=True)


class Slots:
    __slots__ = ("a", "b")


class Args(str):
    def __getnewargs_ex__(self):
        return (str(self),), {}


class Color(Enum):
    RED = 1


Pt = namedtuple("Pt", "x y")
print(copy.copy(Hooks()), copy.deepcopy(Hooks()), copy.replace(Hooks(), a=1), copy.deepcopy(P([1])), vars(copy.copy(State())), copy.copy(OrderedDict(a=1)), copy.deepcopy(deque([1], 3)))
slots = Slots()
slots.a = [1]
copied = copy.deepcopy(slots)
print(copied.a, hasattr(copied, "b"))
values = [None, True, 5, -1, 2**80, 1.5, "text é\ud800", b"bytes", bytearray(b"ba"), (1, (2,)), [1, [2]], {"a": {"b": 1}}, {1, 2}, frozenset([3]), 1j, ..., range(3), slice(1, 2), P("x"), State(), Color.RED, Pt(1, 2), OrderedDict(b=1), deque([1], 2), date(2020, 1, 2), int, len, P, P(P(1)), NotImplemented, Args("arg"), "x" * 300, list(range(300)), {i: i for i in range(3)}, 255, 256, 65536, -(2**31), float("inf")]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    good = 0
    for value in values:
        back = pickle.loads(pickle.dumps(value, protocol))
        good += back == value or (isinstance(value, State) and back.restored)
    print(protocol, good, len(values), len(pickle.dumps([1, "a", {"k": (1.5, None)}], protocol)))
data = pickle.loads(pickle.dumps([shared, shared, loop]))
print(data[0] is data[1], data[2][0] is data[2])
print(pickle.dumps(1), pickle.dumps("a", 0), pickle.dumps([1, (2,)], 2), pickle.dumps({"a": 1.5}, 4))


class Reduce:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return Reduce, (1, 2), {"extra": 5}, iter([]), iter([])


r = pickle.loads(pickle.dumps(Reduce()))
print(r.args, r.extra)
for f in (lambda: pickle.dumps(lambda: 1), lambda: pickle.dumps((i for i in [])), lambda: pickle.loads(b""), lambda: pickle.loads(b"garbage"), lambda: pickle.loads(b"\x80\x04."), lambda: pickle.dumps(1, 9), lambda: pickle.loads("str"), lambda: copy.deepcopy((i for i in [])), lambda: copy.replace(5), lambda: pickle.dumps(type("Local", (), {})()), lambda: pickle.loads(b"cos\nno_such\n.")):
    try:
        print(f())
    except (pickle.PicklingError, pickle.UnpicklingError, TypeError, EOFError, ValueError, AttributeError) as error:
        print(type(error).__name__, str(error).split(" at 0x")[0])
