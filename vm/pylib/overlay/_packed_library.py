"""Imports from the library that is packed into the interpreter.

The packed library looks like a folder that is not on the disk: `sys.path` names it, and the path hook of this module
takes that name and what lies below it. Sources and code are read through `_imp`; there are no bytecode files.
"""

import _imp
import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external

# What CPython has frozen: tracebacks show these modules' frames without source.
_FROZEN = frozenset({
    "_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "importlib.machinery", "importlib.util", "io",
    "ntpath", "os", "posixpath", "runpy", "site", "stat", "zipimport",
})


class PackedLoader(_external.SourceLoader):
    """Loads one module from the packed library."""

    def __init__(self, name, path, relative):
        self.name = name
        self.path = path
        self._relative = relative

    def get_filename(self, fullname=None):
        return self.path

    def get_data(self, path):
        data = _imp.packed_data(path)
        if data is None:
            raise FileNotFoundError(2, "No such file in the packed library", path)
        return data

    def get_code(self, fullname):
        shown = f"<frozen {self.name}>" if self.name in _FROZEN else self.path
        code = _imp.packed_code(self.path, shown)
        if code is None:
            code = compile(_imp.packed_data(self.path), shown, "exec", dont_inherit=True)
        return code

    def is_package(self, fullname=None):
        return self._relative.endswith("/__init__.py")

    def get_resource_reader(self, fullname):
        if not self.is_package():
            return None
        return _resource_reader(self.path.rpartition("/")[0], fullname)


def _resource_reader(folder, package):
    from importlib.resources.abc import Traversable, TraversableResources
    import io

    class PackedPath(Traversable):
        def __init__(self, path):
            self._path = path

        @property
        def name(self):
            return self._path.rpartition("/")[2]

        def iterdir(self):
            for name in _imp.packed_list(self._path) or ():
                yield PackedPath(f"{self._path}/{name}")

        def is_dir(self):
            return _imp.packed_list(self._path) is not None

        def is_file(self):
            return _imp.packed_data(self._path) is not None

        def joinpath(self, *descendants):
            path = self._path
            for part in descendants:
                path = f"{path}/{part}"
            return PackedPath(path)

        def __truediv__(self, child):
            return self.joinpath(child)

        def read_bytes(self):
            data = _imp.packed_data(self._path)
            if data is None:
                raise FileNotFoundError(2, "No such file in the packed library", self._path)
            return data

        def open(self, mode="r", *args, **kwargs):
            stream = io.BytesIO(self.read_bytes())
            return stream if "b" in mode else io.TextIOWrapper(stream, *args, **kwargs)

    class PackedReader(TraversableResources):
        def files(self):
            return PackedPath(folder)

    return PackedReader()


class PackedFinder:
    """Finds modules in the packed library's folder, or one of its folders."""

    def __init__(self, path):
        if _imp.packed_list(path) is None:
            raise ImportError("not a folder of the packed library", path=path)
        self.path = path

    def find_spec(self, fullname, target=None):
        base = f"{self.path}/{fullname.rpartition('.')[2]}"
        package = f"{base}/__init__.py"
        if _imp.packed_exists(package):
            return self._spec(fullname, package, [base])
        module = f"{base}.py"
        if _imp.packed_exists(module):
            return self._spec(fullname, module, None)
        if _imp.packed_list(base) is not None:
            spec = _bootstrap.ModuleSpec(fullname, None)
            spec.submodule_search_locations = [base]
            return spec
        return None

    def _spec(self, fullname, path, locations):
        loader = PackedLoader(fullname, path, path[len(self.path):])
        spec = _bootstrap.ModuleSpec(fullname, loader, origin=path, is_package=locations is not None)
        spec.has_location = True
        if locations is not None:
            spec.submodule_search_locations = locations
        return spec

    def invalidate_caches(self):
        """Nothing changes in the packed library."""

    def __repr__(self):
        return f"PackedFinder({self.path!r})"


def archive_hook(path):
    """The path hook of archives: loads zipimport only for what is, or lies in, a regular file."""
    candidate = path
    while True:
        try:
            mode = _external._path_stat(candidate).st_mode
        except (OSError, ValueError):
            parent = _external._path_split(candidate)[0]
            if parent == candidate:
                raise ImportError(f"not an archive: {path!r}", path=path) from None
            candidate = parent
            continue
        if mode & 0o170000 != 0o100000:
            raise ImportError(f"not an archive: {path!r}", path=path)
        break
    from zipimport import zipimporter

    return zipimporter(path)
