//! The bytecode of every kind of statement and expression, as blessed listings.
//!
//! Everything compiled here is also verified, and its liveness is checked against what it reads.

use std::sync::Arc;

use countless_compiler::bytecode::{
    Code, Constant, Instruction, Liveness, Opcode, disassemble, image, verify, verify_all,
};
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::{Mode, ParseOptions, SourceText, parse};

fn compiled(text: &str, mode: Mode, optimize: u8) -> Arc<Code> {
    let source = Arc::new(SourceText::new("<test>", text));
    let module = parse(source, ParseOptions::new(mode)).expect("the test's source parses");
    let table = SymbolTable::build(&module).expect("the test's names resolve");
    let options = CompileOptions { optimize, ..CompileOptions::default() };
    let code = compile(&module, &table, options).expect("the test's source compiles");
    verify_all(&code).expect("the compiler's output is valid");
    code
}

fn listing(text: &str) -> String {
    disassemble(&compiled(text, Mode::Exec, 0))
}

macro_rules! listings {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(listing($text));
        }
    )*};
}

listings! {
    arithmetic: "
def f(a, b):
    c = a + b * 2 - 70000
    c += a // 3
    c <<= b
    return -c ** ~b @ +a, 1 + 2 * 3, 'x' * 3, 10 ** 100 % 7, not a
";
    comparison: "
def f(a, b, c):
    if a < b <= c != 4 or a is None and b is not c:
        return a in (1, 2), a not in {1, 2}
    while not (a == 1 and b) or (c if a else b):
        a = a > b
    return a < b < c
";
    names: "
import a.b, c.d as e
from . import x as y
from m import *
g = 1
def f(p):
    global g
    g, q = p, g
    def inner():
        nonlocal q
        q = g
        del q
    del p
    return inner
del g
";
    maybe_unbound: "
def f(a):
    if a:
        b = 1
    print(b, b)
    for c in a:
        pass
    del a
    return c, a
";
    attributes_and_subscripts: "
def f(o, i):
    o.a.b[i] = o[1:i] = o[::2]
    o.a += 1
    o[i] -= o[-1]
    o[1:2] *= i
    del o.a, o[i], o[1:2]
    return o[i, 1:i]
";
    calls: "
def f(a, *b, c=1, **d):
    a(); a(1, b); a(x=1, y=2)
    a.m(b).n(k=c)
    a(*b); a(1, *b, 2, x=3, **d, **c)
    return super, print
class A(B):
    def m(self):
        return super().m(1) + super(A, self).x
";
    displays: "
def f(a):
    return [], [a, 1], [1, 2, 3], [*a, 1], (a, *a), {1, 2, 3}, {a, *a}, {a: 1}, {**a, 'k': a}, ()
";
    strings: "
def f(a, w):
    'doc'
    return f'{a}', f'x{a!r}y{a:>{w}}{a=}z' 'tail', t'a{a + 1}b{w!s:>5}', b'a' b'b', ''
";
    loops: "
def f(xs):
    for x in xs:
        if x:
            continue
        for a, *b in x:
            break
        else:
            x()
    else:
        xs()
    while True:
        if xs:
            break
    while xs:
        pass
";
    comprehensions: "
def f(xs, y):
    a = [x + y for x in xs if x if y]
    b = {x: (lambda: x) for x in xs for z in x}
    c = {x for x in [1, 2]}
    return (x async for x in xs), (x for x in xs), a, b, c
class C:
    a = [b for b in c]
";
    functions: "
@d1
@d2(1)
def f(a, b=1, /, c=[], *args, d, e=2, **kw):
    return lambda x, y=a: x + y + c
def g(a: int, *b: *T) -> 'r':
    'doc'
    yield
";
    classes: "
@d
class A(B, metaclass=M, **kw):
    'doc'
    x: int = 1
    if x:
        y: str
    def __init__(self):
        self.__private = __class__
";
    generics: "
def f[T: int = str, *Ts, **P](a: T = 1, *, k=2) -> T: ...
class C[T: (int, str)](B): a: T
type X[T] = list[T]
type Y = X
";
    module_annotations: "
x: int = 1
if x:
    y: str
a.b: int
(z): int = 2
";
    text_annotations: "
from __future__ import annotations
x: int[1:2] = 1
def f(a: lambda x, *y: x) -> (yield_): pass
";
    try_statements: "
def f(a):
    try:
        a()
    except (A, B) as e:
        return e
    except C:
        pass
    else:
        a(1)
    finally:
        a(2)
    try:
        raise X from a
    except:
        raise
";
    except_star: "
def f(a):
    for x in a:
        try:
            a()
        except* A as e:
            print(e)
        except* B:
            raise
";
    finally_exits: "
def f(a):
    for x in a:
        try:
            if x:
                continue
            if a:
                break
            return x
        finally:
            x()
";
    with_statements: "
def f(a):
    with a as b, a() as b.c:
        return b
async def g(a):
    async with a as b:
        await b
";
    generators: "
def f(a):
    x = yield a
    x = yield from a
    return (yield)
async def g(a):
    async for x in a:
        yield await x
    return
async def h(a):
    return [x async for x in a if await x]
";
    patterns: "
def f(x):
    match x:
        case 1 | 'a' | None:
            return 1
        case [a, _, *rest] if a:
            return rest
        case [1, *_, b]:
            return b
        case {'k': v, **kw}:
            return v, kw
        case P(1, y=q) as p:
            return p, q
        case (True, -1 + 2j):
            pass
        case (c,) | [c, _]:
            return c
        case other:
            return other
";
    walrus: "
def f(a, b):
    c = a + (a := b) + a
    if (d := f()) and (e := d):
        return e
    print(d, e)
    return [last := x for x in a], last
";
    assertions: "
def f(a):
    assert a > 1, 'message'
    assert a
    if __debug__:
        a()
    if 0:
        dead()
    return 1
    dead()
";
    constants: "
1
'unused'
x = 1, 2.5, 3j, None, ..., True, (1, (2, 'x')), b'', 1 << 70, -1, 1.5 * 2, 'ab'[1], (1, 2)[0]
y = a[1:2], a[1:2:3], a[x]
";
}

