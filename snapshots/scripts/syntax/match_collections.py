# A class that derives from a mapping and from a sequence matches as what comes first.
import collections
import collections.abc


def kind(value):
    match value:
        case [*_]:
            first = "sequence"
        case {}:
            first = "mapping"
        case _:
            first = "neither"
    match value:
        case {}:
            second = "mapping"
        case [*_]:
            second = "sequence"
        case _:
            second = "neither"
    return first, second


class Plain:
    pass


class A(collections.UserDict, collections.abc.Sequence):
    pass


class B(Plain, collections.UserList, collections.abc.Mapping):
    pass


class C(list, Plain, collections.abc.Mapping):
    pass


class D(dict, collections.abc.Sequence, Plain):
    pass


class E(Plain, D):
    pass


class Late:
    def __len__(self):
        return 0

    def __getitem__(self, key):
        raise IndexError(key)

    def keys(self):
        return ()


for make in [A, B, C, D, E, Late, Plain]:
    print(make.__name__, *kind(make()))
collections.abc.Mapping.register(Late)
print(*kind(Late()), *kind(type("Child", (Late,), {})()))
