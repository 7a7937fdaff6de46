//! `ImportError`: it remembers the module's name, its path and the name that was to be imported from it.

use super::base::{self, this};
use super::name::without_keywords;
use super::simple::extra;
use super::{BaseException, IMPORT};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

const KEYWORDS: [&str; 3] = ["name", "path", "name_from"];

fn init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    without_keywords(cx, exception, args);
    let cell = this(exception);
    for index in 0..4 {
        cell.extra(index).set(cx, Value::NONE);
    }
    for (name, value) in args.keywords() {
        let text = name.as_wtf8();
        match KEYWORDS.iter().position(|candidate| text.as_bytes() == candidate.as_bytes()) {
            Some(index) => cell.extra(index + 1).set(cx, value),
            None => {
                let class = exception.class_name(cx);
                return Err(raise!(cx, TypeError, "{class}() got an unexpected keyword argument '{text}'"));
            }
        }
    }
    if args.len() == 1 {
        cell.extra(0).set(cx, args.get(0).unwrap_or(Value::NONE));
    }
    Ok(())
}

fn str(cx: &Cx, exception: Value) -> PyResult {
    let message = this(exception).extra(0).get_or_none();
    if message.is_exactly(ids::STR) { Ok(message) } else { base::str(cx, exception) }
}

fn reduce(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    let state = cx.new_dict();
    let mut pending: PyResult<()> = Ok(());
    attribute::instance_attributes(cx, exception.value(), &mut |name, value| {
        if pending.is_ok() {
            pending = state.set(cx, name, value);
        }
    });
    pending?;
    for (index, name) in KEYWORDS.iter().enumerate() {
        if let Some(value) = exception.extra(index + 1).get().and_then(Value::not_none) {
            state.set_name(cx, cx.intern_str(name), value)?;
        }
    }
    let (class, args) = (cx.type_of(exception.value()).value(), exception.args(cx).value());
    if state.is_empty() {
        return Ok(cx.new_tuple(&[class, args]).value());
    }
    Ok(cx.new_tuple(&[class, args, state.value()]).value())
}

static METHODS: &[Method] = &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static ATTRIBUTES: &[GetSet] = &[extra::<0>("msg"), extra::<1>("name"), extra::<2>("path"), extra::<3>("name_from")];

/// The rows of `ImportError`.
pub(super) static TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(init), str: Some(str), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("ImportError", &IMPORT)
};
