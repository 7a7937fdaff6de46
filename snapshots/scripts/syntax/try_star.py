# except*: splitting, nesting, re-raising and naked exceptions.


def handle(*errors):
    try:
        raise ExceptionGroup("group", list(errors))
    except* ValueError as group:
        print("values", [str(e) for e in group.exceptions])
    except* (TypeError, KeyError) as group:
        print("others", group.exceptions)
    else:
        print("nothing raised")
    finally:
        print("finally")


handle(ValueError(1), TypeError(2), ValueError(3))
try:
    handle(ValueError(1), OSError(2), ExceptionGroup("inner", [KeyError("k"), OSError(3)]))
except ExceptionGroup as rest:
    print(rest, rest.exceptions, rest.__context__)
try:
    raise ValueError("naked")
except* ValueError as group:
    print(type(group).__name__, group.exceptions)
try:
    try:
        raise ExceptionGroup("first", [ValueError(1), TypeError(2)])
    except* ValueError:
        raise RuntimeError("from handler")
    except* TypeError as group:
        raise
except ExceptionGroup as group:
    print(group, [type(e).__name__ for e in group.exceptions])
try:
    pass
except* OSError:
    pass
else:
    print("else runs")
try:
    try:
        raise ExceptionGroup("eg", [ValueError(1)])
    except* ExceptionGroup:
        pass
except TypeError as error:
    print(error)


def leave():
    for i in range(3):
        try:
            raise ExceptionGroup("g", [ValueError(i)])
        except* ValueError as g:
            value = g.exceptions[0].args[0]
        if value == 1:
            return value


print(leave())
for source in ("try: pass\nexcept*: pass", "try: pass\nexcept* A: pass\nexcept B: pass",
               "def f():\n try: pass\n except* A: return 1"):
    try:
        compile(source, "s", "exec")
    except SyntaxError as error:
        print(error.msg)
