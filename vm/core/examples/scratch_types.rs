//! Scratch.
use std::borrow::Cow;
use countless_compiler::syntax::{Mode, SourceText};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::vm::Config;
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
#[path = "../../stdlib/src/builtins/numbers.rs"]
mod numbers;
mod code { use super::*; pub fn current_locals(_: &Cx) -> PyResult { Ok(Value::NONE) } }
fn iter_(cx: &Cx, _: Value, v: Value) -> PyResult { countless_vm::object::protocol::iter::get_iter(cx, v) }
#[path = "../../stdlib/src/builtins/attributes.rs"]
mod attributes;
#[path = "../../stdlib/src/builtins/class.rs"]
mod class;

struct NoLibrary;
impl countless_vm::import::library::Library for NoLibrary {
    fn read(&self, _: &str) -> Option<Cow<'static, [u8]>> { None }
    fn is_file(&self, _: &str) -> bool { false }
    fn is_folder(&self, _: &str) -> bool { false }
    fn list(&self, _: &str) -> Vec<String> { vec![] }
}
fn print(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let mut out: Vec<u8> = vec![];
    for (i, v) in args.iter().enumerate() {
        if i > 0 { out.push(b' '); }
        out.extend_from_slice(object::str(cx, v)?.as_bytes());
    }
    println!("{}", String::from_utf8_lossy(&out));
    Ok(Value::NONE)
}
fn eval_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let text = args.get(0).unwrap().downcast::<Str>(cx).unwrap();
    let globals = args.get(1).map(|v| v.downcast::<Dict>(cx).unwrap());
    let globals = globals.unwrap_or_else(|| cx.vm().builtins.get().unwrap().dict());
    let locals = args.get(2).unwrap_or(globals.value());
    let code = cx.compile_text(SourceText::new("<string>", text.to_str().unwrap_or("None")), SourceOptions::new(Mode::Eval))?;
    cx.run_code(code, globals, locals, None)
}
fn exec_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let text = args.get(0).unwrap().downcast::<Str>(cx).unwrap();
    let globals = args.get(1).map(|v| v.downcast::<Dict>(cx).unwrap());
    let globals = globals.unwrap_or_else(|| cx.vm().builtins.get().unwrap().dict());
    let locals = args.get(2).unwrap_or(globals.value());
    let code = cx.compile_text(SourceText::new("<string>", text.to_str().unwrap_or("None")), SourceOptions::new(Mode::Exec))?;
    cx.run_code(code, globals, locals, None)
}
fn ascii_(cx: &Cx, _: Value, v: Value) -> PyResult { let t = object::repr(cx, v)?; Ok(cx.new_str(&countless_common::quote::escape_non_ascii(t.as_wtf8()).unwrap()).value()) }
fn sorted_(cx: &Cx, _: Value, v: Value) -> PyResult { let l = countless_vm::object::protocol::iter::to_list(cx, v)?; cx.call_method(l.value(), cx.names().sort, &[])?; Ok(l.value()) }
fn sum_(cx: &Cx, _: Value, v: Value) -> PyResult { let l = countless_vm::object::protocol::iter::to_list(cx, v)?; let mut t = Value::int(0); let mut i = 0; while let Some(x) = l.get(i) { i += 1; t = countless_vm::object::protocol::number::binary(cx, t, x, countless_vm::object::protocol::number::BinaryOperator::Add)?; } Ok(t) }
fn any_(cx: &Cx, _: Value, v: Value) -> PyResult { let l = countless_vm::object::protocol::iter::to_list(cx, v)?; let mut i = 0; while let Some(x) = l.get(i) { i += 1; if object::is_true(cx, x)? { return Ok(Value::TRUE); } } Ok(Value::FALSE) }
fn all_(cx: &Cx, _: Value, v: Value) -> PyResult { let l = countless_vm::object::protocol::iter::to_list(cx, v)?; let mut i = 0; while let Some(x) = l.get(i) { i += 1; if !object::is_true(cx, x)? { return Ok(Value::FALSE); } } Ok(Value::TRUE) }
fn next_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult { match countless_vm::object::protocol::iter::next(cx, args.get(0).unwrap())? { Some(v) => Ok(v), None => match args.get(1) { Some(d) => Ok(d), None => Err(cx.stop_iteration(Value::NONE)) } } }
fn mm(cx: &Cx, args: Args<'_>, c: countless_vm::object::slots::Comparison) -> PyResult { let l = if args.len() == 1 { countless_vm::object::protocol::iter::to_list(cx, args.get(0).unwrap())? } else { let l = cx.new_list(); for a in args.iter() { l.push(cx, a)?; } l }; let mut b = l.get(0).unwrap(); let mut i = 1; while let Some(x) = l.get(i) { i += 1; if countless_vm::object::protocol::compare::compare_bool(cx, x, b, c)? { b = x; } } Ok(b) }
fn min_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult { mm(cx, args, countless_vm::object::slots::Comparison::Less) }
fn max_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult { mm(cx, args, countless_vm::object::slots::Comparison::Greater) }
fn globals_(cx: &Cx, _: Value) -> PyResult { Ok(cx.vm().builtins.get().unwrap().dict().value()) }
fn repr_(cx: &Cx, _: Value, v: Value) -> PyResult { Ok(object::repr(cx, v)?.value()) }
fn format_(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let spec = match args.get(1) { Some(s) => cx.str_argument(s, "format")?, None => cx.names().empty };
    Ok(object::format(cx, args.get(0).unwrap(), spec)?.value())
}
fn import_(_cx: &Cx, _: Value, _args: Args<'_>) -> PyResult { Ok(Value::NONE) }
static FUNCTIONS: &[Method] = &[
    Method::many("__build_class__", class::build_class, ""),
    Method::many("__import__", import_, ""),
    Method::one("hex", numbers::hex, ""), Method::one("bin", numbers::bin, ""), Method::one("oct", numbers::oct, ""),
    Method::one("ascii", ascii_, ""), Method::one("sorted", sorted_, ""), Method::one("sum", sum_, ""), Method::one("any", any_, ""), Method::one("all", all_, ""), Method::many("next", next_, ""),
    Method::many("min", min_, ""), Method::many("max", max_, ""), Method::one("callable", attributes::callable, ""), Method::two("issubclass", attributes::issubclass, ""), Method::two("hasattr", attributes::hasattr, ""), Method::one("id", attributes::id, ""),
    Method::one("abs", numbers::abs, ""),
    Method::one("len", attributes::len, ""),
    Method::one("hash", attributes::hash, ""),
    Method::two("isinstance", attributes::isinstance, ""),
    Method::one("iter", iter_, ""),
    Method::two("divmod", numbers::divmod, ""),
    Method::many("pow", numbers::pow, ""),
    Method::many("round", numbers::round, ""),
    Method::one("chr", numbers::chr, ""),
    Method::one("ord", numbers::ord, ""),
    Method::many("getattr", attributes::getattr, ""),
    Method::many("print", print, ""),
    Method::many("eval", eval_, ""),
    Method::many("exec", exec_, ""),
    Method::none("globals", globals_, ""),
    Method::one("repr", repr_, ""),
    Method::many("format", format_, ""),
];
static MODULE: ModuleDef = ModuleDef { name: "builtins", doc: "", functions: FUNCTIONS, types: &[], execute: None };
fn setup(cx: &Cx) -> PyResult<()> {
    let module = cx.new_native_module(&MODULE)?;
    cx.vm().builtins.set(cx, module);
    for d in countless_vm::types::DEFINITIONS {
        if d.module == "builtins" { cx.add_to_module(module, d.name, cx.builtin_type(d.id()).value())?; }
    }
    cx.add_to_module(module, "Ellipsis", Value::ELLIPSIS)?;
    cx.add_to_module(module, "NotImplemented", Value::NOT_IMPLEMENTED)?;
    for &kind in ExceptionKind::ALL { cx.add_to_module(module, kind.name(), cx.builtin_type(kind.type_id()).value())?; }
    Ok(())
}
fn run(cx: &Cx, text: &str) -> PyResult<()> {
    setup(cx)?;
    let code = cx.compile_text(SourceText::new("main", text), SourceOptions::new(Mode::Exec))?;
    let globals = cx.vm().builtins.get().unwrap().dict();
    globals.set_name(cx, cx.names().__name__, cx.new_str("__main__").value())?;
    cx.run_code(code, globals, globals.value(), None)?;
    Ok(())
}
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut heap = countless_gc::HeapConfig::default();
    match std::env::var("ZEAL").as_deref() { Ok("inc") => { heap.zeal = countless_gc::Zeal::Incremental(50); heap.verify = true; } Ok(n) => { heap.zeal = countless_gc::Zeal::AllocN(n.parse().unwrap()); } _ => {} }
    heap.poison = true;
    let config = Config { heap, hash_seed: Some(1), optimize: 0, modules: &[], library: &NoLibrary, command_line: Default::default() };
    let cx = countless_vm::runtime::bootstrap::start(config).unwrap();
    if let Err(raised) = run(&cx, &text) {
        let e = cx.take_exception(raised);
        let s = object::str(&cx, e).map(|s| s.as_wtf8().to_string_lossy()).unwrap_or_default();
        println!("UNCAUGHT {} {}", e.class_name(&cx), s);
    }
    std::process::exit(0);
}
