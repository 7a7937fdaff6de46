from .. import NAME

VALUE = "deep value"


def up():
    from ..alpha import who

    return NAME.upper()
