# contextvars, weak containers, finalize, proxies, abc collections.
import collections.abc as cabc
import contextvars
import gc
import weakref

v = contextvars.ContextVar("v", default="default")
token = v.set("set")
print(v.get(), token.old_value is contextvars.Token.MISSING, token.var is v, v.reset(token), v.get(), contextvars.ContextVar("none").get("fallback"))
ctx = contextvars.copy_context()
print(ctx.run(lambda: v.set("inside") and v.get()), v.get(), ctx[v], v in ctx, len(ctx), list(ctx) == [v], ctx.get(contextvars.ContextVar("q"), 1))
with v.set("with"):
    print(v.get())
print(v.get())
for f in (lambda: contextvars.ContextVar("x").get(), lambda: v.reset(token), lambda: ctx.run(lambda: ctx.run(print)), lambda: contextvars.ContextVar(1), lambda: contextvars.ContextVar("y").reset(token), lambda: ctx[5]):
    try:
        print(f())
    except (LookupError, RuntimeError, ValueError, TypeError) as error:
        print(type(error).__name__, str(error).split(" at 0x")[0].split("<")[0])


class Node:
    def __init__(self, name):
        self.name = name

    def method(self):
        return f"method of {self.name}"


n = Node("n")
r = weakref.ref(n)
calls = []
cb = weakref.ref(n, lambda ref: calls.append(ref is cb))
proxy = weakref.proxy(n)
wm = weakref.WeakMethod(n.method)
print(r() is n, r is weakref.ref(n), r is not cb, proxy.name, wm()(), weakref.getweakrefcount(n) >= 3, r == weakref.ref(n), hash(r) == hash(n), type(r).__name__)
proxy.extra = 1
print(n.extra, isinstance(proxy, Node), type(proxy).__name__)
wvd, wkd, ws = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()
wvd["k"], wkd[n] = n, "value"
ws.add(n)
print(dict(wvd.items()) == {"k": n}, list(wkd.values()), n in ws, len(wvd), len(wkd), len(ws))
f = weakref.finalize(n, lambda a: calls.append(a), "finalized")
print(f.alive, f.peek()[1] is not None)
del n
gc.collect()
gc.collect()
print(r(), wm(), len(wvd), len(wkd), len(ws), sorted(map(str, calls)), f.alive)
for action in (lambda: proxy.name, lambda: weakref.ref(5), lambda: weakref.ref([]), lambda: weakref.proxy(1), lambda: weakref.ref(), lambda: hash(weakref.ref(Node("x"))) and hash(cb)):
    try:
        print(action())
    except (ReferenceError, TypeError) as error:
        print(type(error).__name__, error)
print(isinstance([], cabc.Sequence), isinstance({}, cabc.Mapping), isinstance(iter([]), cabc.Iterator), issubclass(int, cabc.Hashable), isinstance([], cabc.Hashable), isinstance(len, cabc.Callable), isinstance(b"", cabc.Buffer), isinstance((i for i in []), cabc.Generator), isinstance({}.keys(), cabc.KeysView))


class S(cabc.MutableSequence):
    def __init__(self):
        self.items = []

    def __getitem__(self, i):
        return self.items[i]

    def __setitem__(self, i, v):
        self.items[i] = v

    def __delitem__(self, i):
        del self.items[i]

    def __len__(self):
        return len(self.items)

    def insert(self, i, v):
        self.items.insert(i, v)


s = S()
s.extend([1, 2])
s.append(3)
s += [4]
s.reverse()
print(s.items, s.pop(), s.index(3), s.count(2), 2 in s, list(reversed(s)), s.remove(4), s.items, s.clear(), len(s))
