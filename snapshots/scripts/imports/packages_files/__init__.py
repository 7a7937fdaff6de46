NAME = "the package"


def __getattr__(name):
    if name.endswith("dynamic") or name.startswith("dynamic"):
        return f"made {name}"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return ["fixed"]
