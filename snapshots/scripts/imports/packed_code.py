# Code of the library that has not run yet: everything that can be asked about it is there.
import ast
import dis
import inspect
import json
import json.decoder
import marshal
import string
import textwrap
import threading
import types

# Nothing of these has been called.
dedent = textwrap.shorten
print(dedent.__name__, dedent.__qualname__, dedent.__doc__.splitlines()[0])
code = textwrap.TextWrapper._wrap_chunks.__code__
print(code.co_name, code.co_qualname, code.co_argcount, code.co_varnames[:3], "lines" in code.co_varnames)
print(code.co_firstlineno == inspect.getsourcelines(textwrap.TextWrapper._wrap_chunks)[1])
print(inspect.signature(json.decoder.JSONDecoder.__init__))
print(inspect.getsource(textwrap.indent).splitlines()[0])
print(string.capwords.__code__.co_freevars, string.capwords.__code__.co_names)
print(code == code.replace(), hash(code) == hash(code.replace()), code.replace(co_name="x").co_name)
print(any(True for _ in dis.get_instructions(ast.literal_eval)))

# Through marshal and back, nested code included.
copy = marshal.loads(marshal.dumps(ast.literal_eval.__code__))
print(copy == ast.literal_eval.__code__, copy.co_consts == ast.literal_eval.__code__.co_consts)
print(types.FunctionType(copy, vars(ast), closure=None)("[1, 2.5, 'x']"))

# A closure is made of code with free variables.
print([c.co_freevars for c in ast.literal_eval.__code__.co_consts if isinstance(c, types.CodeType)])

# Many threads run the same code for the first time.
results = []
barrier = threading.Barrier(8)


def run():
    barrier.wait()
    results.append(textwrap.fill("a b c d e f g", 5) + json.dumps({"k": [1, None]}, indent=1))


threads = [threading.Thread(target=run) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(results), set(results))

# Frames of it in tracebacks have their lines.
try:
    json.loads("[1,")
except json.JSONDecodeError as error:
    frames = inspect.getinnerframes(error.__traceback__)
    print([(frame.function, bool(frame.code_context)) for frame in frames])
