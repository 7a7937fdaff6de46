# Circular imports: partly initialised modules and the messages about them.
import sys

from circular_files import first

print(first.VALUE, first.second.SEEN, sys.modules["circular_files.second"].first is first)
try:
    import circular_files.third
except ImportError as error:
    print(type(error).__name__, str(error).split(" (")[0])
try:
    import circular_files.fifth
except AttributeError as error:
    print(error.args[0].split(" (")[0])
print(sorted(n for n in sys.modules if n.startswith("circular_files")))
