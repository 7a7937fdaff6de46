"""What a trace function is told of calls, lines, returns and exceptions."""
import sys


def shown(frame, event, arg):
    line = frame.f_lineno - frame.f_code.co_firstlineno
    if event == 'exception':
        arg = arg[0].__name__, str(arg[1])
    print(frame.f_code.co_name, event, line, arg)
    return shown


def traced(function, *args):
    sys.settrace(shown)
    try:
        result = function(*args)
    except Exception as error:
        result = error
    finally:
        sys.settrace(None)
    print('=>', repr(result))


def plain(value):
    other = value + 1
    if other > 2:
        other = -other
    return other


def inner(value):
    raise ValueError(value)


def outer():
    try:
        inner('passed on')
    except ValueError:
        return 'caught'


def failing():
    inner('out')


def counting():
    yield 1
    got = yield 2
    return got


def delegating():
    result = yield from counting()
    yield result


def run_generator():
    return list(delegating())


def thrown_into():
    generator = counting()
    next(generator)
    try:
        generator.throw(KeyError('thrown'))
    except KeyError:
        pass
    return 'done'


def closed():
    generator = counting()
    next(generator)
    generator.close()


async def awaiting():
    return 5


async def outer_coroutine():
    return await awaiting()


def run_coroutine():
    try:
        outer_coroutine().send(None)
    except StopIteration as stop:
        return stop.value


def recursive(depth):
    if depth:
        return recursive(depth - 1)
    return 0


def with_class():
    class Made:
        attribute = 1

        def method(self):
            return self.attribute
    return Made().method()


for function, *args in [(plain, 1), (plain, 2), (outer,), (failing,), (run_generator,), (thrown_into,), (closed,),
                        (run_coroutine,), (recursive, 2), (with_class,)]:
    print('--', function.__name__)
    traced(function, *args)

print('-- module')
code = compile('x = 1\ny = 2\n', 'made up', 'exec')
sys.settrace(shown)
exec(code, {})
sys.settrace(None)
print(sys.gettrace())
