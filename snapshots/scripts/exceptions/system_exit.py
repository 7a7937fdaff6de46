# exit: 7
# SystemExit in its forms, atexit order, and the final status.
import atexit
import subprocess
import sys


def status(argument):
    try:
        sys.exit(argument)
    except SystemExit as error:
        return error.code


print([status(a) for a in (None, 0, 3, "text", (1, 2))], status.__name__)
try:
    exit(4)
except SystemExit as error:
    print("exit", error.code)
try:
    raise SystemExit
except BaseException as error:
    print(repr(error), error.code)
print(issubclass(SystemExit, Exception))
atexit.register(print, "registered first, runs last")


@atexit.register
def second():
    print("second")


def fails():
    raise ValueError("in atexit")


atexit.register(fails)
removed = atexit.register(lambda: print("never"))
atexit.unregister(removed)
atexit.register(lambda: print("runs first"))
try:
    sys.exit("not final")
except SystemExit:
    pass
try:
    sys.exit(1)
finally:
    sys.exit(7)
