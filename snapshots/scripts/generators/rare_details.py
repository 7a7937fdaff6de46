"""Details that few generators have: names, frames, namespaces, origins, hooks."""
import sys
def g():
    yield 1
    yield sys._getframe().f_locals
g.__name__='renamed'; g.__qualname__='q.renamed'
x=g(); print(x.__name__, x.__qualname__, x.gi_frame.f_lineno, next(x), x.gi_frame.f_lineno)
x.__name__='other'; print(x.__name__, x.__qualname__); 
f=x.gi_frame; print(next(x), f is x.gi_frame, f.f_code is g.__code__); print(list(x), x.gi_frame, f.f_locals)
async def c(): 
    return 5
c.__qualname__='cq'
k=c(); print(k.__qualname__, k.cr_origin); k.close()
sys.set_coroutine_origin_tracking_depth(2)
k=c(); print(len(k.cr_origin)); k.close(); sys.set_coroutine_origin_tracking_depth(0)
async def ag():
    try:
        yield 1
        yield 2
    finally: print('fin')
async def main():
    async for v in ag(): print(v); 
    a=ag(); print(await a.__anext__()); await a.aclose(); print(ag.__name__, a.__name__, a.ag_frame)
try: main().send(None)
except StopIteration: print('end')
lam=lambda: (yield 3)
print(lam().__name__, list(lam()))
