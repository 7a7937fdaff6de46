//! `str(…)`.

use super::Str;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::object;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::type_object::TypeObject;

static NEW: Signature<3> = Signature::new("str", ["object", "encoding", "errors"]);

/// `str.__new__`.
pub(super) fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [value, encoding, errors] =
        if args.keyword_count() == 0 { args.between::<3>(cx, "str", 0)? } else { NEW.bind(cx, args)? };
    let encoding = encoding.map(|value| cx.str_argument_named(value, "str", "encoding")).transpose()?;
    let errors = errors.map(|value| cx.str_argument_named(value, "str", "errors")).transpose()?;
    let text = match value {
        None => cx.names().empty,
        Some(value) if encoding.is_none() && errors.is_none() => object::str(cx, value)?,
        Some(value) => decoded(cx, value, encoding, errors)?,
    };
    if class == cx.builtin_type(ids::STR) {
        // An instance of a subclass that `__str__` returned stays what it is.
        return Ok(text.value());
    }
    Ok(cx.new_str_instance(class, text)?.value())
}

fn decoded(cx: &Cx, value: Value, encoding: Option<Ref<Str>>, errors: Option<Ref<Str>>) -> PyResult<Ref<Str>> {
    if value.downcast::<Str>(cx).is_some() {
        return Err(cx.type_error("decoding str is not supported"));
    }
    if cx.type_of(value).slots.buffer().is_none() {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "decoding to str: need a bytes-like object, {class} found"));
    }
    crate::runtime::codecs::decode(cx, value, encoding, errors)
}
