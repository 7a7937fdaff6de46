# types module: SimpleNamespace, MappingProxyType, GenericAlias, union types, new_class, DynamicClassAttribute.
import types

n = types.SimpleNamespace(a=1, b="x")
n.c = [n.a]
print(n, n == types.SimpleNamespace(a=1, b="x", c=[1]), vars(n), types.SimpleNamespace({"k": 2}, z=1))
del n.a
print(n, hasattr(n, "a"))
try:
    n.a
except AttributeError as error:
    print(error)
proxy = types.MappingProxyType({"k": 1})
print(proxy, proxy["k"], "k" in proxy, len(proxy), list(proxy.items()), proxy | {"z": 2}, proxy == {"k": 1}, proxy.get("q"), proxy.copy())
for action in (lambda: proxy.__setitem__("a", 1), lambda: types.MappingProxyType(1), lambda: exec("p['a'] = 1", {"p": proxy}), lambda: types.SimpleNamespace(1)):
    try:
        action()
    except (TypeError, AttributeError) as error:
        print(type(error).__name__, error)
alias = list[int]
print(alias, alias.__origin__, alias.__args__, dict[str, list[int]], tuple[int, ...], alias == list[int], hash(alias) == hash(list[int]), alias([1]), type(alias).__name__, tuple[()], list[int].append is not None)
print(int | str, int | None, (int | str).__args__, int | str == str | int, isinstance(1, int | str), type(int | str), list[int] | None, (int | str | int).__args__, repr(int | list[str]))
for action in (lambda: int | 5, lambda: isinstance(1, list[int]), lambda: isinstance([], list[int] | int), lambda: list[int][str], lambda: int[str], lambda: issubclass(list, list[int])):
    try:
        print(action())
    except TypeError as error:
        print(error)


class Meta(type):
    def __new__(mcs, name, bases, namespace, **kw):
        namespace["made_with"] = sorted(kw)
        return super().__new__(mcs, name, bases, namespace)


made = types.new_class("Made", (), {"metaclass": Meta, "flag": 1}, lambda ns: ns.update(x=5))
print(made.__name__, made.made_with, made.x, types.resolve_bases((int,)), types.prepare_class("A")[0].__name__)


class Base:
    def __mro_entries__(self, bases):
        print("mro entries", len(bases))
        return (int,)


class FromInstance(Base()):
    pass


print(FromInstance.__bases__, FromInstance.__orig_bases__[0].__class__.__name__, types.get_original_bases(FromInstance)[0].__class__.__name__)
print(types.FunctionType is type(lambda: 0), types.NoneType, types.CodeType.__name__, types.CellType.__name__, types.coroutine.__name__)
module = types.ModuleType("fake", "doc")
module.x = 1
print(module, module.__doc__, module.x, module.__name__, module.__spec__, sorted(vars(module)))
try:
    module.missing
except AttributeError as error:
    print(error)
module.__getattr__ = lambda name: f"dynamic {name}"
print(module.missing, module.__dict__["x"])
