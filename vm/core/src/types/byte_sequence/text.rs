//! Methods that take bytes for ASCII text, and `decode`.

use countless_common::Outcome;
use countless_common::strings::{self, bytes as ascii};

use super::ByteSequence;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::codecs;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::{ByteView, Bytes};

macro_rules! cases {
    ($($name:ident: $function:ident,)*) => {$(
        pub(crate) fn $name<T: ByteSequence>(cx: &Cx, this: Ref<T>) -> PyResult {
            let converted = ascii::$function(&T::content(cx, &this)?);
            T::make(cx, &converted)
        }
    )*};
}

cases! {
    capitalize: capitalize,
    title: title,
    lower: lower,
    upper: upper,
    swapcase: swap_case,
}

macro_rules! predicates {
    ($($name:ident: $function:ident,)*) => {$(
        pub(crate) fn $name<T: ByteSequence>(cx: &Cx, this: Ref<T>) -> PyResult {
            Ok(Value::bool(ascii::$function(&T::content(cx, &this)?)))
        }
    )*};
}

predicates! {
    isalnum: is_alnum,
    isalpha: is_alpha,
    isdigit: is_digit,
    islower: is_lower,
    isspace: is_space,
    istitle: is_title,
    isupper: is_upper,
}

pub(crate) fn isascii<T: ByteSequence>(cx: &Cx, this: Ref<T>) -> PyResult {
    Ok(Value::bool(T::content(cx, &this)?.is_ascii()))
}

/// The fill byte of `center`, `ljust` and `rjust`.
fn fill_byte(cx: &Cx, fill: Option<Value>, name: &str) -> PyResult<u32> {
    let Some(fill) = fill else { return Ok(u32::from(b' ')) };
    let class = fill.class_name(cx);
    if fill.downcast::<Bytes>(cx).is_none() && fill.downcast::<ByteArray>(cx).is_none() {
        return Err(raise!(cx, TypeError, "{name}() argument 2 must be a byte string of length 1, not {class}"));
    }
    match *ByteView::new(cx, fill)? {
        [byte] => Ok(byte.into()),
        ref bytes => {
            let (length, kind) =
                (bytes.len(), if fill.downcast::<Bytes>(cx).is_some() { "bytes" } else { "bytearray" });
            Err(raise!(
                cx,
                TypeError,
                "{name}(): argument 2 must be a byte string of length 1, not a {kind} object of length {length}"
            ))
        }
    }
}

fn justified<T: ByteSequence>(
    cx: &Cx,
    this: Ref<T>,
    args: Args<'_>,
    name: &str,
    justify: fn(&[u8], usize, u32) -> Outcome<Vec<u8>>,
) -> PyResult {
    let [width, fill] = args.between::<2>(cx, name, 1)?;
    let width = usize::try_from(number::index_i64(cx, width.unwrap_or(Value::NONE))?).unwrap_or(0);
    let fill = fill_byte(cx, fill, name)?;
    let content = T::content(cx, &this)?;
    if width <= content.len() {
        return T::part(cx, this, &content, 0..content.len());
    }
    made::<T>(cx, justify(&content, width, fill))
}

fn made<T: ByteSequence>(cx: &Cx, bytes: Outcome<Vec<u8>>) -> PyResult {
    match bytes {
        Ok(bytes) => T::make(cx, &bytes),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

pub(crate) fn center<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "center", strings::center::<[u8]>)
}

pub(crate) fn ljust<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "ljust", strings::left_justify::<[u8]>)
}

pub(crate) fn rjust<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "rjust", strings::right_justify::<[u8]>)
}

pub(crate) fn zfill<T: ByteSequence>(cx: &Cx, this: Ref<T>, width: Value) -> PyResult {
    let width = usize::try_from(number::index_i64(cx, width)?).unwrap_or(0);
    let content = T::content(cx, &this)?;
    if width <= content.len() {
        return T::part(cx, this, &content, 0..content.len());
    }
    made::<T>(cx, strings::zero_fill::<[u8]>(&content, width))
}

static EXPANDTABS: Signature<1> = Signature::new("expandtabs", ["tabsize"]);

pub(crate) fn expandtabs<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let [tab_size] = EXPANDTABS.bind(cx, args)?;
    let tab_size = tab_size.map_or(Ok(8), |size| cx.c_int_argument(size))?;
    let content = T::content(cx, &this)?;
    made::<T>(cx, strings::expand_tabs::<[u8]>(&content, tab_size as isize))
}

static DECODE: Signature<2> = Signature::new("decode", ["encoding", "errors"]);

pub(crate) fn decode<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let [encoding, errors] = DECODE.bind(cx, args)?;
    let encoding = encoding.map(|value| cx.str_argument_named(value, "decode", "encoding")).transpose()?;
    let errors = errors.map(|value| cx.str_argument_named(value, "decode", "errors")).transpose()?;
    codecs::decode(cx, this.value(), encoding, errors).map(Value::from)
}
