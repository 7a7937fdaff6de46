def f[T: int = str](a, /, b: T = 1, *args: *tuple[int], c=2, **kw) -> "x": return (yield)
async def g(): return [i async for i in (await x)] + [*a, *b] if (y := 1) else {**c, "k": v}
class C[*Ts, **P](B, metaclass=M, **k): __slots__ = "a",; x: int; y: str = f"{z!r:>{w:{q}}} {{}} {a=}"
match p:
    case {"a": [1, *_, -1.5 + 2j], **rest} | C(x=int() as q, y=(1 | None)) if q: pass
    case "a" "b" | b"c" | True | a.b.c: pass
try: pass
except* (A, B) as e: raise e from None
else: pass
finally: del a, (b, [c]), d[1:2, ..., ::3], e.f
with (open(a) as b, c() as (d, *e)): global h; h: 0 = lambda *x, y=1, **z: (yield from x)
for i, *j in k, *l: continue
else: nonlocal_ = not -~+1 ** -2 @ 3 // 4 << 5 & 6 ^ 7 | 8 < 9 in 10 is not 11
while 1: break
type A[T] = list[A[T]] | None; import a.b as c, d; from .. import (e as f, g,); from . import *
assert x, "m"; x += 1; x @= 2; x: (yield) = 3; t"{a!s:b{c}}" rt'\{d}'; print(*a, **b, c=1)
@d.e[f](g := 1)
async def h():
	async with a as b, c: await d
	async for e in f: yield g
