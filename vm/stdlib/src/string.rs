//! `_string`: what `string.Formatter` needs of format templates.

use countless_common::format_string::{self, Access, Accesses, First, Part};
use countless_common::wtf8::Wtf8;
use countless_vm::native::definition::{Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{RefField, this};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use std::sync::atomic::{AtomicUsize, Ordering};

native_cell! {
    /// The parts of a template, taken apart at once; an error in it waits for its turn.
    struct Steps("formatter steps", STEPS_LAYOUT) {
        traced {
            items: RefField<List>,
            /// The rest of the template, whose parsing fails; empty if there is none.
            faulty: RefField<Str>,
        }
        plain { position: AtomicUsize, }
    }
}

native_cell! {
    /// The steps of a field's name.
    struct Names("field name steps", NAMES_LAYOUT) {
        traced { items: RefField<List>, faulty: RefField<Str>, }
        plain { position: AtomicUsize, }
    }
}

fn text(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    match value.downcast::<Str>(cx) {
        Some(text) => Ok(text),
        None => Err(raise!(cx, TypeError, "expected str, got {}", value.class_name(cx))),
    }
}

fn part_value(cx: &Cx, part: Part<'_>) -> Value {
    let string = |text: &Wtf8| cx.new_str_wtf8(text).value();
    let values = match part.field {
        None => [string(part.literal), Value::NONE, Value::NONE, Value::NONE],
        Some(field) => {
            let conversion = field.conversion.map_or(Value::NONE, |point| cx.new_char(point).value());
            [string(part.literal), string(field.name), string(field.spec), conversion]
        }
    };
    cx.new_tuple(&values).value()
}

fn formatter_parser(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let template = text(cx, value)?;
    let items = cx.new_list();
    let mut faulty = None;
    for part in format_string::parse(template.as_wtf8()) {
        match part {
            Ok(part) => items.push(cx, part_value(cx, part))?,
            Err(failure) => {
                faulty = Some(cx.new_str(failure.message()));
                break;
            }
        }
    }
    native_type(cx, &STEPS_TYPE)?;
    let contents = Steps {
        header: Default::default(),
        items: RefField::new(items),
        faulty: RefField::from_option(faulty),
        position: AtomicUsize::new(0),
    };
    Ok(cx.allocate(contents).value())
}

fn access_value(cx: &Cx, access: Access<'_>) -> Value {
    let (is_attribute, name) = match access {
        Access::Attribute(name) => (true, cx.new_str_wtf8(name).value()),
        Access::Index(index) => (false, Value::length(index)),
        Access::Key(key) => (false, cx.new_str_wtf8(key).value()),
    };
    cx.new_tuple(&[Value::bool(is_attribute), name]).value()
}

fn accesses(cx: &Cx, steps: Accesses<'_>) -> PyResult {
    let items = cx.new_list();
    let mut faulty = None;
    for access in steps {
        match access {
            Ok(access) => items.push(cx, access_value(cx, access))?,
            Err(failure) => {
                faulty = Some(cx.new_str(failure.message()));
                break;
            }
        }
    }
    native_type(cx, &NAMES_TYPE)?;
    let contents = Names {
        header: Default::default(),
        items: RefField::new(items),
        faulty: RefField::from_option(faulty),
        position: AtomicUsize::new(0),
    };
    Ok(cx.allocate(contents).value())
}

fn formatter_field_name_split(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let name = text(cx, value)?;
    let (first, rest) = format_string::split_field_name(name.as_wtf8()).map_err(|failure| cx.raise_failure(failure))?;
    let first = match first {
        First::Auto => cx.names().empty.value(),
        First::Index(index) => Value::length(index),
        First::Name(name) => cx.new_str_wtf8(name).value(),
    };
    let rest = accesses(cx, rest)?;
    Ok(cx.new_tuple(&[first, rest]).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn step(cx: &Cx, items: &RefField<List>, faulty: &RefField<Str>, position: &AtomicUsize) -> PyResult<Option<Value>> {
    let index = position.fetch_add(1, Ordering::Relaxed);
    match items.get().and_then(|items| items.get(index)) {
        Some(item) => Ok(Some(item)),
        None => match faulty.get() {
            Some(message) => Err(raise!(cx, ValueError, "{}", message.as_wtf8())),
            None => Ok(None),
        },
    }
}

fn next_part(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let steps = this::<Steps>(cx, value);
    step(cx, &steps.items, &steps.faulty, &steps.position)
}

fn next_name(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let steps = this::<Names>(cx, value);
    step(cx, &steps.items, &steps.faulty, &steps.position)
}

static STEPS_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next_part), ..Slots::NONE },
    ..TypeDef::new("formatteriterator", &STEPS_LAYOUT)
};

static NAMES_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next_name), ..Slots::NONE },
    ..TypeDef::new("fieldnameiterator", &NAMES_LAYOUT)
};

static FUNCTIONS: &[Method] = &[
    Method::one(
        "formatter_field_name_split",
        formatter_field_name_split,
        "formatter_field_name_split($module, object, /)\n--\n\nsplit the argument as a field name",
    ),
    Method::one(
        "formatter_parser",
        formatter_parser,
        "formatter_parser($module, object, /)\n--\n\nparse the argument as a format string",
    ),
];

fn execute(cx: &Cx, _module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &STEPS_TYPE)?;
    native_type(cx, &NAMES_TYPE)?;
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_string",
    doc: "Helpers of string.Formatter.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
