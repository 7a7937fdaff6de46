//! `unicodedata`: the Unicode character database, as `countless_common` has it.

use countless_common::unicode;
use countless_common::unicode_names;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

native_cell! {
    /// A version of the database as an object: `ucd_3_2_0`.
    struct Database("unicodedata.UCD", LAYOUT) {
        traced {}
        plain { old: bool, }
    }
}

/// Whether the receiver is the database of Unicode 3.2.
fn is_old(cx: &Cx, receiver: Value) -> bool {
    receiver.downcast::<Database>(cx).is_some_and(|database| database.old)
}

/// Characters that Unicode 3.2 did not have, as far as whole blocks tell: what internationalized domain names of 2003
/// must refuse.
fn is_newer_than_3_2(point: u32) -> bool {
    crate::unicode_3_2::is_unassigned(point)
}

fn character(cx: &Cx, value: Value, function: &str, which: &str) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>(cx) else {
        let class = if value.is_none() { "None".to_owned() } else { value.class_name(cx) };
        let which = which.trim_end_matches(':');
        return Err(raise!(cx, TypeError, "{function}() argument{which} must be a unicode character, not {class}"));
    };
    match (text.len(), text.code_point(0)) {
        (1, Some(point)) => Ok(point),
        (length, _) => {
            let which = which.trim_end_matches(':');
            Err(raise!(
                cx,
                TypeError,
                "{function}(): argument{which} must be a unicode character, not a string of length {length}"
            ))
        }
    }
}

/// The character of a function with one argument, replaced by an unassigned one if the database does not have it.
fn only_character(cx: &Cx, receiver: Value, value: Value, function: &str) -> PyResult<Option<u32>> {
    let point = character(cx, value, function, "")?;
    Ok(if is_old(cx, receiver) && is_newer_than_3_2(point) { None } else { Some(point) })
}

/// What a function with a default answers.
fn with_default(
    cx: &Cx,
    receiver: Value,
    args: Args<'_>,
    function: &str,
    missing: &str,
    get: impl FnOnce(u32) -> Option<Value>,
) -> PyResult {
    let [value, default] = args.between::<2>(cx, function, 1)?;
    let point = character(cx, value.unwrap_or(Value::NONE), function, " 1")?;
    let known = !(is_old(cx, receiver) && is_newer_than_3_2(point));
    match (known.then(|| get(point)).flatten(), default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(raise!(cx, ValueError, "{missing}")),
    }
}

fn decimal(cx: &Cx, receiver: Value, args: Args<'_>) -> PyResult {
    with_default(cx, receiver, args, "decimal", "not a decimal", |point| {
        unicode::decimal_value(point).map(|value| Value::int(value.into()))
    })
}

fn digit(cx: &Cx, receiver: Value, args: Args<'_>) -> PyResult {
    with_default(cx, receiver, args, "digit", "not a digit", |point| {
        unicode::digit_value(point).map(|value| Value::int(value.into()))
    })
}

fn numeric(cx: &Cx, receiver: Value, args: Args<'_>) -> PyResult {
    with_default(cx, receiver, args, "numeric", "not a numeric character", |point| {
        unicode::numeric_value(point).map(|value| cx.new_float(value))
    })
}

fn name(cx: &Cx, receiver: Value, args: Args<'_>) -> PyResult {
    with_default(cx, receiver, args, "name", "no such name", |point| {
        unicode_names::name(point).map(|name| cx.new_str(&name).value())
    })
}

fn category(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "category")?;
    Ok(cx.intern_str(point.map_or("Cn", unicode::category)).value())
}

fn bidirectional(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "bidirectional")?;
    Ok(cx.intern_str(point.map_or("", unicode::bidirectional)).value())
}

fn combining(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "combining")?;
    Ok(Value::int(point.map_or(0, unicode::combining).into()))
}

fn mirrored(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "mirrored")?;
    Ok(Value::int(point.is_some_and(unicode::mirrored).into()))
}

fn east_asian_width(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "east_asian_width")?;
    Ok(cx.intern_str(point.map_or("N", unicode::east_asian_width)).value())
}

fn decomposition(cx: &Cx, receiver: Value, value: Value) -> PyResult {
    let point = only_character(cx, receiver, value, "decomposition")?;
    Ok(cx.new_str(&point.map_or(String::new(), unicode::decomposition)).value())
}

fn form(cx: &Cx, value: Value, text: Value, function: &str) -> PyResult<(unicode::Form, Ref<Str>)> {
    let name = cx.str_argument_at(value, function, 1)?;
    let text = cx.str_argument_at(text, function, 2)?;
    match name.to_str().and_then(unicode::Form::from_name) {
        Some(form) => Ok((form, text)),
        None => Err(cx.value_error("invalid normalization form")),
    }
}

