# exit: 1
# An uncaught error whose traceback has carets of several kinds, recursion, chaining and notes.
import traceback


def divide(a, b):
    return (a + 1) / b


def lookup(d):
    return d["a"]["b"]["missing"]


def call():
    return (
        divide(
            1,
            0,
        )
        + 1
    )


def deep(n):
    if n == 0:
        raise RuntimeError("bottom")
    deep(n - 1)


class K:
    def m(self):
        return self.x.y.z


def show(f, *args):
    try:
        f(*args)
    except Exception:
        traceback.print_exc()


show(divide, 1, 0)
show(lookup, {"a": {"b": {}}})
show(call)
show(deep, 6)
show(K().m)
show(lambda: [1, 2, 3][5] + 10)
show(lambda: "a" + 1)
show(lambda: (lambda x: x.foo)(1))
show(eval, "1 +")
show(exec, "def f():\n  return x y")
show(compile, "é = 'ü' +* 3", "<own>", "exec")
show(lambda: print(undefined_name))
show(lambda: [].apend(1))
show(lambda: int("12a"))
show(lambda: max(*[1], key=5))
show(lambda: {**5})
show(lambda: __import__("no_such_module_here"))
error = ValueError("with notes")
error.add_note("a note\nover lines")
try:
    try:
        raise error
    except ValueError as inner:
        raise KeyError("outer") from inner
except KeyError:
    assert None, ("not", "true")
