# A weak reference that was emptied stays so, also if the finalizer brings the referent back; a new one is another object.
import gc
import weakref

saved = []


class Phoenix:
    def __init__(self, number):
        self.number = number
        self.me = self  # so that CPython, too, finds the death by its collector

    def __del__(self):
        saved.append(self)


def make(number):
    return weakref.ref(Phoenix(number))


old = [make(number) for number in range(20)]
gc.collect()
# The last ones may still be seen on the native stack.
saved.sort(key=lambda phoenix: phoenix.number)
saved = [phoenix for phoenix in saved if phoenix.number < 15]
print([reference() for reference in old[:15]].count(None), [phoenix.number for phoenix in saved])
new = [weakref.ref(phoenix) for phoenix in saved]
print(all(reference() is phoenix for reference, phoenix in zip(new, saved)))
print(any(one is other for one, other in zip(old, new)))
print({weakref.getweakrefcount(phoenix) for phoenix in saved})
print(all(weakref.getweakrefs(phoenix) == [reference] for reference, phoenix in zip(new, saved)))
print(all(weakref.ref(phoenix) is reference for reference, phoenix in zip(new, saved)))
told = []
loud = [weakref.ref(phoenix, told.append) for phoenix in saved]
print({weakref.getweakrefcount(phoenix) for phoenix in saved})


class Base:
    pass


def derive():
    class Derived(Base):
        pass

    return [Derived]


names = [kind.__name__ for kind in Base.__subclasses__()]
kept = derive()
print(names, [kind.__name__ for kind in Base.__subclasses__()])
