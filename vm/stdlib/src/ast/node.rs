//! `ast.AST`: what all nodes have in common: construction from fields, `repr`, pickling, `copy.replace`.

use countless_compiler::ast::{Group, NodeKind};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::{instance_attributes, instance_dict, set_instance_dict};
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::protocol::{iter, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::ids;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

use super::classes::Classes;

native_cell! {
    /// A node. Its fields are attributes like others.
    pub struct AstNode("ast.AST", LAYOUT, dictionary dictionary) {
        traced { dictionary: Field }
        plain {}
    }
}

impl AstNode {
    /// The contents of a new node.
    pub fn empty() -> AstNode {
        AstNode { header: Default::default(), dictionary: Field::empty() }
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, AstNode::empty()).value())
}

/// The names in a class's `_fields` or `_attributes`.
fn names_of(cx: &Cx, object: Value, name: &str) -> PyResult<Ref<Tuple>> {
    let names = cx.get_attribute(cx.type_of(object).value(), cx.intern_str(name))?;
    object::length(cx, names)?;
    iter::to_tuple(cx, names)
}

fn contains(cx: &Cx, names: Ref<Tuple>, name: Value) -> PyResult<bool> {
    for candidate in names.iter() {
        if countless_vm::object::protocol::compare::equal(cx, candidate, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn init(cx: &Cx, this: Value, args: Args<'_>) -> PyResult<()> {
    let fields = names_of(cx, this, "_fields")?;
    let class = cx.type_of(this);
    if args.len() > fields.len() {
        let (name, most) = (class.name(), fields.len());
        let plural = if most == 1 { "" } else { "s" };
        let name = name.as_wtf8();
        return Err(raise!(cx, TypeError, "{name} constructor takes at most {most} positional argument{plural}"));
    }
    let given = cx.new_dict();
    for (value, name) in args.iter().zip(fields.iter()) {
        set(cx, this, name, value)?;
        given.set(cx, name, Value::TRUE)?;
    }
    for (name, value) in args.keywords() {
        let name = name.value();
        if contains(cx, fields, name)? {
            if given.get(cx, name)?.is_some() {
                let (class, name) = (class.name(), object::repr(cx, name)?);
                let (class, name) = (class.as_wtf8(), name.as_wtf8());
                return Err(raise!(cx, TypeError, "{class} got multiple values for argument {name}"));
            }
            given.set(cx, name, Value::TRUE)?;
        } else if !contains(cx, names_of(cx, this, "_attributes")?, name)? {
            let shown = object::repr(cx, name)?;
            let message = format!(
                "{}.__init__ got an unexpected keyword argument {}. Support for arbitrary keyword arguments is \
                 deprecated and will be removed in Python 3.15.",
                class.display_name(),
                shown.as_wtf8()
            );
            cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
        }
        set(cx, this, name, value)?;
    }
    let missing = cx.new_list();
    for name in fields.iter() {
        if given.get(cx, name)?.is_none() {
            missing.push(cx, name)?;
        }
    }
    fill_missing(cx, this, missing)
}

fn set(cx: &Cx, this: Value, name: Value, value: Value) -> PyResult<()> {
    let name = cx.attribute_name(name)?;
    cx.set_attribute(this, name, value)
}

/// Fields that were not given: lists are empty, contexts `Load()`, optional ones have their defaults in the class.
fn fill_missing(cx: &Cx, this: Value, missing: Ref<List>) -> PyResult<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let class = cx.type_of(this);
    let Some(types) = cx.get_attribute_optional(class.value(), cx.intern_str("_field_types"))? else { return Ok(()) };
    let Some(types) = types.downcast::<Dict>(cx) else { return Ok(()) };
    for name in missing.iter() {
        let field_type = types.get(cx, name)?;
        let complaint = match field_type {
            None => "is missing from",
            Some(field_type) if field_type.is_exactly(ids::UNION) => continue,
            Some(field_type) if field_type.is_exactly(ids::GENERIC_ALIAS) => {
                set(cx, this, name, cx.new_list().value())?;
                continue;
            }
            Some(field_type) => {
                let classes = Classes::get(cx)?;
                if classes.group(Group::ExprContext) == Some(field_type) {
                    set(cx, this, name, classes.singleton(NodeKind::Load).unwrap_or(Value::NONE))?;
                    continue;
                }
                "missing 1 required positional argument:"
            }
        };
        let (class, name) = (class.display_name(), object::repr(cx, name)?);
        let name = name.as_wtf8();
        let message = match field_type {
            None => format!("Field {name} {complaint} {class}._field_types. This will become an error in Python 3.15."),
            Some(_) => {
                format!("{class}.__init__ {complaint} {name}. This will become an error in Python 3.15.")
            }
        };
        cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
    }
    Ok(())
}

// ---- repr

/// How many levels of nodes `repr` shows.
const REPR_LEVELS: u32 = 3;

fn repr(cx: &Cx, this: Value) -> PyResult {
    let shown = show(cx, this, REPR_LEVELS)?;
    Ok(shown.value())
}

fn show(cx: &Cx, this: Value, levels: u32) -> PyResult<Ref<Str>> {
    let name = cx.type_of(this).display_name();
    if levels == 0 {
        return Ok(cx.new_str(&format!("{name}(...)")));
    }
    if !cx.repr_enter(this) {
        return Ok(cx.new_str(&format!("{name}(...)")));
    }
    let shown = show_fields(cx, this, &name, levels);
    cx.repr_leave(this);
    shown
}

fn show_fields(cx: &Cx, this: Value, name: &str, levels: u32) -> PyResult<Ref<Str>> {
    let fields = names_of(cx, this, "_fields")?;
    let mut text = countless_common::wtf8::Wtf8Buf::from(name);
    text.push_str("(");
    for (index, field) in fields.iter().enumerate() {
        let field = cx.attribute_name(field)?;
        let value = cx.get_attribute(this, field)?;
        let shown = if value.is_exactly(ids::LIST) || value.is_exactly(ids::TUPLE) {
            show_sequence(cx, value, levels)?
        } else {
            show_value(cx, value, levels)?
        };
        if index > 0 {
            text.push_str(", ");
        }
        text.push_wtf8(field.as_wtf8());
        text.push_str("=");
        text.push_wtf8(shown.as_wtf8());
    }
    text.push_str(")");
    Ok(cx.new_str_wtf8(&text))
}

fn show_value(cx: &Cx, value: Value, levels: u32) -> PyResult<Ref<Str>> {
    match value.downcast::<AstNode>(cx) {
        Some(_) => show(cx, value, levels - 1),
        None => object::repr(cx, value),
    }
}

/// The first and the last item stand for longer sequences.
fn show_sequence(cx: &Cx, sequence: Value, levels: u32) -> PyResult<Ref<Str>> {
    let items = iter::to_tuple(cx, sequence)?;
    let (open, close) = if sequence.is_exactly(ids::LIST) { ("[", "]") } else { ("(", ")") };
    let mut text = countless_common::wtf8::Wtf8Buf::from(open);
    let last = items.len().saturating_sub(1);
    for index in 0..items.len() {
        if index > 0 && index < last {
            if index == 1 {
                text.push_str(", ...");
            }
            continue;
        }
        if index > 0 {
            text.push_str(", ");
        }
        text.push_wtf8(show_value(cx, items.get(index), levels)?.as_wtf8());
    }
    text.push_str(close);
    Ok(cx.new_str_wtf8(&text))
}

// ---- pickling and copying

fn reduce(cx: &Cx, this: Value) -> PyResult {
    let state = cx.new_dict();
    let mut failure = Ok(());
    instance_attributes(cx, this, &mut |name, value| {
        if failure.is_ok() {
            failure = state.set(cx, name, value);
        }
    });
    failure?;
    // Placeholders keep the constructor from complaining; the state comes after it.
    let placeholders = cx.new_list();
    for name in names_of(cx, this, "_fields")?.iter() {
        if state.get(cx, name)?.is_none() {
            break;
        }
        placeholders.push(cx, Value::NONE)?;
    }
    let parts = [cx.type_of(this).value(), placeholders.to_tuple(cx)?.value(), state.value()];
    Ok(cx.new_tuple(&parts).value())
}

fn replace(cx: &Cx, this: Value, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        return Err(cx.type_error("__replace__() takes no positional arguments"));
    }
    let class = cx.type_of(this);
    let (fields, attributes) = (names_of(cx, this, "_fields")?, names_of(cx, this, "_attributes")?);
    let (present, payload) = (cx.new_dict(), cx.new_dict());
    let mut failure = Ok(());
    instance_attributes(cx, this, &mut |name, value| {
        if failure.is_ok() {
            failure = present.set(cx, name, value);
        }
    });
    failure?;
    for name in fields.iter().chain(attributes.iter()) {
        if let Some(value) = present.get(cx, name)? {
            payload.set(cx, name, value)?;
        }
    }
    for (name, value) in args.keywords() {
        if !contains(cx, fields, name.value())? && !contains(cx, attributes, name.value())? {
            let (class, name) = (class.display_name(), object::repr(cx, name.value())?);
            let name = name.as_wtf8();
            return Err(raise!(cx, TypeError, "{class}.__replace__ got an unexpected keyword argument {name}."));
        }
        payload.set(cx, name.value(), value)?;
    }
    check_complete(cx, class, fields, payload)?;
    cx.call_unpacked(class.value(), cx.empty_tuple(), Some(payload))
}

/// Fails if a field has neither a value nor a default.
fn check_complete(cx: &Cx, class: Ref<TypeObject>, fields: Ref<Tuple>, payload: Ref<Dict>) -> PyResult<()> {
    let missing = cx.new_list();
    for name in fields.iter() {
        let has_default = cx.get_attribute_optional(class.value(), cx.attribute_name(name)?)? == Some(Value::NONE);
        if payload.get(cx, name)?.is_none() && !has_default {
            missing.push(cx, object::repr(cx, name)?.value())?;
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort(cx, None, false)?;
    let names = cx.call_method(cx.new_str(", ").value(), cx.names().join, &[missing.value()])?;
    let (class, names, count) = (class.display_name(), object::str(cx, names)?, missing.len());
    let (names, plural) = (names.as_wtf8(), if count == 1 { "" } else { "s" });
    Err(raise!(cx, TypeError, "{class}.__replace__ missing {count} keyword argument{plural}: {names}."))
}

fn get_dict(cx: &Cx, this: Value) -> PyResult {
    Ok(instance_dict(cx, this)?.value())
}

fn set_dict(cx: &Cx, this: Value, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __dict__")) };
    match value.downcast::<Dict>(cx) {
        Some(dict) => set_instance_dict(cx, this, dict),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

/// The tuples that every class of nodes has.
fn finish(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    for name in ["_fields", "__match_args__", "_attributes"] {
        class.dict().set_name(cx, cx.intern_str(name), cx.empty_tuple().value())?;
    }
    class.dict().set_name(cx, cx.names().__doc__, Value::NONE)
}

/// `ast.AST`.
pub static TYPE: TypeDef = TypeDef {
    module: "ast",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES).with(TypeFlags::MUTABLE),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce as fn(&Cx, Value) -> PyResult, ""),
        Method::many(
            "__replace__",
            replace as fn(&Cx, Value, Args<'_>) -> PyResult,
            "__replace__($self, /, **fields)\n--\n\nReturn a copy of the AST node with new values for the specified fields.",
        ),
    ],
    attributes: &[GetSet::read_write(
        "__dict__",
        get_dict as fn(&Cx, Value) -> PyResult,
        set_dict as fn(&Cx, Value, Option<Value>) -> PyResult<()>,
        "",
    )],
    finish: Some(finish),
    ..TypeDef::new("AST", &LAYOUT)
};