fn normalize_text(cx: &Cx, _receiver: Value, form_name: Value, text: Value) -> PyResult {
    let (form, text) = form(cx, form_name, text, "normalize")?;
    if text.is_ascii() || unicode::is_normalized(form, text.as_wtf8()) {
        return Ok(text.to_exact(cx).value());
    }
    let normalized = unicode::normalize(form, text.as_wtf8()).map_err(|failure| cx.raise_failure(failure))?;
    Ok(cx.new_str_wtf8(&normalized).value())
}

fn is_normalized(cx: &Cx, _receiver: Value, form_name: Value, text: Value) -> PyResult {
    let (form, text) = form(cx, form_name, text, "is_normalized")?;
    Ok(Value::bool(text.is_ascii() || unicode::is_normalized(form, text.as_wtf8())))
}

/// Longer names than any character has.
const MAX_NAME: usize = 256;

fn lookup(cx: &Cx, _receiver: Value, name: Value) -> PyResult {
    let bytes = match name.downcast::<Str>(cx) {
        Some(text) => text.as_bytes().to_vec(),
        None => countless_vm::object::protocol::buffer::bytes_of(cx, name)?,
    };
    if bytes.len() > MAX_NAME {
        return Err(raise!(cx, KeyError, "name too long"));
    }
    let text = String::from_utf8_lossy(&bytes);
    match unicode_names::lookup(&text) {
        Some(found) => Ok(cx.new_str_wtf8(&found).value()),
        None => Err(raise!(cx, KeyError, "undefined character name '{text}'")),
    }
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "decimal",
        decimal,
        "decimal($self, chr, default=<unrepresentable>, /)\n--\n\nThe decimal value of a character, as an integer.",
    ),
    Method::many(
        "digit",
        digit,
        "digit($self, chr, default=<unrepresentable>, /)\n--\n\nThe value of a digit, as an integer.",
    ),
    Method::many(
        "numeric",
        numeric,
        "numeric($self, chr, default=<unrepresentable>, /)\n--\n\nThe numeric value of a character, as a float.",
    ),
    Method::one("category", category, "category($self, chr, /)\n--\n\nThe general category of a character."),
    Method::one(
        "bidirectional",
        bidirectional,
        "bidirectional($self, chr, /)\n--\n\nThe bidirectional class of a character, '' if there is none.",
    ),
    Method::one(
        "combining",
        combining,
        "combining($self, chr, /)\n--\n\nThe canonical combining class of a character, 0 if there is none.",
    ),
    Method::one(
        "mirrored",
        mirrored,
        "mirrored($self, chr, /)\n--\n\n1 if a character is mirrored in bidirectional text, else 0.",
    ),
    Method::one(
        "east_asian_width",
        east_asian_width,
        "east_asian_width($self, chr, /)\n--\n\nThe East Asian width of a character.",
    ),
    Method::one(
        "decomposition",
        decomposition,
        "decomposition($self, chr, /)\n--\n\nThe decomposition of a character, '' if there is none.",
    ),
    Method::two(
        "is_normalized",
        is_normalized,
        "is_normalized($self, form, unistr, /)\n--\n\nWhether a string is in a normal form: NFC, NFKC, NFD or NFKD.",
    ),
    Method::two(
        "normalize",
        normalize_text,
        "normalize($self, form, unistr, /)\n--\n\nA string in a normal form: NFC, NFKC, NFD or NFKD.",
    ),
    Method::many("name", name, "name($self, chr, default=<unrepresentable>, /)\n--\n\nThe name of a character."),
    Method::one(
        "lookup",
        lookup,
        "lookup($self, name, /)\n--\n\nThe character (or sequence) of a name; KeyError if there is none.",
    ),
];

fn get_version(cx: &Cx, database: Ref<Database>) -> PyResult {
    Ok(cx.intern_str(if database.old { "3.2.0" } else { "16.0.0" }).value())
}

static TYPE: TypeDef = TypeDef {
    module: "unicodedata",
    flags: TypeFlags::NO_NEW,
    methods: FUNCTIONS,
    attributes: &[GetSet::read_only("unidata_version", get_version, "")],
    ..TypeDef::new("UCD", &LAYOUT)
};

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "unidata_version", cx.intern_str("16.0.0").value())?;
    native_type(cx, &TYPE)?;
    let old = cx.allocate(Database { header: Default::default(), old: true });
    cx.add_to_module(module, "ucd_3_2_0", old.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "unicodedata",
    doc: "Access to the Unicode Character Database, version 16.0.0: the properties of all characters, under the names and\n\
          symbols of the database itself.",
    functions: FUNCTIONS,
    types: &[&TYPE],
    execute: Some(execute),
};
