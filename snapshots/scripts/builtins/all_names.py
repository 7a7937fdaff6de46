# The names in builtins, and what kind each is.
import builtins

groups = {}
for name in dir(builtins):
    if name.startswith("_") or name in ("copyright", "credits", "exit", "quit", "license", "help"):
        continue
    value = getattr(builtins, name)
    if isinstance(value, type):
        kind = "exception" if issubclass(value, BaseException) else "type"
    else:
        kind = type(value).__name__
    groups.setdefault(kind, []).append(name)
for kind, names in sorted(groups.items()):
    print(kind, names)
for name in groups["exception"]:
    value = getattr(builtins, name)
    print(name, [base.__name__ for base in value.__mro__[1:-2]], value.__module__)
for name in ("None", "True", "False", "Ellipsis", "NotImplemented", "__debug__"):
    print(name, getattr(builtins, name))
for name in groups["type"]:
    print(name, getattr(builtins, name).__base__.__name__ if name != "object" else None, getattr(builtins, name).__module__)
print(EnvironmentError is OSError, IOError is OSError, type(builtins), builtins.__doc__.splitlines()[0])
