# print's arguments, repr of containers and recursion, ascii, pprint and reprlib.
import io
import pprint
import reprlib
import sys

print()
print(1, "a", None, [1], sep="|", end="!\n")
print(*[1, 2, 3], sep=", ")
print("no newline", end="")
print(sep="x")
print("a", "b", sep="", end="\n\n")
print("stderr text", file=sys.stderr, flush=True)
buffer = io.StringIO()
print("to buffer", 1, file=buffer)
print(repr(buffer.getvalue()), print("x", file=buffer))
for f in (lambda: print(1, sep=1), lambda: print(1, end=b""), lambda: print(1, file=5), lambda: print(1, other=1)):
    try:
        f()
    except (TypeError, AttributeError) as error:
        print(type(error).__name__, error)


class W:
    def write(self, text):
        chunks.append(text)


chunks = []
print("a", 1, file=W(), sep="-")
print(chunks)
a = [1]
a.append(a)
d = {"self": None, "list": a}
d["self"] = d
s = {1}
print(a, d, repr([[], {}, (), set(), frozenset()]), ascii(["é", {"日": "😀"}]), (a,), [d.keys()])
data = {"name": "x" * 30, "numbers": list(range(30)), "nested": {"a": [1, 2, {"b": ("c",) * 5}], "é": {3, 1, 2}}, "text": "word " * 20}
pprint.pprint(data)
pprint.pprint(data, width=40, depth=2, compact=True, sort_dicts=False)
print(pprint.pformat([1, 2]), pprint.isreadable(a), pprint.isrecursive(a), pprint.saferepr(d)[:30])
print(reprlib.repr(list(range(100))), reprlib.repr("x" * 100), reprlib.repr({i: i for i in range(10)}), reprlib.repr(10**100))


class R:
    @reprlib.recursive_repr("<...>")
    def __repr__(self):
        return f"R({self.__dict__})"


r = R()
r.me = r
print(r, sys.displayhook(5), sys.displayhook(None))
import builtins

print(builtins._)
