//! Errors with their places, as CPython 3.14 reports them.

use std::sync::Arc;

use crate::symtable::SymbolTable;
use crate::syntax::{Mode, ParseOptions, SourceText, SyntaxError, parse};

fn check(text: &str) -> Result<Vec<String>, SyntaxError> {
    let source = Arc::new(SourceText::new("m.py", text));
    let mut module = parse(source, ParseOptions::new(Mode::Exec))?;
    SymbolTable::check(&mut module)?;
    Ok(module.warnings.iter().map(|warning| warning.message.clone()).collect())
}

type Place = (u32, i64, u32, i64);

/// A text, and the message and place of its error.
type Case = (&'static str, &'static str, Place);

fn assert_errors(cases: &[Case]) {
    for &(text, message, (line, column, end_line, end_column)) in cases {
        let error = check(text).expect_err(text);
        let place = (error.line, error.column, error.end_line, error.end_column);
        let wanted = (Some(line), Some(column), Some(end_line), Some(end_column));
        assert_eq!((error.message.as_str(), place), (message, wanted), "{text:?}");
    }
}

const BRACKETS_AND_STRINGS: &[Case] = &[
    ("total = (1, 2", "'(' was never closed", (1, 9, 1, 0)),
    ("total = [1, 2)", "closing parenthesis ')' does not match opening parenthesis '['", (1, 14, 1, 14)),
    ("total = 1)", "unmatched ')'", (1, 10, 1, 10)),
    ("name = 'unfinished", "unterminated string literal (detected at line 1)", (1, 8, 1, 8)),
    ("name = '''unfinished\nmore", "unterminated triple-quoted string literal (detected at line 2)", (1, 8, 1, 8)),
    ("name = f'{total'", "f-string: expecting '}'", (1, 16, 1, 16)),
    ("name = f'{total", "'{' was never closed", (1, 10, 1, 0)),
    ("name = f'total}'", "f-string: single '}' is not allowed", (1, 15, 1, 15)),
    ("name = f'{}'", "f-string: valid expression required before '}'", (1, 11, 1, 12)),
    ("name = f'{total!x}'", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'", (1, 17, 1, 18)),
    ("name = f'{total:{width}'", "f-string: expecting '}', or format specs", (1, 24, 1, 25)),
    ("name = b'é'", "bytes can only contain ASCII literal characters", (1, 8, 1, 12)),
    (
        "name = '\\x1'",
        "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape",
        (1, 8, 1, 13),
    ),
    ("name = 'a' b'b'", "cannot mix bytes and nonbytes literals", (1, 16, 1, 17)),
    ("name = t'a' 'b'", "cannot mix t-string literals with string or bytes literals", (1, 8, 1, 16)),
    ("name = ub''", "'u' and 'b' prefixes are incompatible", (1, 8, 1, 10)),
    ("level = 1 \\ 2", "unexpected character after line continuation character", (1, 12, 1, 0)),
];

#[test]
fn brackets_and_strings() {
    assert_errors(BRACKETS_AND_STRINGS);
}

const NUMBERS: &[Case] = &[
    ("n = 0b12", "invalid digit '2' in binary literal", (1, 8, 1, 8)),
    ("n = 0o8", "invalid digit '8' in octal literal", (1, 7, 1, 7)),
    ("n = 0xg", "invalid hexadecimal literal", (1, 6, 1, 6)),
    (
        "n = 012",
        "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        (1, 5, 1, 6),
    ),
    ("n = 1__0", "invalid decimal literal", (1, 6, 1, 6)),
    ("n = 1.5e", "invalid decimal literal", (1, 7, 1, 7)),
    ("n = 12ab", "invalid decimal literal", (1, 6, 1, 6)),
    ("n = 1_", "invalid decimal literal", (1, 6, 1, 6)),
];

#[test]
fn numbers() {
    assert_errors(NUMBERS);
}

const INDENTATION: &[Case] = &[
    ("if ready:\nrun()", "expected an indented block after 'if' statement on line 1", (2, 1, 2, 4)),
    ("  run()", "unexpected indent", (1, 2, 1, -1)),
    ("if ready:\n    run()\n  stop()", "unindent does not match any outer indentation level", (3, 9, 3, -1)),
    ("def run():\n", "expected an indented block after function definition on line 1", (1, 11, 1, -1)),
    ("class Queue:\nsize = 0", "expected an indented block after class definition on line 1", (2, 1, 2, 5)),
    ("while ready:\n\tif more:\n        run()\n", "inconsistent use of tabs and spaces in indentation", (3, 1, 3, 0)),
    ("try:\n    run()\nstop()", "expected 'except' or 'finally' block", (3, 1, 3, 5)),
    ("for item in queue:\n# nothing\n", "expected an indented block after 'for' statement on line 1", (2, 10, 2, -1)),
    (
        "match queue:\n    case 1:\n    pass",
        "expected an indented block after 'case' statement on line 2",
        (3, 5, 3, 9),
    ),
];

#[test]
fn indentation() {
    assert_errors(INDENTATION);
}

const ASSIGNMENTS: &[Case] = &[
    ("f() = 1", "cannot assign to function call here. Maybe you meant '==' instead of '='?", (1, 1, 1, 4)),
    ("a + b = 1", "cannot assign to expression here. Maybe you meant '==' instead of '='?", (1, 1, 1, 6)),
    ("(a, f()) = 1", "cannot assign to function call", (1, 5, 1, 8)),
    ("None = 1", "cannot assign to None", (1, 1, 1, 5)),
    ("x = 1 = 2", "cannot assign to literal", (1, 5, 1, 6)),
    ("f() += 1", "'function call' is an illegal expression for augmented assignment", (1, 1, 1, 4)),
    ("(a, b) += 1", "'tuple' is an illegal expression for augmented assignment", (1, 1, 1, 7)),
    ("yield_ = (yield) = 1", "cannot assign to yield expression", (1, 11, 1, 16)),
    ("a, b: int", "only single target (not tuple) can be annotated", (1, 1, 1, 2)),
    ("f(): int", "illegal target for annotation", (1, 1, 1, 4)),
    ("del f()", "cannot delete function call", (1, 5, 1, 8)),
    ("del (a, 1)", "cannot delete literal", (1, 9, 1, 10)),
    ("for f() in queue: pass", "cannot assign to function call", (1, 5, 1, 8)),
    ("with lock as 1: pass", "cannot assign to literal", (1, 14, 1, 15)),
    ("(f() := 1)", "cannot use assignment expressions with function call", (1, 2, 1, 5)),
    ("[x for f() in queue]", "cannot assign to function call", (1, 8, 1, 11)),
    ("import os.path as a.b", "cannot use attribute as import target", (1, 19, 1, 22)),
    ("*a = queue", "starred assignment target must be in a list or tuple", (1, 1, 1, 3)),
    ("*a, *b = queue", "multiple starred expressions in assignment", (1, 1, 1, 7)),
];

#[test]
fn assignments() {
    assert_errors(ASSIGNMENTS);
}

const MISSING_PIECES: &[Case] = &[
    ("if ready run()", "invalid syntax", (1, 10, 1, 13)),
    ("if ready = 1: pass", "invalid syntax. Maybe you meant '==' or ':=' instead of '='?", (1, 4, 1, 13)),
    ("class Queue pass", "invalid syntax", (1, 13, 1, 17)),
    ("def run: pass", "expected '('", (1, 8, 1, 9)),
    ("for item queue: pass", "invalid syntax", (1, 10, 1, 15)),
    ("print 'x'", "Missing parentheses in call to 'print'. Did you mean print(...)?", (1, 1, 1, 10)),
    ("total = 1 +", "invalid syntax", (1, 12, 1, 13)),
    ("x = a b", "invalid syntax", (1, 7, 1, 8)),
    ("call(a b)", "invalid syntax. Perhaps you forgot a comma?", (1, 6, 1, 9)),
    ("x = {1: 2, 3}", "':' expected after dictionary key", (1, 12, 1, 0)),
    ("x = {1: }", "expression expected after dictionary key and ':'", (1, 7, 1, 8)),
    ("x = {1: *y}", "cannot use a starred expression in a dictionary value", (1, 9, 1, 11)),
    ("x = 1 if ready", "expected 'else' after 'if' expression", (1, 5, 1, 15)),
    ("x = 1 if ready else pass", "expected expression after 'else', but statement is given", (1, 21, 1, 25)),
    ("lambda x=: x", "invalid syntax", (1, 10, 1, 11)),
    ("import", "Expected one or more names after 'import'", (1, 7, 1, 7)),
    ("from os import", "Expected one or more names after 'import'", (1, 15, 1, 15)),
    ("from os import (a, b", "'(' was never closed", (1, 16, 1, 0)),
    ("raise from x", "invalid syntax", (1, 7, 1, 11)),
    ("a <> b", "invalid syntax.  Maybe you meant '!=' instead of '<>'?", (1, 3, 1, 5)),
    ("a not b", "invalid syntax", (1, 7, 1, 8)),
    ("1 + not x", "'not' after an operator must be parenthesized", (1, 5, 1, 10)),
    ("else: pass", "invalid syntax", (1, 1, 1, 5)),
    (
        "try: pass\nexcept A, B as e: pass",
        "multiple exception types must be parenthesized when using 'as'",
        (2, 8, 2, 17),
    ),
    ("try: pass\nexcept* : pass", "expected one or more exception types", (2, 9, 2, 10)),
];

#[test]
fn missing_pieces() {
    assert_errors(MISSING_PIECES);
}

const CALLS_AND_PARAMETERS: &[Case] = &[
    ("f(a=1, b)", "positional argument follows keyword argument", (1, 9, 1, 10)),
    ("f(**a, *b)", "iterable argument unpacking follows keyword argument unpacking", (1, 6, 1, 10)),
    ("f(**a, b)", "positional argument follows keyword argument unpacking", (1, 9, 1, 10)),
    ("f(x for x in y, 1)", "Generator expression must be parenthesized", (1, 3, 1, 15)),
    ("f(1=2)", "expression cannot contain assignment, perhaps you meant \"==\"?", (1, 3, 1, 5)),
    ("f(True=1)", "cannot assign to True", (1, 3, 1, 8)),
    ("f(a.b=1)", "expression cannot contain assignment, perhaps you meant \"==\"?", (1, 3, 1, 7)),
    ("f(a=)", "expected argument value expression", (1, 3, 1, 5)),
    ("f(a=1, a=2)", "keyword argument repeated: a", (1, 8, 1, 11)),
    ("def f(a=1, b): pass", "parameter without a default follows parameter with a default", (1, 12, 1, 13)),
    ("def f(*): pass", "named arguments must follow bare *", (1, 7, 1, 8)),
    ("def f(a, *, **k): pass", "named arguments must follow bare *", (1, 10, 1, 11)),
    ("def f(/, a): pass", "at least one argument must precede /", (1, 7, 1, 8)),
    ("def f(a, /, b, /): pass", "/ may appear only once", (1, 16, 1, 17)),
    ("def f(*a, /): pass", "/ must be ahead of *", (1, 11, 1, 12)),
    ("def f(*a, *b): pass", "* argument may appear only once", (1, 11, 1, 12)),
    ("def f(**k, a): pass", "arguments cannot follow var-keyword argument", (1, 12, 1, 13)),
    ("def f(*a=1): pass", "var-positional argument cannot have default value", (1, 9, 1, 10)),
    ("def f((a, b)): pass", "Function parameters cannot be parenthesized", (1, 7, 1, 13)),
    ("lambda (a, b): 1", "Lambda expression parameters cannot be parenthesized", (1, 8, 1, 14)),
    ("def f(a, a): pass", "duplicate argument 'a' in function definition", (1, 10, 1, 11)),
    ("def f[](): pass", "Type parameter list cannot be empty", (1, 7, 1, 7)),
    ("class A[*Ts: int]: pass", "cannot use bound with TypeVarTuple", (1, 12, 1, 17)),
];

#[test]
fn calls_and_parameters() {
    assert_errors(CALLS_AND_PARAMETERS);
}

const COMPREHENSIONS: &[Case] = &[
    ("[*x for x in y]", "iterable unpacking cannot be used in comprehension", (1, 2, 1, 4)),
    ("{**x for x in y}", "dict unpacking cannot be used in dict comprehension", (1, 2, 1, 4)),
    ("[a, b for a in y]", "did you forget parentheses around the comprehension target?", (1, 2, 1, 6)),
    ("[x for x y]", "'in' expected after for-loop variables", (1, 10, 1, 11)),
    ("(x for x in y for)", "invalid syntax", (1, 18, 1, 19)),
    ("[(x := 1) for x in y]", "assignment expression cannot rebind comprehension iteration variable 'x'", (1, 3, 1, 4)),
    (
        "[x for x in (y := 1)]",
        "assignment expression cannot be used in a comprehension iterable expression",
        (1, 14, 1, 20),
    ),
    (
        "class A: [y := 1 for x in z]",
        "assignment expression within a comprehension cannot be used in a class body",
        (1, 11, 1, 12),
    ),
];

#[test]
fn comprehensions() {
    assert_errors(COMPREHENSIONS);
}

const NAMES_AND_SCOPES: &[Case] = &[
    ("def f():\n    x = 1\n    global x", "name 'x' is assigned to before global declaration", (3, 5, 3, 13)),
    ("def f(x):\n    global x", "name 'x' is parameter and global", (2, 5, 2, 13)),
    ("nonlocal x", "nonlocal declaration not allowed at module level", (1, 1, 1, 11)),
    ("def f():\n    nonlocal x", "no binding for nonlocal 'x' found", (2, 5, 2, 15)),
    ("def f():\n    print(x)\n    global x", "name 'x' is used prior to global declaration", (3, 5, 3, 13)),
    ("def f():\n    global x\n    nonlocal x", "name 'x' is nonlocal and global", (2, 5, 2, 13)),
    ("def f():\n    x: int\n    global x", "annotated name 'x' can't be global", (3, 5, 3, 13)),
    ("__debug__ = 1", "cannot assign to __debug__", (1, 1, 1, 10)),
    ("def f(): from os import *", "import * only allowed at module level", (1, 25, 1, 26)),
];

#[test]
fn names_and_scopes() {
    assert_errors(NAMES_AND_SCOPES);
}

const PLACES: &[Case] = &[
    ("return 1", "'return' outside function", (1, 1, 1, 9)),
    ("yield 1", "'yield' outside function", (1, 1, 1, 8)),
    ("await x", "'await' outside function", (1, 1, 1, 8)),
    ("break", "'break' outside loop", (1, 1, 1, 6)),
    ("continue", "'continue' not properly in loop", (1, 1, 1, 9)),
    ("def f():\n    await x", "'await' outside async function", (2, 5, 2, 12)),
    ("async def f():\n    yield 1\n    return 2", "'return' with value in async generator", (3, 5, 3, 13)),
    ("async def f():\n    yield from x", "'yield from' inside async function", (2, 5, 2, 17)),
    ("[(yield) for x in y]", "'yield' inside list comprehension", (1, 3, 1, 8)),
    ("def f(): [x async for x in y]", "asynchronous comprehension outside of an asynchronous function", (1, 10, 1, 30)),
    ("async with x: pass", "'async with' outside async function", (1, 1, 1, 19)),
    ("def f():\n    async for x in y: pass", "'async for' outside async function", (2, 5, 2, 27)),
    (
        "x = 1\nfrom __future__ import annotations",
        "from __future__ imports must occur at the beginning of the file",
        (2, 1, 2, 35),
    ),
    ("from __future__ import nothing", "future feature nothing is not defined", (1, 24, 1, 31)),
    ("from __future__ import braces", "not a chance", (1, 24, 1, 30)),
    ("try: pass\nexcept: pass\nexcept A: pass", "default 'except:' must be last", (2, 1, 2, 13)),
    (
        "def f():\n    try: pass\n    except* A: return",
        "'break', 'continue' and 'return' cannot appear in an except* block",
        (3, 16, 3, 22),
    ),
    ("x: (yield)", "yield expression cannot be used within an annotation", (1, 5, 1, 10)),
    ("type A = (yield)", "yield expression cannot be used within a type alias", (1, 11, 1, 16)),
    ("class A[T: (x := 1)]: pass", "named expression cannot be used within a TypeVar bound", (1, 13, 1, 19)),
];

#[test]
fn places() {
    assert_errors(PLACES);
}

const PATTERNS: &[Case] = &[
    (
        "match x:\n    case y: pass\n    case 1: pass",
        "name capture 'y' makes remaining patterns unreachable",
        (2, 10, 2, 11),
    ),
    ("match x:\n    case a, a: pass", "multiple assignments to name 'a' in pattern", (2, 13, 2, 14)),
    ("match x:\n    case a | 1: pass", "name capture 'a' makes remaining patterns unreachable", (2, 10, 2, 11)),
    ("match x:\n    case 1 | a: pass", "alternative patterns bind different names", (2, 10, 2, 15)),
    ("match x:\n    case *a, *b: pass", "multiple starred names in sequence pattern", (2, 10, 2, 16)),
    ("match x:\n    case {1: a, 1: b}: pass", "mapping pattern checks duplicate key (1)", (2, 10, 2, 22)),
    ("match x:\n    case A(a=1, a=2): pass", "attribute name repeated in class pattern: a", (2, 19, 2, 20)),
    ("match x:\n    case A(a=1, 2): pass", "positional patterns follow keyword patterns", (2, 17, 2, 18)),
    ("match x:\n    case 1 as _: pass", "cannot use '_' as a target", (2, 15, 2, 16)),
    ("match x:\n    case 1 as f(): pass", "cannot use function call as pattern target", (2, 15, 2, 18)),
    ("match x:\n    case f'': pass", "patterns may only match literals and attribute lookups", (2, 10, 2, 13)),
    ("match x:\n    case 1 + 2: pass", "imaginary number required in complex literal", (2, 14, 2, 15)),
];

#[test]
fn patterns() {
    assert_errors(PATTERNS);
}

const WARNINGS: &[(&str, &[&str])] = &[
    ("x is 1", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
    ("x is not 'a'", &["\"is not\" with 'str' literal. Did you mean \"!=\"?"]),
    ("assert (x, 'no')", &["assertion is always true, perhaps remove parentheses?"]),
    ("'a' 'b'(c)", &["'str' object is not callable; perhaps you missed a comma?"]),
    ("[1, 2][3, 4]", &["list indices must be integers or slices, not tuple; perhaps you missed a comma?"]),
    ("{1}[0]", &["'set' object is not subscriptable; perhaps you missed a comma?"]),
    (
        "'\\d'",
        &[
            "\"\\d\" is an invalid escape sequence. Such sequences will not work in the future. Did you mean \"\\\\d\"? A raw string is also an option.",
        ],
    ),
    (
        "b'\\N'",
        &[
            "\"\\N\" is an invalid escape sequence. Such sequences will not work in the future. Did you mean \"\\\\N\"? A raw string is also an option.",
        ],
    ),
    (
        "'\\400'",
        &[
            "\"\\400\" is an invalid octal escape sequence. Such sequences will not work in the future. Did you mean \"\\\\400\"? A raw string is also an option.",
        ],
    ),
    ("1if x else 2", &["invalid decimal literal"]),
    ("0x1for x in y", &["invalid hexadecimal literal"]),
    ("while 1:\n    try: pass\n    finally: break", &["'break' in a 'finally' block"]),
    ("def f():\n    try: pass\n    finally: return", &["'return' in a 'finally' block"]),
    (
        "x = f'\\{1}'",
        &[
            "\"\\{\" is an invalid escape sequence. Such sequences will not work in the future. Did you mean \"\\\\{\"? A raw string is also an option.",
        ],
    ),
    ("r'\\d'", &[]),
    ("x is None", &[]),
    ("[1][0]", &[]),
    ("for x in y:\n    try: pass\n    finally:\n        for z in y: continue", &[]),
];

#[test]
fn warnings() {
    for (text, wanted) in WARNINGS {
        assert_eq!(
            check(text).as_deref(),
            Ok(&wanted.iter().map(|w| w.to_string()).collect::<Vec<_>>()[..]),
            "{text:?}"
        );
    }
}
