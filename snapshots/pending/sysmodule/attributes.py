# sys: what programs look at.
import sys

print(sys.version_info[:2], sys.version_info.major, sys.version_info >= (3, 14), sys.hexversion >> 16 == 0x030E, sys.byteorder, sys.maxsize == 2**63 - 1, sys.maxunicode, sys.platform, sys.implementation.version[:2], sys.api_version)
print(sys.float_info.max, sys.float_info.epsilon, sys.float_info.dig, sys.int_info.default_max_str_digits, sys.hash_info.width, sys.hash_info.modulus, sys.hash_info.inf, sys.hash_info.imag, sys.thread_info.name, sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
print(len(sys.argv), sys.argv[0].endswith("attributes.py"), isinstance(sys.path, list), "sys" in sys.modules, sys.modules["sys"] is sys, "sys" in sys.builtin_module_names, "builtins" in sys.builtin_module_names, "os" in sys.stdlib_module_names, sys.getswitchinterval() > 0, sys.is_finalizing())
print(sys.stdin.encoding, sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, sys.stdout.isatty(), sys.stdin.fileno(), sys.__stdout__ is sys.stdout, sys.stdout.line_buffering, sys.stderr.line_buffering, sys.stdout.name, sys.stdin.mode)
print(sys.get_int_max_str_digits(), sys.set_int_max_str_digits(5000), len(str(10**4500)), sys.set_int_max_str_digits(0), len(str(10**9999)), sys.set_int_max_str_digits(4300))
print(sys.exc_info(), sys.getsizeof(5) > 0, sys.getsizeof("a" * 100) > 100, sys.intern("a"), callable(sys.displayhook), callable(sys.excepthook), callable(sys.breakpointhook), sys.gettrace(), sys.getprofile(), sys.flags.debug, type(sys.flags).__name__, sys.copyright[:9])
for f in (lambda: sys.set_int_max_str_digits(5), lambda: sys.getsizeof(), lambda: sys.setswitchinterval(-1), lambda: sys._getframe("a"), lambda: sys.exit(1, 2), lambda: setattr(sys.flags, "debug", 1), lambda: sys.intern(1), lambda: type(sys.flags)(), lambda: sys.setrecursionlimit(0)):
    try:
        print(f())
    except (ValueError, TypeError, AttributeError) as error:
        print(type(error).__name__, error)
events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name == "traced":
        events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
        return tracer


def traced(n):
    total = 0
    for i in range(n):
        total += i
    return total


sys.settrace(tracer)
traced(2)
sys.settrace(None)
print(events)
calls = []
sys.setprofile(lambda frame, event, arg: calls.append((event, frame.f_code.co_name if event in ("call", "return") else arg.__name__)))
traced(1)
len([])
sys.setprofile(None)
print(calls)
sys.stdout.write("written\n")
print(sys.stderr.write("to stderr\n"), sys.displayhook("shown"))
old, sys.stdout = sys.stdout, None
print("lost")
sys.stdout = old
sys.excepthook = lambda kind, value, trace: print("hooked", kind.__name__, value)
sys.addaudithook(lambda event, args: events.append(event) if event == "custom.event" else None)
sys.audit("custom.event", 1)
print(events[-1])
