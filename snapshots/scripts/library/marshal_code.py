# Code objects through marshal: they come back equal and run; damaged bytes are refused, never believed.
import io
import marshal

SOURCE = '''
def outer(a, /, b=2, *args, c=3, **rest):
    """Documentation."""
    total = 0
    def inner(step):
        nonlocal total
        total += step
        return total
    for item in args:
        try:
            inner(item)
        except TypeError:
            inner(1000)
    return a + b + c + inner(len(rest)), [total for _ in range(2)], 1 << 80, 2.5, 1j, b"bytes", "\\udc80\\u1234"

class Counter:
    def __init__(self):
        self.seen = []
    def items(self):
        yield from self.seen
'''

def inner(code):
    return next(constant for constant in code.co_consts if hasattr(constant, 'co_code'))

code = compile(SOURCE, "made_up.py", "exec")
data = marshal.dumps(code)
copy = marshal.loads(data)
print(copy == code, copy.co_filename, list(copy.co_names), inner(copy).co_filename)
print(list(inner(copy).co_positions()) == list(inner(code).co_positions()))
space = {}
exec(copy, space)
print(ascii(space["outer"](1, 2, 3, "x", 4, c=5, d=6)), space["outer"].__doc__)
counter = space["Counter"]()
counter.seen.append("seen")
print(list(counter.items()))

stream = io.BytesIO()
marshal.dump([code, "behind"], stream)
stream.seek(0)
print(marshal.load(stream)[1])

for attempt in (
    lambda: marshal.dumps(code, allow_code=False),
    lambda: marshal.dumps([code], allow_code=False),
    lambda: marshal.loads(data, allow_code=False),
    lambda: marshal.loads(data[:40]),
    lambda: marshal.loads(b""),
):
    try:
        print("done", attempt())
    except Exception as error:
        print(type(error).__name__, error)

# Cut off anywhere: an error of these kinds, at every length.
kinds = set()
for length in range(0, len(data), 3):
    try:
        marshal.loads(data[:length])
        print("accepted", length)
    except (EOFError, ValueError, TypeError) as error:
        kinds.add(type(error).__name__)
print(sorted(kinds)[:1])
