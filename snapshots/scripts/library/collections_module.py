# deque, Counter, defaultdict, OrderedDict, namedtuple, ChainMap, UserDict.
from collections import *

d = deque([1, 2, 3], maxlen=4)
d.append(4)
d.append(5)
d.appendleft(0)
print(d, d[0], d[-1], len(d), d.maxlen, d.pop(), d.popleft(), d)
d.extend("ab")
d.extendleft([9])
d.rotate(2)
d.rotate(-1)
print(d, d.index("a"), d.count(3), d.copy() == d, 3 in d, list(reversed(d)), deque("ab") + deque("c"), deque([1]) * 2, deque([1, 2]) < deque([1, 3]))
d.insert(1, "i") if len(d) < 4 else d.remove("a")
del d[0]
d[0] = "set"
d.reverse()
print(d, bool(deque()), d.clear(), d)
for f in (lambda: deque().pop(), lambda: deque([1])[5], lambda: deque([1]).remove(2), lambda: deque(5), lambda: deque([1, 2], 2).insert(0, 1), lambda: deque(maxlen=-1), lambda: [q.append(1) for q in [deque([1])] for _ in q]):
    try:
        print(f())
    except (IndexError, ValueError, TypeError, RuntimeError) as error:
        print(type(error).__name__, error)
c = Counter("mississippi")
c.update("miss")
c.subtract({"p": 5})
print(c, c["zzz"], c.most_common(2), sorted(c.elements()), +c, -c, c.total(), Counter(a=1) + Counter(a=2, b=1), Counter(a=3) - Counter(a=1), Counter(a=1) & Counter(a=2), Counter(a=1) | Counter(b=2), Counter(a=1) <= Counter(a=2))
dd = defaultdict(list, {"x": [0]})
dd["y"].append(1)
print(dd, dd["z"], "w" in dd, dd.get("w"), dd.default_factory, defaultdict(int, a=1) | {"b": 2}, defaultdict(None, {}))
try:
    defaultdict()["k"]
except KeyError as error:
    print("KeyError", error)
od = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
od.move_to_end("a")
od.move_to_end("c", last=False)
print(od, od.popitem(), od.popitem(last=False), od, OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {"a": 1}, list(reversed(OrderedDict(a=1, b=2))))
P = namedtuple("P", "x y z", defaults=[0])
p = P(1, y=2)
print(p, p.x, p[1], p._asdict(), p._replace(x=9), P._fields, P._field_defaults, P._make([1, 2, 3]), p == (1, 2, 0), isinstance(p, tuple), P.__doc__, P.x.__doc__, p.__match_args__)
for f in (lambda: P(1), lambda: P(1, 2, 3, 4), lambda: p._replace(q=1), lambda: namedtuple("Q", "a a"), lambda: namedtuple("Q", "class"), lambda: namedtuple("Q", "_x"), lambda: setattr(p, "x", 1), lambda: P._make([1])):
    try:
        print(f())
    except (TypeError, ValueError, AttributeError) as error:
        print(type(error).__name__, error)
print(namedtuple("R", "a class a", rename=True)._fields)
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
m["c"] = 4
print(m, m["a"], m["b"], m.maps[0], m.new_child({"a": 0})["a"], m.parents, sorted(m), len(m))
