# oracle: skip CPython does not verify code, and crashes
# Damaged code is refused when it is read or when it would run, or it runs: nothing else happens.
import marshal
import signal


def stop(number, frame):
    raise TimeoutError


# What was made an endless loop.
signal.signal(signal.SIGALRM, stop)

SOURCE = """
def f(a, b=(1, "x")):
    try:
        return [(lambda: y + a)() for y in range(3)], {**{"k": b}}
    finally:
        class C:
            z = 1.5
def g(n):
    total = yield n
    with open("/nowhere") as file:
        yield total
r = f(1), next(g(5))
"""
whole = marshal.dumps(compile(SOURCE, "<damaged>", "exec"))
outcomes = {"refused": 0, "ran": 0}
for at in range(len(whole)):
    for bit in (1, 16, 128):
        damaged = bytearray(whole)
        damaged[at] ^= bit
        try:
            code = marshal.loads(damaged)
        except (EOFError, ValueError, TypeError, MemoryError):
            outcomes["refused"] += 1
            continue
        try:
            signal.setitimer(signal.ITIMER_REAL, 1)
            exec(code, {"__builtins__": {"range": lambda n: (0, 1, 2), "next": next, "__build_class__": __build_class__,
                                         "open": len}, "__name__": "x"})
        except BaseException:
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
        outcomes["ran"] += 1
print(all(outcomes.values()))
for length in range(len(whole)):
    try:
        marshal.loads(whole[:length])
    except (EOFError, ValueError, TypeError):
        continue
    print("accepted when cut off at", length)
