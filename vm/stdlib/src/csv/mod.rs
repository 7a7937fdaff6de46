//! `_csv`: records of comma-separated values.

mod dialect;
mod reader;
mod writer;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::int;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

use crate::support::native::{define_exception, raise_own};

const ERROR: &str = "csv.Error";
const DIALECTS: &str = "csv.dialects";
const LIMIT: &str = "csv.field_size_limit";
const DEFAULT_LIMIT: i64 = 128 * 1024;

#[cold]
fn error(cx: &Cx, message: impl std::fmt::Display) -> Raised {
    raise_own(cx, ERROR, message)
}

/// Characters that a field may have.
fn field_limit(cx: &Cx) -> usize {
    let limit = cx.native_state(LIMIT).and_then(|limit| number::as_index_i64(cx, limit)).unwrap_or(DEFAULT_LIMIT);
    usize::try_from(limit).unwrap_or(0)
}

fn register_dialect(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    if args.is_empty() || args.len() > 2 {
        let (bound, limit, plural) = if args.len() < 2 { ("at least", 1, "") } else { ("at most", 2, "s") };
        let given = args.len();
        return Err(raise!(cx, TypeError, "register_dialect expected {bound} {limit} argument{plural}, got {given}"));
    }
    let name = args.get(0).unwrap_or(Value::NONE);
    if name.downcast::<Str>(cx).is_none() {
        return Err(cx.type_error("dialect name must be a string"));
    }
    let dialect = dialect::make(cx, args.get(1), args)?;
    dialect::registry(cx)?.set(cx, name, dialect.value())?;
    Ok(Value::NONE)
}

static GET_DIALECT: Signature<1> = Signature::new("get_dialect", ["name"]).required(1);
static UNREGISTER_DIALECT: Signature<1> = Signature::new("unregister_dialect", ["name"]).required(1);

fn get_dialect(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = GET_DIALECT.bind(cx, args)?;
    dialect::named(cx, name.unwrap_or(Value::NONE))
}

fn unregister_dialect(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = UNREGISTER_DIALECT.bind(cx, args)?;
    match dialect::registry(cx)?.remove(cx, name.unwrap_or(Value::NONE))? {
        Some(_) => Ok(Value::NONE),
        None => Err(error(cx, "unknown dialect")),
    }
}

fn list_dialects(cx: &Cx, _module: Value) -> PyResult {
    Ok(iter::to_list(cx, dialect::registry(cx)?.value())?.value())
}

static FIELD_SIZE_LIMIT: Signature<1> = Signature::new("field_size_limit", ["new_limit"]);

fn field_size_limit(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [limit] = FIELD_SIZE_LIMIT.bind(cx, args)?;
    let old = Value::length(field_limit(cx));
    if let Some(limit) = limit {
        if !int::is_int(cx, limit) {
            return Err(cx.type_error("limit must be an integer"));
        }
        let limit = number::index_i64(cx, limit)?;
        cx.set_native_state(LIMIT, cx.new_int_from_i64(limit))?;
    }
    Ok(old)
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "reader",
        reader::reader,
        "reader($module, iterable, /, dialect='excel', **fmtparams)\n--\n\nAn iterator over the records in an iterable of lines.\n\nThe keywords change single properties of the dialect.",
    ),
    Method::many(
        "writer",
        writer::writer,
        "writer($module, fileobj, /, dialect='excel', **fmtparams)\n--\n\nAn object that writes records to a file.\n\nThe keywords change single properties of the dialect.",
    ),
    Method::none(
        "list_dialects",
        list_dialects,
        "list_dialects($module, /)\n--\n\nThe names of all registered dialects.",
    ),
    Method::many(
        "register_dialect",
        register_dialect,
        "register_dialect($module, name, /, dialect='excel', **fmtparams)\n--\n\nRegister a dialect under a name.",
    ),
    Method::many(
        "unregister_dialect",
        unregister_dialect,
        "unregister_dialect($module, /, name)\n--\n\nForget the dialect of a name.",
    ),
    Method::many("get_dialect", get_dialect, "get_dialect($module, /, name)\n--\n\nThe dialect of a name."),
    Method::many(
        "field_size_limit",
        field_size_limit,
        "field_size_limit($module, /, new_limit=<unrepresentable>)\n--\n\nThe limit for fields, which is set if one is given.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    define_exception(cx, module, ERROR, ("_csv", "Error"), ExceptionKind::Exception, "")?;
    if cx.native_state(DIALECTS).is_none() {
        cx.set_native_state(DIALECTS, cx.new_dict().value())?;
        cx.set_native_state(LIMIT, Value::int(DEFAULT_LIMIT))?;
    }
    cx.add_to_module(module, "_dialects", dialect::registry(cx)?.value())?;
    cx.add_to_module(module, "Reader", native_type(cx, &reader::TYPE)?.value())?;
    cx.add_to_module(module, "Writer", native_type(cx, &writer::TYPE)?.value())?;
    let constants = [
        ("QUOTE_MINIMAL", dialect::quoting::MINIMAL),
        ("QUOTE_ALL", dialect::quoting::ALL),
        ("QUOTE_NONNUMERIC", dialect::quoting::NON_NUMERIC),
        ("QUOTE_NONE", dialect::quoting::NONE),
        ("QUOTE_STRINGS", dialect::quoting::STRINGS),
        ("QUOTE_NOTNULL", dialect::quoting::NOT_NULL),
    ];
    for (name, value) in constants {
        cx.add_to_module(module, name, Value::int(value.into()))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_csv",
    doc: "CSV parsing and writing.\n",
    functions: FUNCTIONS,
    types: &[&dialect::TYPE],
    execute: Some(execute),
};
