from . import sub
from .sub import deep as d


def who():
    return f"{__name__} knows {sub.__name__} and {d.VALUE}"


def lazily():
    from . import late

    return late.WHEN
