# oracle: differs CPython lets constants and flags be anything, and may crash
# What code.replace() is given must fit the instructions.
import types


def keywords(a):
    return dict(x=a, y=2)


def nested():
    def inner():
        return 1

    return inner


def closed():
    z = 1

    def inner():
        return z

    return inner


def generator(a, *b, **c):
    yield a


inner = closed().__code__
for function in [keywords, nested, closed]:
    code = function.__code__
    for index, old in enumerate(code.co_consts):
        for new in [None, 1, "s", (), ("x",), ("x", "y"), (1, 2), ("x", "y", "z"), inner, keywords.__code__]:
            constants = code.co_consts[:index] + (new,) + code.co_consts[index + 1 :]
            name = new.co_name if isinstance(new, types.CodeType) else new
            try:
                made = types.FunctionType(code.replace(co_consts=constants), globals())
                result = made(1) if function is keywords else made()
                print(function.__name__, name, "->", result() if callable(result) else result)
            except Exception as problem:
                print(function.__name__, name, type(problem).__name__, problem)
for bit in range(12):
    code = generator.__code__
    try:
        changed = code.replace(co_flags=code.co_flags ^ 1 << bit)
        print(bit, list(types.FunctionType(changed, globals())(1, 2)))
    except Exception as problem:
        print(bit, type(problem).__name__, problem)
