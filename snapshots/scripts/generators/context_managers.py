# contextlib: generators as context managers, ExitStack, suppress, redirect, closing, nullcontext.
import contextlib
import io


@contextlib.contextmanager
def managed(name, swallow=False):
    print("enter", name)
    try:
        yield name.upper()
    except ValueError as error:
        print("saw", error)
        if not swallow:
            raise
    finally:
        print("exit", name)


with managed("a") as v:
    print(v)
with managed("b", True):
    raise ValueError("swallowed")
try:
    with managed("c"):
        raise ValueError("passed on")
except ValueError as error:
    print("outside", error)
try:
    with managed("d", True):
        raise KeyError("other")
except KeyError:
    print("key error")


@managed("decorator")
def function(x):
    return x * 2


print(function(4), function(5))
with contextlib.ExitStack() as stack:
    names = [stack.enter_context(managed(n)) for n in "xy"]
    stack.callback(print, "callback", 1)
    stack.push(lambda *exc: print("pushed", exc[0]) or True)
    print(names)
    raise RuntimeError("swallowed by push")
with contextlib.suppress(KeyError, ZeroDivisionError):
    1 / 0
buffer = io.StringIO()
with contextlib.redirect_stdout(buffer):
    print("captured")
print(repr(buffer.getvalue()))


class Thing:
    def close(self):
        print("closed")


with contextlib.closing(Thing()) as t, contextlib.nullcontext(5) as n:
    print(type(t).__name__, n)


@contextlib.contextmanager
def broken():
    if False:
        yield


@contextlib.contextmanager
def twice():
    yield 1
    yield 2


@contextlib.contextmanager
def stops():
    yield
    raise StopIteration("x")


for manager in (broken, twice, stops):
    try:
        with manager():
            pass
    except RuntimeError as error:
        print(error)


class Base(contextlib.ContextDecorator):
    def __enter__(self):
        print("in")

    def __exit__(self, *exc):
        print("out", exc[0])
        return True


@Base()
def raising():
    raise ValueError


print(raising())
moved = contextlib.ExitStack()
with moved as s:
    s.enter_context(managed("moved"))
    kept = s.pop_all()
print("still open")
kept.close()
print(isinstance(Thing(), contextlib.AbstractContextManager), isinstance(Base(), contextlib.AbstractContextManager))
