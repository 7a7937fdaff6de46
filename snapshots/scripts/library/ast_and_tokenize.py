# ast: parse, dump, unparse, visitors, literal_eval; tokenize; symtable; keyword.
import ast
import io
import keyword
import symtable
import tokenize

source = '''
@dec
def f(a, /, b: int = 1, *args, c, **kw) -> str:
    """doc"""
    return [x async for x in y if x] or {**a, "k": b[1:2, ...]} if a < b <= c else (yield)
class C[T: int](Base, metaclass=M):
    x: int = 1
match p:
    case [1, *_] | {"k": v, **r} | C(a=1) as q if v: pass
try:
    pass
except* (A, B) as e: raise X from e
with a as b, c: del d
type A[T] = list[T]
f"{a!r:>{w}} {b=}"
async def g(): await (lambda *a: a)(*b, k=~-1 ** 2)
'''
tree = ast.parse(source)
print(ast.unparse(tree))
print(ast.dump(ast.parse("a = b.c[d](e, *f, g=1) + -2"), indent=1))
print(ast.dump(ast.parse("lambda x=1, *y: x", mode="eval"), include_attributes=True), ast.dump(ast.parse("x: int", type_comments=False).body[0], annotate_fields=False))
print(ast.literal_eval("{'a': [1, -2.5, (3,), None, b'x', 1+2j], 'b': {1, 2}}"), ast.get_docstring(tree.body[0]), ast.get_source_segment("a + bc", ast.parse("a + bc").body[0].value.right))
for bad in ("f()", "a", "1 + 'a'", "[", "[1] * 3", "{**{}}"):
    try:
        ast.literal_eval(bad)
    except (ValueError, SyntaxError) as error:
        print(type(error).__name__, getattr(error, "msg", str(error).split(" at 0x")[0]))


class Renamer(ast.NodeTransformer):
    def visit_Name(self, node):
        return ast.copy_location(ast.Name(node.id.upper(), node.ctx), node)

    def visit_Constant(self, node):
        return ast.Constant(node.value * 2) if isinstance(node.value, int) else node


class Counter(ast.NodeVisitor):
    def __init__(self):
        self.counts = {}

    def generic_visit(self, node):
        name = type(node).__name__
        self.counts[name] = self.counts.get(name, 0) + 1
        super().generic_visit(node)


changed = ast.fix_missing_locations(Renamer().visit(ast.parse("x = y + 3")))
space = {"Y": 4}
exec(compile(changed, "<ast>", "exec"), space)
counter = Counter()
counter.visit(tree)
print(ast.unparse(changed), space["X"], sorted(counter.counts.items())[:12], len(list(ast.walk(tree))), [type(n).__name__ for n in ast.iter_child_nodes(tree.body[0])])
node = ast.BinOp(ast.Constant(1), ast.Add(), ast.Constant(2))
print(eval(compile(ast.Expression(ast.fix_missing_locations(node)), "e", "eval")), ast.dump(node), node._fields, ast.Add()._attributes, isinstance(node, ast.expr), ast.Constant(5).value, tree.body[0].lineno, tree.body[0].end_col_offset, ast.compare(ast.parse("a"), ast.parse("a")))
for f in (lambda: compile(ast.Expression(ast.Name("x")), "f", "eval"), lambda: compile(ast.Module([ast.Constant(1)], []), "f", "exec"), lambda: ast.Name(1, 2, 3, 4), lambda: compile(ast.Expression(5), "f", "eval"), lambda: ast.parse("x y")):
    try:
        f()
    except (TypeError, ValueError, SyntaxError) as error:
        print(type(error).__name__, str(error).split(", got <ast")[0])
for token in tokenize.generate_tokens(io.StringIO("def f(x):\n    return f'a{x!r}' + 0x1F  # done\n").readline):
    print(tokenize.tok_name[token.type], repr(token.string), token.start, token.end)
print(tokenize.untokenize(tokenize.generate_tokens(io.StringIO("x  =  1\n").readline)), tokenize.detect_encoding(io.BytesIO(b"# -*- coding: latin-1 -*-\n").readline), keyword.kwlist, keyword.softkwlist)
table = symtable.symtable("def f(a):\n global g\n b = a\n def h(): return b\n", "f.py", "exec")
f = next(c for c in table.get_children() if c.get_name() == "f")
print(f.get_name(), f.get_parameters(), f.get_locals(), f.get_globals(), [c.get_frees() for c in f.get_children() if c.get_name() == "h"], [(s.get_name(), s.is_local(), s.is_parameter()) for s in sorted(f.get_symbols(), key=lambda s: s.get_name())])
