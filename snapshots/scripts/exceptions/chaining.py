# __context__, __cause__, __suppress_context__, re-raising, and what finally does to them.


def chain(error):
    parts = []
    while error is not None:
        parts.append(f"{type(error).__name__}({', '.join(map(str, error.args))})")
        if error.__cause__ is not None:
            parts.append("<-cause-")
            error = error.__cause__
        elif error.__context__ is not None and not error.__suppress_context__:
            parts.append("<-context-")
            error = error.__context__
        else:
            error = None
    return " ".join(parts)


def attempt(f):
    try:
        f()
    except BaseException as error:
        print(chain(error))


def implicit():
    try:
        1 / 0
    except ZeroDivisionError:
        [][1]


def explicit():
    try:
        {}["k"]
    except KeyError as error:
        raise ValueError("bad") from error


def suppressed():
    try:
        int("x")
    except ValueError:
        raise TypeError("hidden") from None


def in_finally():
    try:
        raise ValueError(1)
    finally:
        raise TypeError(2)


def reraise():
    try:
        raise ValueError("original")
    except ValueError:
        try:
            raise KeyError("inner")
        except KeyError:
            pass
        raise


def swallowed():
    try:
        raise ValueError
    finally:
        return "no error"


def nested():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            raise KeyError(2)
    except KeyError as error:
        raise OSError(3) from error.__context__


for f in (implicit, explicit, suppressed, in_finally, reraise, nested):
    attempt(f)
print(swallowed())
for bad in ("raise", "raise 5", "raise int", "raise ValueError from 5", "raise ValueError('a') from KeyError"):
    attempt(lambda: exec(bad))
try:
    raise ValueError("x")
except ValueError as error:
    kept = error
try:
    error
except NameError as e:
    print(e)
print(kept.__traceback__.tb_lineno, kept.with_traceback(None).__traceback__)
kept.__cause__ = KeyError(1)
print(kept.__suppress_context__, chain(kept))
for name, value in (("__cause__", 1), ("__context__", "a"), ("__traceback__", 5)):
    try:
        setattr(kept, name, value)
    except TypeError as error:
        print(error)
a, b = ValueError("a"), ValueError("b")
a.__context__ = b
try:
    try:
        raise a
    except ValueError:
        raise b
except ValueError as error:
    print(chain(error))
