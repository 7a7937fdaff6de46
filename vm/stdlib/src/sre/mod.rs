//! `_sre`: the engine of regular expressions, for the code that `re._compiler` makes.

mod engine;
mod found;
mod output;
mod pattern;
mod program;
mod scanner;
mod subject;
mod template;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::dict::Dict;
use countless_vm::types::int;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use program::{Program, Start};

/// The version of the code, as `re._constants` has it.
const MAGIC: i64 = 20_230_612;
const MAX_REPEAT: i64 = u32::MAX as i64;
const MAX_GROUPS: i64 = u32::MAX as i64 / 4;

fn code_of(cx: &Cx, list: Ref<List>) -> PyResult<Vec<u32>> {
    let mut code = Vec::with_capacity(list.len());
    for item in list.iter() {
        let Some(view) = int::view(cx, &item) else { return Err(cx.type_error("an integer is required")) };
        match view.to_i64().and_then(|word| u32::try_from(word).ok()) {
            Some(word) => code.push(word),
            None => return Err(raise!(cx, OverflowError, "regular expression code size limit exceeded")),
        }
    }
    Ok(code)
}

#[cold]
fn wrong_argument(cx: &Cx, name: &str, expected: &str, value: Value) -> Raised {
    let class = if value.is_none() { "None".to_owned() } else { value.class_name(cx) };
    raise!(cx, TypeError, "compile() argument '{name}' must be {expected}, not {class}")
}

static COMPILE: Signature<6> =
    Signature::new("compile", ["pattern", "flags", "code", "groups", "groupindex", "indexgroup"]).required(6);

fn compile(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, flags, code, groups, groupindex, indexgroup] =
        COMPILE.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let flags = cx.c_int_argument(flags)? as u32;
    let Some(code) = code.downcast::<List>(cx) else { return Err(wrong_argument(cx, "code", "list", code)) };
    let groups = countless_vm::object::protocol::number::index_i64(cx, groups)?;
    let Some(groupindex) = groupindex.downcast::<Dict>(cx) else {
        return Err(wrong_argument(cx, "groupindex", "dict", groupindex));
    };
    let Some(indexgroup) = indexgroup.downcast::<Tuple>(cx) else {
        return Err(wrong_argument(cx, "indexgroup", "tuple", indexgroup));
    };
    let words = code_of(cx, code)?;
    let is_text = source.is_none() || source.downcast::<Str>(cx).is_some();
    let groups = usize::try_from(groups).ok().filter(|&groups| groups <= words.len() && groups as i64 <= MAX_GROUPS);
    let program = groups.and_then(|groups| Program::new(words, groups, is_text));
    let Some(mut program) = program else { return Err(cx.runtime_error("invalid SRE code")) };
    if source.is_none() {
        // For text and bytes alike: the two write a literal start differently.
        program.start = Start::Any;
    }
    Ok(pattern::new_pattern(cx, source, program, flags, groupindex, indexgroup).value())
}

fn getcodesize(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(4))
}

fn character(cx: &Cx, value: Value) -> PyResult<i32> {
    cx.c_int_argument(value)
}

fn mapped(cx: &Cx, value: Value, map: fn(u32) -> u32) -> PyResult {
    let character = character(cx, value)?;
    Ok(Value::int(u32::try_from(character).map_or(character.into(), |point| map(point).into())))
}

fn ascii_tolower(cx: &Cx, _module: Value, value: Value) -> PyResult {
    mapped(cx, value, program::lower_ascii)
}

fn unicode_tolower(cx: &Cx, _module: Value, value: Value) -> PyResult {
    mapped(cx, value, program::lower_unicode)
}

fn ascii_iscased(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let character = character(cx, value)?;
    Ok(Value::bool(u8::try_from(character).is_ok_and(|byte| byte.is_ascii_alphabetic())))
}

fn unicode_iscased(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let Ok(point) = u32::try_from(character(cx, value)?) else { return Ok(Value::FALSE) };
    let upper = countless_common::unicode::to_upper(point).iter().next();
    Ok(Value::bool(program::lower_unicode(point) != point || upper != Some(point)))
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "compile",
        compile,
        "compile($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)\n--\n\n",
    ),
    Method::two(
        "template",
        template::template,
        "template($module, pattern, template, /)\n--\n\n\n\n  template\n    A list containing interleaved literal strings (str or bytes) and group\n    indices (int), as returned by re._parser.parse_template():\n        [literal1, group1, ..., literalN, groupN, literalN+1]",
    ),
    Method::none("getcodesize", getcodesize, "getcodesize($module, /)\n--\n\n"),
    Method::one("ascii_iscased", ascii_iscased, "ascii_iscased($module, character, /)\n--\n\n"),
    Method::one("unicode_iscased", unicode_iscased, "unicode_iscased($module, character, /)\n--\n\n"),
    Method::one("ascii_tolower", ascii_tolower, "ascii_tolower($module, character, /)\n--\n\n"),
    Method::one("unicode_tolower", unicode_tolower, "unicode_tolower($module, character, /)\n--\n\n"),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for definition in [&pattern::TYPE, &found::TYPE, &scanner::TYPE, &template::TYPE] {
        native_type(cx, definition)?;
    }
    cx.add_to_module(module, "MAGIC", Value::int(MAGIC))?;
    cx.add_to_module(module, "CODESIZE", Value::int(4))?;
    cx.add_to_module(module, "MAXREPEAT", Value::int(MAX_REPEAT))?;
    cx.add_to_module(module, "MAXGROUPS", Value::int(MAX_GROUPS))?;
    cx.add_to_module(module, "copyright", cx.new_str(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ").value())
}

/// The module.
pub static MODULE: ModuleDef =
    ModuleDef { name: "_sre", doc: "", functions: FUNCTIONS, types: &[], execute: Some(execute) };
