"""A trace function that raises ends tracing; its exception goes on in the traced frame."""
import sys

seen = []


def target():
    value = 1
    value += 1
    return value


def generator():
    yield 1


def caller():
    try:
        return target()
    except ZeroDivisionError as error:
        return f'caught {error}'


for bad in 'call', 'line', 'return', 'exception':
    def trace(frame, event, arg):
        seen.append(event)
        if event == bad and frame.f_code is target.__code__:
            1 / 0
        return trace
    seen.clear()
    sys.settrace(trace)
    result = caller()
    left = sys.gettrace()
    sys.settrace(None)
    print(bad, result, left is None, seen)


def returns_none(frame, event, arg):
    print(event, frame.f_code.co_name)
    return None


sys.settrace(returns_none)
caller()
sys.settrace(None)


def replaced(frame, event, arg):
    print('replaced:', event)
    return None


def local(frame, event, arg):
    print('local:', event)
    return replaced if event == 'line' else None


def first(frame, event, arg):
    return local if frame.f_code is target.__code__ else None


sys.settrace(first)
target()
sys.settrace(None)


def stops_itself(frame, event, arg):
    print('stops:', event)
    if event == 'line':
        frame.f_trace = None
    return stops_itself if event == 'call' else None


sys.settrace(stops_itself)
target()
sys.settrace(None)


def begun_late():
    frame = sys._getframe()
    frame.f_trace = lambda frame, event, arg: print('late:', event, frame.f_lineno - frame.f_code.co_firstlineno)
    sys.settrace(lambda *args: None)
    value = 1
    sys.settrace(None)
    return value


begun_late()


def no_lines(frame, event, arg):
    frame.f_trace_lines = False
    print('no lines:', event)
    return no_lines


sys.settrace(no_lines)
target()
sys.settrace(None)


def within(frame, event, arg):
    print('within:', event)
    target()
    return None


sys.settrace(within)
target()
sys.settrace(None)
