//! `str.encode`.

use super::Str;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::runtime::codecs;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

static ENCODE: Signature<2> = Signature::new("encode", ["encoding", "errors"]);

pub(super) fn encode(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let [encoding, errors] = ENCODE.bind(cx, args)?;
    let encoding = encoding.map(|value| cx.str_argument_named(value, "encode", "encoding")).transpose()?;
    let errors = errors.map(|value| cx.str_argument_named(value, "encode", "errors")).transpose()?;
    codecs::encode(cx, this, encoding, errors)
}
