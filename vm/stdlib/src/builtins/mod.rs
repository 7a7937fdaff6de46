//! `builtins`: the functions that every module sees, and the builtin types by name.

mod attributes;
mod class;
mod code;
mod iteration;
mod numbers;
mod output;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::ids;
use countless_vm::types::module::Module;

static FUNCTIONS: &[Method] = &[
    Method::many(
        "__build_class__",
        class::build_class,
        "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat a class statement calls.",
    ),
    Method::many(
        "__import__",
        class::import,
        "__import__($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)\n--\n\nWhat an import statement calls.",
    ),
    Method::one("abs", numbers::abs, "abs($module, number, /)\n--\n\nThe absolute value of a number."),
    Method::one(
        "aiter",
        iteration::aiter,
        "aiter($module, async_iterable, /)\n--\n\nThe asynchronous iterator of an asynchronous iterable.",
    ),
    Method::one("all", iteration::all, "all($module, iterable, /)\n--\n\nWhether every item is true."),
    Method::many(
        "anext",
        iteration::anext,
        "anext($module, aiterator, default=<unrepresentable>, /)\n--\n\nThe awaitable of an asynchronous iterator's next item.",
    ),
    Method::one("any", iteration::any, "any($module, iterable, /)\n--\n\nWhether some item is true."),
    Method::one(
        "ascii",
        output::ascii,
        "ascii($module, obj, /)\n--\n\nThe representation of an object in ASCII characters.",
    ),
    Method::one("bin", numbers::bin, "bin($module, number, /)\n--\n\nThe binary representation of an integer."),
    Method::many(
        "breakpoint",
        code::breakpoint,
        "breakpoint($module, /, *args, **kws)\n--\n\nCall sys.breakpointhook().",
    ),
    Method::one("callable", attributes::callable, "callable($module, obj, /)\n--\n\nWhether the object can be called."),
    Method::one(
        "chr",
        numbers::chr,
        "chr($module, i, /)\n--\n\nThe string of one character with the given code point.",
    ),
    Method::many(
        "compile",
        code::compile,
        "compile($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)\n--\n\nCompile source into a code object that exec() or eval() can run.",
    ),
    Method::two("delattr", attributes::delattr, "delattr($module, obj, name, /)\n--\n\nDelete the named attribute."),
    Method::optional(
        "dir",
        attributes::dir,
        "dir([object]) -> list of strings\n\nNames in the present scope, or of an object's attributes.",
    ),
    Method::two("divmod", numbers::divmod, "divmod($module, x, y, /)\n--\n\nThe tuple (x//y, x%y)."),
    Method::many(
        "eval",
        code::eval,
        "eval($module, source, /, globals=None, locals=None)\n--\n\nEvaluate source in the given namespaces.",
    ),
    Method::many(
        "exec",
        code::exec,
        "exec($module, source, /, globals=None, locals=None, *, closure=None)\n--\n\nExecute source in the given namespaces.",
    ),
    Method::many(
        "format",
        output::format,
        "format($module, value, format_spec='', /)\n--\n\nThe value's __format__(format_spec).",
    ),
    Method::many(
        "getattr",
        attributes::getattr,
        "getattr(object, name[, default]) -> value\n\nThe named attribute of an object.",
    ),
    Method::none("globals", code::globals, "globals($module, /)\n--\n\nThe namespace of the present module."),
    Method::two(
        "hasattr",
        attributes::hasattr,
        "hasattr($module, obj, name, /)\n--\n\nWhether the object has the named attribute.",
    ),
    Method::one("hash", attributes::hash, "hash($module, obj, /)\n--\n\nThe hash of an object."),
    Method::one("hex", numbers::hex, "hex($module, number, /)\n--\n\nThe hexadecimal representation of an integer."),
    Method::one(
        "id",
        attributes::id,
        "id($module, obj, /)\n--\n\nThe identity of an object, unique among those alive at one time.",
    ),
    Method::many(
        "input",
        output::input,
        "input($module, prompt='', /)\n--\n\nRead a line from standard input, without its newline.",
    ),
    Method::two(
        "isinstance",
        attributes::isinstance,
        "isinstance($module, obj, class_or_tuple, /)\n--\n\nWhether an object is an instance of a class or of one of several.",
    ),
    Method::two(
        "issubclass",
        attributes::issubclass,
        "issubclass($module, cls, class_or_tuple, /)\n--\n\nWhether a class derives from another or from one of several.",
    ),
    Method::many(
        "iter",
        iteration::iter,
        "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nThe iterator of an object.",
    ),
    Method::one("len", attributes::len, "len($module, obj, /)\n--\n\nThe number of items in a container."),
    Method::none("locals", code::locals, "locals($module, /)\n--\n\nThe variables of the present scope."),
    Method::many(
        "max",
        iteration::max,
        "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nThe largest item.",
    ),
    Method::many(
        "min",
        iteration::min,
        "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nThe smallest item.",
    ),
    Method::many("next", iteration::next, "next(iterator[, default])\n\nThe next item of an iterator."),
    Method::one("oct", numbers::oct, "oct($module, number, /)\n--\n\nThe octal representation of an integer."),
    Method::one("ord", numbers::ord, "ord($module, character, /)\n--\n\nThe code point of a character."),
    Method::many("pow", numbers::pow, "pow($module, /, base, exp, mod=None)\n--\n\nbase**exp, or base**exp % mod."),
    Method::many(
        "print",
        output::print,
        "print($module, /, *args, sep=' ', end='\\n', file=None, flush=False)\n--\n\nWrite values to a stream.",
    ),
    Method::one("repr", output::repr, "repr($module, obj, /)\n--\n\nThe representation of an object as a string."),
    Method::many(
        "round",
        numbers::round,
        "round($module, /, number, ndigits=None)\n--\n\nA number rounded to so many digits.",
    ),
    Method::many(
        "setattr",
        attributes::setattr,
        "setattr($module, obj, name, value, /)\n--\n\nSet the named attribute.",
    ),
    Method::many(
        "sorted",
        iteration::sorted,
        "sorted($module, iterable, /, *, key=None, reverse=False)\n--\n\nA new sorted list of the items.",
    ),
    Method::many(
        "sum",
        iteration::sum,
        "sum($module, iterable, /, start=0)\n--\n\nThe sum of the items, from a start value.",
    ),
    Method::optional(
        "vars",
        attributes::vars,
        "vars([object]) -> dictionary\n\nThe present scope's variables, or an object's __dict__.",
    ),
];

