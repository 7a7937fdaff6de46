# What nobody refers to any more is gone after one collection: no word that a call left behind keeps it.
# zeal: skip a collection at some allocation in native code also sees what earlier calls left on the native stack
import functools
import gc
import os
import sys
import weakref
class C: pass
def check(name, r):
    if r() is not None: print("ALIVE", name)
    else: print("ok", name)
o = C(); r = weakref.ref(o); del o; gc.collect(); check("module", r)
def f():
    o = C(); r = weakref.ref(o); del o; gc.collect(); check("function", r)
f()
def g():
    o = C(); r = weakref.ref(o); o = None; gc.collect(); check("rebind", r)
g()
def h():
    def make(): return weakref.ref(C())
    r = make(); gc.collect(); check("temp", r)
    class D: pass
    r = weakref.ref(D); del D; gc.collect(); check("class", r)
    x = [C() for _ in range(3)]; r = weakref.ref(x[-1]); del x; gc.collect(); check("list", r)
    for y in [C(), C()]: r = weakref.ref(y)
    del y; gc.collect(); check("for", r)
    try:
        e = C(); r = weakref.ref(e); raise ValueError(e)
    except ValueError: pass
    del e; gc.collect(); check("exc", r)
    def gen():
        z = C(); yield weakref.ref(z); 
    it = gen(); r = next(it); del it; gc.collect(); check("gen", r)
    it = gen(); r = next(it); it = None; gc.collect(generation=2); check("gen kw", r)
    def inner(a, *args, **kw): return weakref.ref(a)
    r = inner(C(), C(), k=C()); gc.collect(); check("args", r)
    o = C(); o.me = o; r = weakref.ref(o); str(o); repr(o); hash(o); d = {o: 1}; d.clear(); s = sorted([C(), o], key=id); del s; del o; gc.collect(); check("native uses", r)
    class E:
        def __init__(self, v): self.v = v
        def m(self): return self.v
        def __eq__(self, o): return True
        __hash__ = None
    o = E(C()); r = weakref.ref(o.m()); o.m(); o == o; print(o in [o]); bm = o.m; bm(); del bm, o; gc.collect(); check("methods", r)
    with open(__file__) as fh: r = weakref.ref(fh)
    del fh; gc.collect(); check("file", r)
    p = functools.partial(inner, C()); r = p(); del p; gc.collect(); check("partial", r)
    r = weakref.ref(list(map(lambda i: C(), range(4)))[2]); gc.collect(); check("map", r)
    a, b = C(), C(); a.b, b.a = b, a; r = weakref.ref(a); del a, b; gc.collect(); check("cycle", r)
    def rec(n):
        o = C()
        if n: return rec(n - 1)
        return weakref.ref(o)
    r = rec(50); gc.collect(); check("rec", r)
    f2 = lambda: 0; r = weakref.ref(f2); f2(); del f2; gc.collect(); check("lambda", r)
    m = type(sys)("m"); r = weakref.ref(m); m.x = 1; m.x; del m; gc.collect(); check("module object", r)
h()
def via():
    gc.collect()
def k():
    o = C(); r = weakref.ref(o); del o; via(); check("via", r)
k()
class T:
    def __call__(self): k()
    def __enter__(self): return self
    def __exit__(self, *a): pass
T()()
with T(): k()
[k() for _ in range(1)]
list(map(lambda _: k(), range(1)))
exec("o = C(); r = weakref.ref(o); del o; gc.collect(); check('exec', r)")
import unittest
class Tests(unittest.TestCase):
    def test(self):
        o = C(); r = weakref.ref(o); del o; gc.collect(); check("unittest", r)
        k()
        with self.assertRaises(ValueError) as cm:
            o = C(); r = weakref.ref(o); raise ValueError(o)
        del cm, o; gc.collect(); check("assertRaises", r)
unittest.TextTestRunner(stream=open(os.devnull, "w")).run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests))
