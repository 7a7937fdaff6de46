//! `translate` and `maketrans` of byte rows.

use countless_common::strings::bytes as ascii;

use super::{ByteSequence, optional_view};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::ByteView;

static TRANSLATE: Signature<2> = Signature::new("translate", ["", "delete"]).positional_only(1).required(1);

pub(crate) fn translate<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let [table, delete] = TRANSLATE.bind(cx, args)?;
    let table = optional_view(cx, table)?;
    if table.as_ref().is_some_and(|table| table.len() != 256) {
        return Err(cx.value_error("translation table must be 256 characters long"));
    }
    let delete = delete.map(|delete| ByteView::new(cx, delete)).transpose()?;
    let content = T::content(cx, &this)?;
    let translated = ascii::translate(&content, table.as_deref(), delete.as_deref().unwrap_or(&[]));
    if *translated == *content {
        return T::part(cx, this, &content, 0..content.len());
    }
    T::make(cx, &translated)
}

pub(crate) fn maketrans(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let [from, to] = args.exactly::<2>(cx, "maketrans")?;
    let (from, to) = (ByteView::new(cx, from)?, ByteView::new(cx, to)?);
    if from.len() != to.len() {
        return Err(cx.value_error("maketrans arguments must have same length"));
    }
    let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    for (&from, &to) in from.iter().zip(to.iter()) {
        table[usize::from(from)] = to;
    }
    Ok(cx.new_bytes(&table).value())
}
