"""sys.monitoring: the events of functions, calls, lines and exceptions, everywhere and in one code object."""
import sys

monitoring = sys.monitoring
events = monitoring.events
TOOL = 3
monitoring.use_tool_id(TOOL, 'test')
RECORDED = events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD | events.PY_UNWIND | events.PY_THROW \
    | events.RAISE | events.CALL


def callback(name):
    def record(code, place, *details):
        if code in watched:
            details = [d if isinstance(d, (int, str)) else getattr(d, '__name__', type(d).__name__) for d in details]
            print(code.co_name, name, place - code.co_firstlineno if name == 'LINE' else '', details)
    return record


for name in 'PY_START PY_RESUME PY_RETURN PY_YIELD PY_UNWIND PY_THROW RAISE CALL C_RETURN C_RAISE LINE STOP_ITERATION'.split():
    monitoring.register_callback(TOOL, getattr(events, name), callback(name))


def plain(value):
    other = value + 1
    return abs(other)


def generator():
    got = yield 1
    return got


def loop():
    for item in generator():
        pass


def thrown():
    made = generator()
    next(made)
    try:
        made.throw(KeyError)
    except KeyError:
        return None


def failing():
    return int('no number')


def caught():
    try:
        failing()
    except ValueError:
        return 1


functions = plain, loop, thrown, caught
watched = {function.__code__ for function in functions + (generator, failing)}
for what in RECORDED, events.LINE, events.STOP_ITERATION:
    print('== everywhere')
    for function in functions:
        monitoring.set_events(TOOL, what)
        function(*([-3] if function is plain else []))
        monitoring.set_events(TOOL, 0)
print('== in one')
monitoring.set_local_events(TOOL, plain.__code__, events.LINE | events.PY_START)
plain(1)
loop()
monitoring.set_local_events(TOOL, plain.__code__, 0)
plain(1)

print('== disabled')
counts = []
monitoring.register_callback(TOOL, events.LINE, lambda code, line: (counts.append(line), monitoring.DISABLE)[1])
monitoring.set_local_events(TOOL, plain.__code__, events.LINE)
plain(1)
plain(1)
print(len(counts))
monitoring.restart_events()
plain(1)
print(len(counts))
monitoring.register_callback(TOOL, events.RAISE, lambda *args: monitoring.DISABLE)
monitoring.set_events(TOOL, events.RAISE)
try:
    caught()
except ValueError as error:
    print(type(error), error)
monitoring.set_events(TOOL, 0)
print(monitoring.register_callback(TOOL, events.RAISE, None))


def refuse(code, offset):
    raise RuntimeError('refused')


monitoring.register_callback(TOOL, events.PY_START, refuse)
monitoring.set_local_events(TOOL, plain.__code__, events.PY_START)
try:
    plain(1)
except RuntimeError as error:
    print(error)
monitoring.free_tool_id(TOOL)
print(plain(1), monitoring.get_events(TOOL), monitoring.get_tool(TOOL))
