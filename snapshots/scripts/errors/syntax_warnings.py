# What CPython warns of while compiling.
import warnings

SOURCES = """
x is 1
x is 'a'
x is not ()
assert (1, 'msg')
1()
'a'()
[1](2)
[1][1, 2]
(1)[0]
{}['a']()
None.x()
"abc" (1)
f"{1}"(2)
1 if 1else 2
0x1for x in y
'\\d'
b'\\d'
r'\\d'
'\\400'
def f():\\n try: pass\\n finally: return
def f():\\n for i in x:\\n  try: pass\\n  finally: break
while 1:\\n try: pass\\n finally: continue
def f(): x is True
x == 1 is 2
[1, 2][a]
[1, 2]['a']
(1, 2)[1.5]
lambda: 1 is 1
""".strip("\n").split("\n")
for source in SOURCES:
    source = source.replace("\\n", "\n").replace("\\\\", "\\")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, "<s>", "exec")
        except SyntaxError as error:
            print(repr(source), "ERROR", error.msg)
    print(repr(source), [(w.category.__name__, str(w.message), w.lineno) for w in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    for source in ("x is 1", "'\\d'", "assert (1, 2)"):
        try:
            compile(source, "<s>", "exec")
        except SyntaxError as error:
            print(error.msg, error.lineno, error.offset)
