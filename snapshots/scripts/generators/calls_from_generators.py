"""Calls of every kind from generators, whose windows are not on the stack."""

class A:
    def __init__(self, x, y=5):
        self.x=x; self.y=y
        if x == 99: raise ValueError(x)
class B:
    def __init__(self, x): return x
def add(a,b=2,*c): return a+b
def simple(a,b=2): return a+b
class M:
    def m(self, z, w=1): return z+w
def g(n):
    m=M(); bound=m.m
    for i in range(n):
        a=A(i); yield a.x+a.y
        yield A(i,7).y
        yield simple(i); yield simple(i,b=3); yield add(i); yield m.m(i); yield bound(i, 4); yield M.m(m,i)
        yield [simple(j) for j in range(3)]
    try: A(99)
    except ValueError as e: yield repr(e)
    try: B(3)
    except TypeError as e: yield str(e)
    try: simple()
    except TypeError as e: yield str(e)
    try: A(1,2,3)
    except TypeError as e: yield str(e)
def rec(n):
    def go(k):
        return [] if k==0 else [k]+list(h(k-1))
    def h(k):
        yield from go(k)
    yield from h(n)
print(list(g(3)))
print(list(rec(20)))
async def co(n):
    a=A(n); return a.x+ (await co(n-1) if n else 0)
try: co(20).send(None)
except StopIteration as e: print(e.value)
