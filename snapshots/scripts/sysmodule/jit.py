# oracle: differs CPython's build may have a just-in-time compiler
import sys
import types

assert isinstance(sys._jit, types.ModuleType)
print(sys._jit.__name__, "sys._jit" in sys.modules)
print([name for name in dir(sys._jit) if not name.startswith("_")])
print(sys._jit.is_available(), sys._jit.is_enabled(), sys._jit.is_active())
