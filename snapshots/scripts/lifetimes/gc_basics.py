# gc: collecting cycles, callbacks, counts, enable and disable, what is still reachable.
import gc
import weakref


class Node:
    def __init__(self):
        self.other = None


def make_cycle():
    a, b = Node(), Node()
    a.other, b.other = b, a
    return weakref.ref(a), weakref.ref(b)


refs = make_cycle()
gc.collect()
gc.collect()
print([r() for r in refs])


def make_kept():
    a = Node()
    a.other = a
    return a, weakref.ref(a)


kept, ref = make_kept()
gc.collect()
print(ref() is kept, kept.other is kept)
print(gc.isenabled(), gc.disable(), gc.isenabled(), gc.enable(), gc.isenabled(), type(gc.collect()).__name__, type(gc.get_count()).__name__, len(gc.get_threshold()))
containers = [[i] for i in range(1000)]
for c in containers:
    c.append(containers)
weak = [weakref.ref(Node()) for _ in range(100)]
del containers, c
gc.collect()
gc.collect()
print(sum(r() is not None for r in weak) <= 1)
survivors = [Node() for _ in range(50)]
for i in range(20):
    garbage = [[Node(), {i: [i]}, (i, str(i)), {i}] for i in range(500)]
print(len(survivors), all(type(s) is Node for s in survivors), len(garbage), garbage[-1][1:])
print(gc.is_tracked([]), gc.is_tracked(5), gc.garbage, gc.callbacks == [], isinstance(gc.get_stats(), list))
events = []
gc.callbacks.append(lambda phase, info: events.append((phase, sorted(info))))
gc.collect()
gc.callbacks.clear()
print(events[0][0], events[-1][0], events[0][1])
for bad in (lambda: gc.collect(9), lambda: gc.collect("a"), lambda: gc.set_threshold("x")):
    try:
        bad()
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
deep = None
for i in range(200000):
    deep = [deep]
gc.collect()
del deep
gc.collect()
print("a deep chain is gone")
