# send, throw, close, return values, StopIteration handling, attributes.


def g():
    try:
        received = yield 1
        print("received", received)
        received = yield 2
        print("received", received)
    except ValueError as error:
        print("caught", error)
        yield "from except"
    finally:
        print("finally")
    return "result"


it = g()
print(next(it), it.send("a"))
print(it.throw(ValueError("thrown")))
try:
    next(it)
except StopIteration as stop:
    print("stop", stop.value)
it = g()
next(it)
it.close()
print(it.gi_frame, it.gi_running, it.gi_yieldfrom, list(it))
it = g()
try:
    it.send(5)
except TypeError as error:
    print(error)
print(it.send(None), it.gi_suspended, it.gi_code.co_name, it.__name__, it.__qualname__, it.gi_frame.f_lineno > 0)


def stubborn():
    for _ in range(2):
        try:
            yield 1
        except GeneratorExit:
            print("ignoring close")


it2 = stubborn()
next(it2)
try:
    it2.close()
except RuntimeError as error:
    print(error, list(it2))


def raises_stop():
    yield 1
    raise StopIteration("inside")


try:
    list(raises_stop())
except RuntimeError as error:
    print(error, repr(error.__cause__))


def reenter():
    yield next(me)


me = reenter()
try:
    next(me)
except ValueError as error:
    print(error)


def with_return():
    return 5
    yield


print(list(with_return()))
it.close()
it = with_return()
try:
    next(it)
except StopIteration as stop:
    print(stop.value, stop.args)
unstarted = g()
try:
    unstarted.throw(KeyError("early"))
except KeyError as error:
    print("early", error, list(unstarted))
unstarted = g()
print(unstarted.close(), list(unstarted))


def closing():
    try:
        yield
    except GeneratorExit:
        return "closed value"


c = closing()
next(c)
print(c.close(), c.close())
for bad in (lambda: g().throw(5), lambda: g().send(), lambda: next(g(), 1, 2), lambda: g()()):
    try:
        bad()
    except TypeError as error:
        print(error)
