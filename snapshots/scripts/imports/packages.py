# Packages beside the script: relative imports, __init__, submodules as attributes, __all__, star imports.
import sys

import packages_files
from packages_files import alpha
from packages_files.sub import deep
from packages_files.sub.deep import VALUE as value, up
import packages_files.sub.other as renamed
from packages_files.star import *

print(packages_files.NAME, packages_files.__name__, packages_files.__package__, [p.rsplit("/", 1)[1] for p in packages_files.__path__])
print(alpha.__name__, alpha.who(), deep.VALUE, value, up(), renamed.__name__)
print(public, also, "_private" in globals(), "hidden" in globals())
print(sorted(n for n in sys.modules if n.startswith("packages_files")))
print(packages_files.sub.deep is deep, packages_files.alpha is alpha, deep.__package__, deep.__spec__.name, deep.__spec__.parent, deep.__file__.rsplit("/", 3)[1:])
print(alpha.lazily(), "packages_files.late" in sys.modules)
print(packages_files.dynamic_attribute, dir(packages_files) == ["fixed"])
from packages_files import another_dynamic

print(another_dynamic)
for statement in ("import packages_files.missing", "from packages_files import missing_name", "import no_such_top", "from packages_files.alpha import nothing", "from .x import y", "import packages_files.alpha.deeper",
                  "from packages_files.broken import x", "from packages_files.sub import *; print(sorted(k for k in locals() if k in ('deep', 'other', 'x')))"):
    try:
        exec(statement, {"__name__": "not_main"} if "from ." in statement else {})
    except Exception as error:
        print(type(error).__name__, error, getattr(error, "name", None))
try:
    import packages_files.broken
except ZeroDivisionError:
    print("packages_files.broken" in sys.modules)
del sys.modules["packages_files.alpha"]
import packages_files.alpha

print(packages_files.alpha is alpha, sys.modules["packages_files.alpha"] is packages_files.alpha)
sys.modules["injected"] = 5
import injected

print(injected)
sys.modules["blocked"] = None
try:
    import blocked
except ImportError as error:
    print(type(error).__name__, error)
