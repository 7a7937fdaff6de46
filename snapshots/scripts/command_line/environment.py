# env: PYTHONPATH=/first:/second
# env: PYTHONWARNINGS=ignore
# env: PYTHONOPTIMIZE=1
# Environment variables of the interpreter.
import sys
import warnings

print([p for p in sys.path if p in ("/first", "/second")], sys.warnoptions, sys.flags.optimize, __debug__)
warnings.warn("ignored")
print(sys.flags.dont_write_bytecode, sys.flags.hash_randomization, hash("stable") == hash("stable"))
