# __del__: once, resurrection, errors, order of weak references, at exit.
import gc
import sys
import weakref

log = []


class D:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


def scope():
    D("temporary")
    kept = D("local")
    other = D("rebound")
    other = None


scope()
gc.collect()
gc.collect()
print(sorted(log))
log.clear()


class Phoenix:
    saved = []

    def __del__(self):
        log.append("del")
        Phoenix.saved.append(self)


def burn():
    Phoenix()


burn()
gc.collect()
print(log, len(Phoenix.saved), type(Phoenix.saved[0]).__name__)
Phoenix.saved.clear()
gc.collect()
gc.collect()
print(log)
log.clear()


def cycle():
    a, b = D("a"), D("b")
    a.other, b.other = b, a


cycle()
gc.collect()
gc.collect()
print(sorted(log))
log.clear()


class Raises:
    def __del__(self):
        raise ValueError("in __del__")


unraised = []
sys.unraisablehook = lambda info: unraised.append((type(info.exc_value).__name__, str(info.exc_value)))


def drop():
    Raises()


drop()
gc.collect()
gc.collect()
print(unraised)


def weak():
    d = D("weak")
    refs.append(weakref.ref(d, lambda r: log.append("callback")))


refs = []
weak()
gc.collect()
gc.collect()
print(sorted(log), refs[0]())


def finalized():
    d = D("fin")
    weakref.finalize(d, log.append, "finalize")


finalized()
gc.collect()
gc.collect()
print(sorted(log)[:3])


class AtExit:
    pass


at_exit = AtExit()
atexit_finalizer = weakref.finalize(at_exit, print, "finalize at exit")
print("end of the script")