/// The types that have a name here.
const TYPES: &[countless_vm::types::TypeId] = &[
    ids::OBJECT,
    ids::TYPE,
    ids::BOOL,
    ids::INT,
    ids::FLOAT,
    ids::COMPLEX,
    ids::STR,
    ids::BYTES,
    ids::BYTEARRAY,
    ids::MEMORYVIEW,
    ids::LIST,
    ids::TUPLE,
    ids::DICT,
    ids::SET,
    ids::FROZENSET,
    ids::RANGE,
    ids::SLICE,
    ids::PROPERTY,
    ids::CLASSMETHOD,
    ids::STATICMETHOD,
    ids::SUPER,
    ids::ENUMERATE,
    ids::ZIP,
    ids::MAP,
    ids::FILTER,
    ids::REVERSED,
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for &id in TYPES {
        let class = cx.builtin_type(id);
        module.dict().set_name(cx, class.name(), class.value())?;
    }
    for &kind in ExceptionKind::ALL {
        cx.add_to_module(module, kind.name(), cx.builtin_type(kind.type_id()).value())?;
    }
    let os_error = cx.builtin_type(ExceptionKind::OSError.type_id()).value();
    cx.add_to_module(module, "EnvironmentError", os_error)?;
    cx.add_to_module(module, "IOError", os_error)?;
    // The module was made before there were modules with definitions.
    cx.add_to_module(module, "__doc__", cx.new_str(MODULE.doc).value())?;
    cx.add_to_module(module, "None", Value::NONE)?;
    cx.add_to_module(module, "Ellipsis", Value::ELLIPSIS)?;
    cx.add_to_module(module, "NotImplemented", Value::NOT_IMPLEMENTED)?;
    cx.add_to_module(module, "False", Value::FALSE)?;
    cx.add_to_module(module, "True", Value::TRUE)?;
    cx.add_to_module(module, "__debug__", Value::bool(cx.vm().config.optimize == 0))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "builtins",
    doc: "Built-in functions, types, exceptions, and other objects.\n\nThis module gives every other module its built-in names.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
