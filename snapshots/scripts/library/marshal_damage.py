# oracle: skip CPython does not verify marshalled code and may crash on such bytes
# Every byte of marshalled code changed in several ways: it loads as something, or raises; it never crashes.
import marshal

def sample(values, *, scale=2, **names):
    """Doc."""
    found = {}
    with open(values) as file:
        for line in file:
            try:
                found[line] = [scale * number for number in names[line]]
            except (KeyError, ValueError) as error:
                print(error, sep="", end="")
            finally:
                found.pop(line, None)
    return lambda: (yield found)

data = marshal.dumps(sample.__code__)
loaded = refused = 0
for position in range(len(data)):
    for change in (0x01, 0x80, 0xff):
        damaged = bytearray(data)
        damaged[position] ^= change
        try:
            value = marshal.loads(damaged)
        except (ValueError, EOFError, TypeError):
            refused += 1
        else:
            loaded += 1
print(loaded > 0, refused > loaded // 20, loaded + refused == 3 * len(data))
