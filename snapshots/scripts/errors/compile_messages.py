# The messages and positions of many small syntax errors.
SOURCES = """
f(x for x in y, 1)
f(**a, *b)
f(a=1, a=2)
def f(a=1, b): pass
def f(*): pass
def f(**k, a): pass
lambda *: 1
x = = 1
for x in: pass
while : pass
if x
class C
import a.b as
from a import
from . import *, b
from a import (b, c
del f()
del (a, 1)
a + 1 = 2
a, 1 = b
(a, b) += 1
None = 1
True = 1
f() += 1
x: int: str
(x, y): int = 1
with a as 1: pass
for f() in x: pass
[x for 1 in y]
{**a for a in b}
[*a for a in b]
{a: *b}
yield = 1
await x
async x
return
break
continue
yield 1
global x; x = 1
def f(): x = 1; global x
def f(x): global x
def f(): nonlocal x
class C: nonlocal x
def f(): yield; return 1
async def f(): yield 1; return 1
try: pass
try: pass\\nfinally pass
except: pass
else: pass
a ? b
a $ b
a ! b
a <> b
x = 5 if 1
x = 5 else 6
1 if 2 else
not
a not b
a is is b
()()=1
*a
*a, = 
print 1
exec "x"
raise A, B
a := 1
(a := 1 := 2)
(a.b := 1)
f(a := 1, b=c := 2)
lambda: (yield) = 1
match x: case 1: pass
f'{a'
f'{a!}'
b'é'
'\\x1'
0_
1a
0777
1.2.3
a.1
import 1
@
@a
def f(a, (b, c)): pass
def 1(): pass
class 1: pass
def f() -> : pass
[1, 2
(1, 2]
{1: 2
)
"abc
'''abc
x = (1,\\n  2
if 1:\\nx
if 1:\\n  x\\n y
  x
x\\n  y
assert
assert (1, 2), 
pass 1
import a, 
from a import b,
from __future__ import nope
__debug__ = 1
def f(__debug__): pass
f(__debug__=1)
type X = (yield)
type 1 = 2
def f[T: (a := 1)](): pass
x = {1, 2: 3}
x = {1: 2, 3}
a[b, c=1]
a[]
a[1:2:3:4]
a..b
.a
a.
...a
if a = 1: pass
while a = 1: pass
f(a.b=1)
f(True=1)
f(1=2)
f(a, b for b in c)
async def f(): [await x for x in y] = 1
try: pass\\nexcept* A: break
def f():\\n try: pass\\n except A, B as c: pass
with (a, b) c: pass
else if: pass
""".strip("\n").split("\n")
for source in SOURCES:
    source = source.replace("\\n", "\n").replace("\\\\", "\\")
    try:
        compile(source, "<s>", "exec")
        print(repr(source), "compiles")
    except SyntaxError as error:
        print(repr(source), "|", type(error).__name__, error.msg, (error.lineno, error.offset, error.end_lineno, error.end_offset))
