# env: PYTHONDONTWRITEBYTECODE=
# A bytecode file is written on import and read by the next one; a stale one is made again, a damaged one is an error.
import importlib
import importlib.util
import os
import py_compile
import sys
import tempfile

def fresh(name):
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    source = os.path.join(folder, "written.py")
    with open(source, "w") as file:
        file.write("value = 1\ndef fail():\n    return 1 / 0\n")
    module = fresh("written")
    cached = importlib.util.cache_from_source(source)
    print(module.value, module.__cached__ == cached, os.path.exists(cached))
    with open(cached, "rb") as file:
        data = file.read()
    print(data[:4] == importlib.util.MAGIC_NUMBER, data[2:4], importlib.util.MAGIC_NUMBER == data[:4])

    # The bytecode is what runs: same size and time, other text.
    status = os.stat(source)
    with open(source, "w") as file:
        file.write("value = 2\ndef fail():\n    return 1 / 0\n")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    module = fresh("written")
    print(module.value, module.fail.__code__.co_filename == source)
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns + 5_000_000_000))
    print(fresh("written").value)

    with open(cached, "rb") as file:
        data = file.read()
    for length in (0, 10, 20, len(data) - 1):
        with open(cached, "wb") as file:
            file.write(data[:length])
        try:
            print(length if length < 30 else "nearly all", fresh("written").value)
        except (EOFError, ImportError) as error:
            print(length if length < 30 else "nearly all", type(error).__name__, error)
        if os.path.exists(cached):
            os.remove(cached)

    for mode in (py_compile.PycInvalidationMode.CHECKED_HASH, py_compile.PycInvalidationMode.UNCHECKED_HASH):
        print(py_compile.compile(source, invalidation_mode=mode) == cached, fresh("written").value)
        with open(source, "a") as file:
            file.write("value += 1\n")
        print(fresh("written").value)

    alone = os.path.join(folder, "alone.pyc")
    py_compile.compile(source, cfile=alone)
    module = fresh("alone")
    print(module.value, module.__file__ == alone, module.fail.__code__.co_filename == source)
