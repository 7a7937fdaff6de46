# exit: 1
# An exception group at the top level, nested, with notes and tracebacks inside.


def fail(kind, message):
    raise kind(message)


def collect(*failures):
    errors = []
    for kind, message in failures:
        try:
            fail(kind, message)
        except Exception as error:
            errors.append(error)
    return errors


errors = collect((ValueError, "one"), (TypeError, "two"))
inner = ExceptionGroup("inner group", collect((KeyError, "deep")))
inner.add_note("a note on the group")
errors.append(inner)
errors[0].add_note("a note on the first")
try:
    raise OSError("context")
except OSError:
    raise ExceptionGroup("several things went wrong", errors)
