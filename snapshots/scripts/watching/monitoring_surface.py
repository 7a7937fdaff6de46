"""sys.monitoring: tools, sets of events, callbacks, and what is refused."""
import sys

monitoring = sys.monitoring
events = monitoring.events
print({name: getattr(events, name) for name in dir(events) if name[0] != '_'})
print(monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID, monitoring.PROFILER_ID, monitoring.OPTIMIZER_ID)


def target():
    return 1


def attempt(text):
    try:
        print(text, '=>', eval(text))
    except Exception as error:
        print(text, '=>', type(error).__name__, error)


for text in '''
monitoring.use_tool_id(0)
monitoring.use_tool_id(0, 1)
monitoring.use_tool_id(0, 'first')
monitoring.use_tool_id(0, 'second')
monitoring.use_tool_id(6, 'x')
monitoring.use_tool_id(-1, 'x')
monitoring.use_tool_id('x', 'x')
monitoring.get_tool(0)
monitoring.get_tool(1)
monitoring.get_tool(6)
monitoring.set_events(1, events.LINE)
monitoring.set_events(0, 1 << 40)
monitoring.set_events(0, 1 << 19)
monitoring.set_events(0, -1)
monitoring.set_events(0, 'x')
monitoring.set_events(0, events.C_RETURN)
monitoring.set_events(0, events.CALL | events.C_RETURN)
monitoring.set_events(0, events.CALL | events.C_RETURN | events.C_RAISE)
monitoring.get_events(0)
monitoring.set_events(0, events.BRANCH)
monitoring.get_events(0)
monitoring._all_events()
monitoring.set_events(0, 0)
monitoring.get_events(9)
monitoring.set_local_events(0, target, 1)
monitoring.set_local_events(0, target.__code__, events.RAISE)
monitoring.set_local_events(0, target.__code__, 1 << 30)
monitoring.set_local_events(1, target.__code__, 1)
monitoring.set_local_events(0, target.__code__, events.CALL | events.LINE)
monitoring.get_local_events(0, target.__code__)
monitoring.set_local_events(0, target.__code__, 0)
monitoring.get_local_events(0, 3)
monitoring.register_callback(0, events.PY_START, print)
monitoring.register_callback(0, events.PY_START, None)
monitoring.register_callback(0, 3, None)
monitoring.register_callback(0, 0, None)
monitoring.register_callback(0, 1 << 20, None)
monitoring.register_callback(0, -1, None)
monitoring.register_callback(9, 1, None)
monitoring.clear_tool_id(1)
monitoring.clear_tool_id(0)
monitoring.get_tool(0)
monitoring.free_tool_id(0)
monitoring.free_tool_id(0)
monitoring.get_tool(0)
monitoring.free_tool_id(9)
monitoring.restart_events()
monitoring._all_events()
sys.call_tracing(len, ('a',))
sys.call_tracing(len, 1)
'''.strip().splitlines():
    attempt(text)