#[test]
fn expression_mode() {
    insta::assert_snapshot!(disassemble(&compiled("a + [b for b in c][0]", Mode::Eval, 0)));
}

#[test]
fn interactive_mode() {
    insta::assert_snapshot!(disassemble(&compiled("for x in y: x + 1\n", Mode::Single, 0)));
}

#[test]
fn optimized() {
    let text = "'module doc'\ndef f():\n    'doc'\n    assert f, 1\n    return __debug__\n";
    insta::assert_snapshot!(disassemble(&compiled(text, Mode::Exec, 2)));
}

#[test]
fn far_jumps_get_trampolines() {
    let body = "    a.b(1)\n".repeat(20_000);
    let code = compiled(&format!("for x in y:\n{body}else:\n    z()\n"), Mode::Exec, 0);
    let next = code.instructions.iter().position(|word| word.opcode() == Some(Opcode::ForIter));
    let next = next.expect("a loop has its ForIter");
    assert_eq!(code.instructions[next].jump_distance(), Some(1));
    assert!(code.instructions[next + 2].jump_distance() > Some(60_000));
}

#[test]
fn what_instructions_cannot_express_is_an_error() {
    let text: String = (0..70_000).map(|at| format!("a{at} = {at}\n")).collect();
    let source = Arc::new(SourceText::new("<test>", text));
    let module = parse(source, ParseOptions::new(Mode::Exec)).expect("it parses");
    let table = SymbolTable::build(&module).expect("its names resolve");
    let error = compile(&module, &table, CompileOptions::default()).expect_err("there are too many names");
    assert_eq!(error.message, "too many names");
}

