"""What `sysconfig` says about how this interpreter was built.

CPython generates such a module per build; here everything follows from `sys`. Nothing is compiled against an
installed interpreter, so compiler variables name the system's tools.
"""

import sys

_suffix = f"{sys.version_info[0]}.{sys.version_info[1]}"
_multiarch = getattr(sys.implementation, "_multiarch", "")
_soabi = sys.implementation.cache_tag + (f"-{_multiarch}" if _multiarch else "")
_shared = "-bundle -undefined dynamic_lookup" if sys.platform == "darwin" else "-shared"

build_time_vars = {
    "ABIFLAGS": sys.abiflags,
    "AR": "ar",
    "ARFLAGS": "rcs",
    "BINDIR": f"{sys.base_exec_prefix}/bin",
    "BINLIBDEST": f"{sys.base_exec_prefix}/lib/countless{_suffix}",
    "CC": "cc",
    "CCSHARED": "-fPIC",
    "CFLAGS": "-O2 -Wall",
    "CXX": "c++",
    "EXE": "",
    "EXT_SUFFIX": f".{_soabi}.so",
    "INCLUDEPY": f"{sys.base_prefix}/include/countless{_suffix}",
    "LDFLAGS": "",
    "LDLIBRARY": "",
    "LDSHARED": f"cc {_shared}",
    "LDVERSION": _suffix,
    "LIBDEST": f"{sys.base_prefix}/lib/countless{_suffix}",
    "LIBDIR": f"{sys.base_exec_prefix}/lib",
    "LIBRARY": "",
    "MULTIARCH": _multiarch,
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": 0,
    "SHLIB_SUFFIX": ".so",
    "SIZEOF_VOID_P": 8,
    "SOABI": _soabi,
    "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
    "VERSION": _suffix,
    "WITH_DOC_STRINGS": 1,
    "exec_prefix": sys.base_exec_prefix,
    "prefix": sys.base_prefix,
}
