//! `_json`: what makes the module `json` quick.

mod encoder;
mod scanner;
mod text;

use countless_common::wtf8::Wtf8;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

/// Where the quoting functions are kept, so that the encoder knows them.
const QUOTE: &str = "json.encode_basestring";
const QUOTE_ASCII: &str = "json.encode_basestring_ascii";

fn encode_basestring(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let value = text::text_argument(cx, value)?;
    let mut out = Vec::with_capacity(value.as_bytes().len() + 2);
    text::quote(&mut out, value.as_wtf8());
    Ok(cx.new_str_wtf8(Wtf8::from_trusted_bytes(&out)).value())
}

fn encode_basestring_ascii(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let value = text::text_argument(cx, value)?;
    let mut out = Vec::with_capacity(value.as_bytes().len() + 2);
    text::quote_ascii(&mut out, value.as_wtf8());
    Ok(cx.new_str_ascii(&out).value())
}

fn scanstring(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "scanstring")?;
    if args.len() < 2 || args.len() > 3 {
        let (bound, limit) = if args.len() < 2 { ("at least", 2) } else { ("at most", 3) };
        return Err(raise!(cx, TypeError, "scanstring() takes {bound} {limit} arguments ({} given)", args.len()));
    }
    let end = number::index_i64(cx, args.get(1).unwrap_or(Value::NONE))?;
    let strict = match args.get(2) {
        Some(strict) => object::is_true(cx, strict)?,
        None => true,
    };
    let text = text::text_argument(cx, args.get(0).unwrap_or(Value::NONE))?;
    let Some(end) = usize::try_from(end).ok().filter(|&end| end <= text.len()) else {
        return Err(cx.value_error("end is out of bounds"));
    };
    let (found, next) = text::scan(cx, text, text.byte_offset(end), strict)?;
    Ok(cx.new_tuple(&[found.value(), Value::length(text.char_index(next))]).value())
}

static FUNCTIONS: &[Method] = &[
    Method::one(
        "encode_basestring_ascii",
        encode_basestring_ascii,
        "encode_basestring_ascii(string) -> string\n\nA JSON string, in ASCII characters only.",
    ),
    Method::one("encode_basestring", encode_basestring, "encode_basestring(string) -> string\n\nA JSON string."),
    Method::many(
        "scanstring",
        scanstring,
        "scanstring(string, end, strict=True) -> (string, end)\n\nThe JSON string that goes on at index end, behind its opening quote, and the\nindex behind its closing quote.\n\nUnless strict is true, control characters may stand in it as they are.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "make_scanner", native_type(cx, &scanner::TYPE)?.value())?;
    cx.add_to_module(module, "make_encoder", native_type(cx, &encoder::TYPE)?.value())?;
    for (name, key) in [("encode_basestring", QUOTE), ("encode_basestring_ascii", QUOTE_ASCII)] {
        if let Some(function) = module.dict().get_name(cx, cx.intern_str(name))? {
            cx.set_native_state(key, function)?;
        }
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef =
    ModuleDef { name: "_json", doc: "json speedups\n", functions: FUNCTIONS, types: &[], execute: Some(execute) };