#[test]
fn a_temporary_is_live_from_its_write_to_its_last_read() {
    let code = compiled("def f(a):\n    return g(a, h(a))\n", Mode::Exec, 0);
    let function = code.nested().next().expect("a function");
    let liveness = Liveness::compute(function);
    let calls: Vec<usize> = (0..function.instructions.len())
        .filter(|pc| function.instructions[*pc].opcode() == Some(Opcode::Call))
        .collect();
    // While `h` runs, the callable `g` and its first argument are needed; while `g` runs, nothing is.
    assert_eq!(liveness.iter_after(calls[0]).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(liveness.iter_after(calls[1]).count(), 0);
    assert!(liveness.live_before(calls[1], 4));
    assert!(liveness.live_after(calls[1], 0), "variables are always live");
}

#[test]
fn an_image_says_what_the_code_says() {
    let text = "
'doc \\ud800'
x = [1, -1, 1 << 63, 1 << 200, -(1 << 200), 1.5, -0.0, 2j, ..., None, True, b'bytes', 'é', '']
def f(a, /, b, *c, k=(1, ('deep', (2.5,))), **d):
    'doc'
    def g():
        return b in {1, 2, 'three'}, x[1:2], lambda: a
    class C[T]:
        y: T = a
    try:
        return [g for _ in c]
    finally:
        async def h(): await d
";
    let code = compiled(text, Mode::Exec, 0);
    let packed = image::open(image::write(&code).expect("it is not deep").leak()).expect("the image is of this build");
    assert!(image::check(packed, &code));
    let read = packed.read(code.filename.clone());
    assert!(read.has_parts_of(&code));
    verify(&read).expect("what is read back is as valid as the code");
    assert_eq!(read.docstring(), code.docstring());
    let nested = read.constants.iter().filter(|constant| matches!(constant, Constant::Nested(_))).count();
    assert_eq!(nested, code.nested().count());

    let other = compiled(&text.replace("return b in", "return b not in"), Mode::Exec, 0);
    assert!(!image::check(packed, &other), "a difference deep inside is found");
    let mut damaged = image::write(&code).expect("it is not deep");
    assert_eq!(image::validate(&damaged), Ok(()));
    assert_eq!(
        Some(&damaged),
        image::write(&packed.read_whole(&code.filename)).as_ref(),
        "an image is read back whole"
    );
    damaged[0] ^= 1;
    assert!(image::open(damaged.leak()).is_err(), "an image of another instruction table is refused");
}

/// Whatever byte is changed: the image is refused, or all of its code can be read and is verified without panic.
#[test]
fn damaged_images_are_refused_or_readable() {
    let text = "
def f(a, *b, k=(1, 'x', 2.5, 1 << 70)):
    try:
        return [lambda: (a, y) for y in b if y in {1, 2}]
    finally:
        class C: z = x[1:2]
";
    let whole = image::write(&compiled(text, Mode::Exec, 0)).expect("it is not deep");
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            if image::validate(&damaged).is_ok() {
                let packed = image::open(&damaged).expect("a valid image opens");
                let code = Arc::new(packed.read_whole(&"<test>".into()));
                if verify_all(&code).is_ok() {
                    disassemble(&code);
                }
            }
        }
    }
    (0..whole.len()).for_each(|length| assert!(image::validate(&whole[..length]).is_err(), "cut off at {length}"));
}

#[test]
fn what_is_nested_too_deeply_has_no_image() {
    let nested = |levels: usize| compiled(&format!("{}0", "lambda: ".repeat(levels)), Mode::Eval, 0);
    assert!(image::write(&nested(90)).is_some());
    assert!(image::write(&nested(110)).is_none());
}

/// Every way of changing one bit of a word must be refused or be harmless to the tools that read code.
#[test]
fn damaged_code_is_verified_without_panic() {
    let text = "
def f(a, *b, k=1):
    with a as c:
        for x in [y for y in b]:
            try:
                yield a(x, k=k)
            except E as e:
                print(e, lambda: c)
";
    let code = compiled(text, Mode::Exec, 0);
    let function = code.nested().next().expect("a function");
    for pc in 0..function.instructions.len() {
        for bit in 0..64 {
            let mut damaged = Code::clone(function);
            damaged.instructions[pc] = Instruction(damaged.instructions[pc].0 ^ 1 << bit);
            if verify(&damaged).is_ok() {
                Liveness::compute(&damaged);
            }
            disassemble(&damaged);
        }
    }
}
