"""`__conditional_annotations__` is an ordinary name, which the program may bind to anything."""
for value in (0, {}, [], "", object(), frozenset()):
    for left in ("__conditional_annotations__", 'globals()["__conditional_annotations__"]'):
        try:
            exec(f"{left} = value\nx: int\n", {"value": value})
        except TypeError as error:
            print(error)

namespace = {}
exec("x: int\nif namespace:\n    y: str\nprint(__conditional_annotations__)\n", {"namespace": namespace})
