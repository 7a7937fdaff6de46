# KeyboardInterrupt from a signal handler, and what catches it.
import os
import signal
import time

print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        time.sleep(0.01)
except KeyboardInterrupt as error:
    print("interrupted", error.args, isinstance(error, Exception))
seen = []
old = signal.signal(signal.SIGUSR1, lambda number, frame: seen.append((number, frame.f_code.co_name)))
signal.raise_signal(signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
for _ in range(100):
    if len(seen) == 2:
        break
    time.sleep(0.01)
print(len(seen), seen[0][0] == signal.SIGUSR1, old, signal.SIGUSR1.name)


def raising(number, frame):
    raise RuntimeError("from the handler")


signal.signal(signal.SIGUSR1, raising)
try:
    signal.raise_signal(signal.SIGUSR1)
    for _ in range(10000):
        pass
except RuntimeError as error:
    print(error)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.raise_signal(signal.SIGUSR1)
print("ignored", signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN)
signal.signal(signal.SIGALRM, raising)
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    while True:
        pass
except RuntimeError:
    print("alarm stopped a busy loop")
for bad in (lambda: signal.signal(9999, raising), lambda: signal.signal(signal.SIGUSR1, 5), lambda: signal.signal(signal.SIGKILL, raising)):
    try:
        bad()
    except (ValueError, TypeError, OSError) as error:
        print(type(error).__name__, error)
