# Tracebacks and frames as objects; the traceback module's formatting.
import sys
import traceback


def a(n):
    local = n * 2
    return b(n)


def b(n):
    raise ValueError("from b")


try:
    a(3)
except ValueError as error:
    caught = error
tb = caught.__traceback__
names, lines = [], []
while tb:
    names.append(tb.tb_frame.f_code.co_name)
    lines.append(tb.tb_lineno)
    if tb.tb_frame.f_code.co_name == "a":
        print(tb.tb_frame.f_locals)
    tb = tb.tb_next
print(names, lines)
print("".join(traceback.format_exception(caught)))
print(traceback.format_exception_only(caught), traceback.format_exception_only(KeyError("k")), traceback.format_exception_only(SyntaxError("bad", ("f.py", 2, 3, "a b c"))))
for frame in traceback.extract_tb(caught.__traceback__):
    print(frame.name, frame.lineno, frame.line, frame.colno, frame.end_colno)
summary = traceback.TracebackException.from_exception(caught, limit=1)
print("".join(summary.format()), summary.exc_type_str, len(summary.stack))
print([f.name for f in traceback.extract_stack()], traceback.format_stack(limit=1)[0].strip().splitlines()[1].strip())


def frames():
    f = sys._getframe()
    return f.f_code.co_name, f.f_back.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, f.f_locals["f"] is f


print(frames())
try:
    sys._getframe(100)
except ValueError as error:
    print(error)
new = caught.__traceback__
print(type(new)(None, new.tb_frame, new.tb_lasti, 5).tb_lineno, ValueError().with_traceback(new).__traceback__ is new)
try:
    new.tb_next = new
except ValueError as error:
    print(error)
import io

buffer = io.StringIO()
traceback.print_exception(caught, limit=-1, file=buffer, chain=False)
print(buffer.getvalue())
