# from __future__ import annotations turns annotations into text.
from __future__ import annotations

import typing


def f(a: int, b: list[undefined] = [], *c: "quoted", d: lambda x: x + 1 = 2) -> 1 + 2 * 3:
    pass


for name, text in f.__annotations__.items():
    print(name, repr(text))


class C:
    x: tuple[int, ...]
    y: {"a": 1, **others}[...]
    z: (yes if cond else no) = 0
    w: f"{x!r:>{width}}"
    v: a[1:2, ::3] and not b or -c**2 @ d


for name, text in C.__annotations__.items():
    print(name, repr(text))
x: not_defined.attribute(call, *args, k=v, **kw) = 1
y: [i for i in j if k]
import sys

print(sys.modules[__name__].__annotations__)


def g(a: int, b: str = "x") -> C: ...


print(typing.get_type_hints(g))
for source in ("x = 1\nfrom __future__ import annotations", "from __future__ import nothing", "from __future__ import *"):
    try:
        compile(source, "s", "exec")
    except SyntaxError as error:
        print(error.msg)
print(annotations.compiler_flag, annotations.getOptionalRelease())
