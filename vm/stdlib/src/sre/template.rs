//! Templates of replacements: literal text and references to groups.

use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::RefField;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::tuple::Tuple;

use super::engine::NONE;
use super::found::Match;
use super::output::Output;
use super::pattern::Pattern;
use super::subject::Source;

native_cell! {
    /// The cell: literal, group, literal, group, …, literal; immutable.
    pub struct Template("_sre.SRE_Template", LAYOUT) {
        traced { parts: RefField<Tuple>, }
        plain {}
    }
}

/// The class.
pub static TYPE: TypeDef =
    TypeDef { module: "_sre", flags: TypeFlags::NO_NEW, ..TypeDef::new("SRE_Template", &LAYOUT) };

/// `_sre.template(pattern, parts)`.
pub fn template(cx: &Cx, _module: Value, _pattern: Value, parts: Value) -> PyResult {
    let Some(parts) = parts.downcast::<List>(cx) else {
        let class = if parts.is_none() { "None".to_owned() } else { parts.class_name(cx) };
        return Err(raise!(cx, TypeError, "template() argument 2 must be list, not {class}"));
    };
    let parts = parts.to_tuple(cx)?;
    if parts.len() % 2 == 0 {
        return Err(cx.type_error("invalid template"));
    }
    for index in (1..parts.len()).step_by(2) {
        if number::index_i64(cx, parts.get(index))? < 0 {
            return Err(cx.type_error("invalid template"));
        }
    }
    Ok(cx.allocate(Template { header: Default::default(), parts: RefField::new(parts) }).value())
}

/// What `re._compile_template(pattern, template)` answers.
pub fn compile(cx: &Cx, pattern: Ref<Pattern>, template: Value) -> PyResult {
    let import = cx.builtin("__import__")?;
    let module = cx.call(import, &[cx.intern_str("re").value()])?;
    cx.call_method(module, cx.intern_str("_compile_template"), &[pattern.value(), template])
}

/// The text that a template without references stands for.
pub fn literal(cx: &Cx, template: Value) -> Option<Value> {
    let Some(template) = template.downcast::<Template>(cx) else { return Some(template) };
    let parts = template.parts.get()?;
    if parts.len() == 1 { parts.item(0) } else { None }
}

/// Writes a template with the groups of a match, whose byte offsets `span_of` tells.
pub fn write(
    cx: &Cx,
    out: &mut Output,
    template: Ref<Template>,
    source: &Source,
    groups: usize,
    span_of: impl Fn(usize) -> (usize, usize),
) -> PyResult<()> {
    let Some(parts) = template.parts.get() else { return Ok(()) };
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 0 {
            out.push(cx, part)?;
            continue;
        }
        let group = number::index_i64(cx, part)? as usize;
        if group > groups {
            return Err(cx.index_error("no such group"));
        }
        let (from, to) = span_of(group);
        if from != NONE && to != NONE {
            out.push_slice(cx, source, from, to)?;
        }
    }
    Ok(())
}

/// `match.expand(template)`, given what [`compile`] made of it.
pub fn expand(cx: &Cx, template: Value, found: Ref<Match>) -> PyResult {
    if let Some(text) = literal(cx, template) {
        return Ok(text);
    }
    let Some(template) = template.downcast::<Template>(cx) else { return Ok(template) };
    let source = found.source(cx)?;
    let mut out = Output::new(&source);
    write(cx, &mut out, template, &source, found.group_count(cx)?, |group| found.span_of(group))?;
    out.finish(cx)
}
