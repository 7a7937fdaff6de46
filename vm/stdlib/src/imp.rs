//! `_imp`: what importlib asks of the interpreter, and access to the packed library.

use countless_vm::import::bootstrap::{library_code, native_definition};
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{buffer, number};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::code::CodeObject;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

fn nothing(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

fn lock_held(_cx: &Cx, _module: Value) -> PyResult {
    // There is no lock for all imports; each module has one, in importlib.
    Ok(Value::FALSE)
}

fn name_argument(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    cx.str_argument(value, "_imp")
}

fn is_builtin(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = name_argument(cx, name)?.as_wtf8().to_string_lossy();
    let found = native_definition(cx, &name).is_some();
    // −1: cannot be initialised again.
    Ok(Value::int(if !found {
        0
    } else if name == "builtins" || name == "sys" {
        -1
    } else {
        1
    }))
}

fn create_builtin(cx: &Cx, _module: Value, spec: Value) -> PyResult {
    let name = cx.get_attribute(spec, cx.names().name)?;
    let name = name_argument(cx, name)?.as_wtf8().to_string_lossy();
    if let Some(present) = cx.sys_modules()?.get_name(cx, cx.intern_str(&name))? {
        return Ok(present);
    }
    match native_definition(cx, &name) {
        Some(definition) => Ok(cx.new_native_module(definition)?.value()),
        None => Ok(Value::NONE),
    }
}

fn exec_builtin(_cx: &Cx, _module: Value, _spec: Value) -> PyResult {
    // `create_builtin` has run it.
    Ok(Value::int(0))
}

fn is_frozen(_cx: &Cx, _module: Value, _name: Value) -> PyResult {
    Ok(Value::FALSE)
}

fn find_frozen(_cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    Ok(Value::NONE)
}

fn no_frozen(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let name = name_argument(cx, args.get(0).unwrap_or(Value::NONE))?;
    let message = format!("No such frozen object named {}", name.as_wtf8());
    let kind = countless_vm::exceptions::ExceptionKind::ImportError;
    Err(cx.raise_import_error(kind, &message, name.value(), Value::NONE, Value::NONE))
}

fn extension_suffixes(cx: &Cx, _module: Value) -> PyResult {
    // Extension modules cannot be loaded yet.
    Ok(cx.new_list().value())
}

fn fix_co_filename(cx: &Cx, _module: Value, code: Value, path: Value) -> PyResult {
    let path = name_argument(cx, path)?;
    if let Some(code) = code.exact::<CodeObject>() {
        code.rename_file(cx, code.filename(), path)?;
    }
    Ok(Value::NONE)
}

static SOURCE_HASH: Signature<2> = Signature::new("source_hash", ["key", "source"]).required(2);

fn source_hash(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [key, source] = SOURCE_HASH.bind(cx, args)?;
    let key = number::index_i64(cx, key.unwrap_or(Value::NONE))?;
    let source = buffer::bytes_of(cx, source.unwrap_or(Value::NONE))?;
    let key = countless_common::siphash::HashKey { k0: key as u64, k1: 0 };
    let hash = countless_common::siphash::siphash13(key, &source);
    Ok(cx.new_bytes(&hash.to_le_bytes()).value())
}

/// The first four bytes of a bytecode file, as a little-endian number: two that tell instruction tables apart, and an end
/// of line that a transfer as text would break.
fn magic_number() -> i64 {
    let fingerprint = i64::from(countless_compiler::bytecode::serial::FINGERPRINT);
    0x0a0d_0000 | (fingerprint ^ fingerprint >> 16) & 0xffff
}

fn override_multi_interp(_cx: &Cx, _module: Value, _value: Value) -> PyResult {
    Ok(Value::int(0))
}

/// There are no frozen modules whose use could be turned on or off.
fn override_frozen(cx: &Cx, _module: Value, value: Value) -> PyResult {
    cx.c_int_argument(value)?;
    Ok(Value::NONE)
}

// ---- the packed library

/// The path below the packed library's made-up folder.
fn packed_path(cx: &Cx, path: Value) -> PyResult<Option<String>> {
    let path = name_argument(cx, path)?;
    let Some(path) = path.to_str() else { return Ok(None) };
    let line = &cx.vm().config.command_line;
    if !line.library_is_packed {
        return Ok(None);
    }
    let Some(rest) = path.strip_prefix(line.library_path.as_str()) else { return Ok(None) };
    Ok(match rest.strip_prefix('/') {
        Some(rest) => Some(rest.to_owned()),
        None => rest.is_empty().then(String::new),
    })
}

fn packed_data(cx: &Cx, _module: Value, path: Value) -> PyResult {
    let Some(path) = packed_path(cx, path)? else { return Ok(Value::NONE) };
    match cx.vm().config.library.read(&path) {
        Some(data) => Ok(cx.new_bytes(&data).value()),
        None => Ok(Value::NONE),
    }
}

/// The code of a source file, or None: then it is to be compiled.
fn packed_code(cx: &Cx, _module: Value, path: Value, shown: Value) -> PyResult {
    let Some(path) = packed_path(cx, path)? else { return Ok(Value::NONE) };
    let shown = name_argument(cx, shown)?;
    Ok(library_code(cx, &path, cx.intern(shown)).map_or(Value::NONE, Ref::value))
}

fn packed_exists(cx: &Cx, _module: Value, path: Value) -> PyResult {
    let Some(path) = packed_path(cx, path)? else { return Ok(Value::FALSE) };
    Ok(Value::bool(cx.vm().config.library.is_file(&path)))
}

fn packed_list(cx: &Cx, _module: Value, path: Value) -> PyResult {
    let Some(path) = packed_path(cx, path)? else { return Ok(Value::NONE) };
    if !cx.vm().config.library.is_folder(&path) {
        return Ok(Value::NONE);
    }
    let list = cx.new_list();
    for name in cx.vm().config.library.list(&path) {
        list.push(cx, cx.new_str(&name).value())?;
    }
    Ok(list.value())
}

static FUNCTIONS: &[Method] = &[
    Method::none("lock_held", lock_held, "lock_held($module, /)\n--\n\nFalse: there is no lock for all imports."),
    Method::none("acquire_lock", nothing, "acquire_lock($module, /)\n--\n\nDoes nothing."),
    Method::none("release_lock", nothing, "release_lock($module, /)\n--\n\nDoes nothing."),
    Method::one(
        "is_builtin",
        is_builtin,
        "is_builtin($module, name, /)\n--\n\nWhether the module is native: 1, −1 if it cannot be initialised again, or 0.",
    ),
    Method::one("create_builtin", create_builtin, "create_builtin($module, spec, /)\n--\n\nMake a native module."),
    Method::one("exec_builtin", exec_builtin, "exec_builtin($module, mod, /)\n--\n\nInitialise a native module."),
    Method::one("is_frozen", is_frozen, "is_frozen($module, name, /)\n--\n\nFalse: no module is frozen."),
    Method::one(
        "is_frozen_package",
        is_frozen,
        "is_frozen_package($module, name, /)\n--\n\nFalse: no module is frozen.",
    ),
    Method::many(
        "find_frozen",
        find_frozen,
        "find_frozen($module, name, /, *, withdata=False)\n--\n\nNone: no module is frozen.",
    ),
    Method::many(
        "get_frozen_object",
        no_frozen,
        "get_frozen_object($module, name, data=None, /)\n--\n\nThe code of a frozen module.",
    ),
    Method::many("init_frozen", no_frozen, "init_frozen($module, name, /)\n--\n\nInitialise a frozen module."),
    Method::none(
        "extension_suffixes",
        extension_suffixes,
        "extension_suffixes($module, /)\n--\n\nThe endings of extension modules' file names.",
    ),
    Method::two(
        "_fix_co_filename",
        fix_co_filename,
        "_fix_co_filename($module, code, path, /)\n--\n\nAccepted for compatibility.",
    ),
    Method::many(
        "source_hash",
        source_hash,
        "source_hash($module, /, key, source)\n--\n\nThe hash of a source for hash-based bytecode files.",
    ),
    Method::one(
        "_override_frozen_modules_for_tests",
        override_frozen,
        "_override_frozen_modules_for_tests($module, override, /)\n--\n\nAccepted for compatibility: no module is frozen.",
    ),
    Method::one(
        "_override_multi_interp_extensions_check",
        override_multi_interp,
        "_override_multi_interp_extensions_check($module, override, /)\n--\n\nAccepted for compatibility.",
    ),
    Method::one(
        "packed_data",
        packed_data,
        "packed_data($module, path, /)\n--\n\nThe content of a file of the packed library, or None.",
    ),
    Method::two(
        "packed_code",
        packed_code,
        "packed_code($module, path, shown, /)\n--\n\nThe code of a file of the packed library, or None; shown is its co_filename.",
    ),
    Method::one(
        "packed_exists",
        packed_exists,
        "packed_exists($module, path, /)\n--\n\nWhether the packed library has the file.",
    ),
    Method::one(
        "packed_list",
        packed_list,
        "packed_list($module, path, /)\n--\n\nWhat is in a folder of the packed library, or None.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "check_hash_based_pycs", cx.new_str("default").value())?;
    // Not a number that CPython uses: its bytecode is of no use here, and ours is not written to files.
    cx.add_to_module(module, "pyc_magic_number_token", Value::int(magic_number()))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_imp",
    doc: "What the import machinery asks of the interpreter.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
