//! What bytes and bytearray share: the methods that only read, over [`ByteSequence`].
//!
//! A method asks once for the content: bytes lend theirs, a bytearray copies what it holds at that moment, so that no
//! other thread's change is seen half-way.

pub(crate) mod hex;
pub(crate) mod percent;
pub(crate) mod search;
pub(crate) mod split;
pub(crate) mod text;
pub(crate) mod translate;

use std::borrow::Cow;
use std::ops::Range;

use super::bytes::ByteView;
use crate::object::cell::{Cell, Ref};
use crate::object::protocol::{item::Bounds, number};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// A type of byte rows.
pub(crate) trait ByteSequence: Cell {
    /// The class's name.
    const NAME: &'static str;

    /// The bytes, as they are now.
    fn content<'a>(cx: &Cx, this: &'a Ref<Self>) -> PyResult<Cow<'a, [u8]>>;

    /// A new row of the plain type.
    fn make(cx: &Cx, bytes: &[u8]) -> PyResult;

    /// A part of `this`, whose content is given: immutable ones need not copy the whole.
    fn part(cx: &Cx, this: Ref<Self>, content: &[u8], range: Range<usize>) -> PyResult;
}

/// The items that bounds choose.
pub(crate) fn slice_of(bytes: &[u8], bounds: Bounds) -> Cow<'_, [u8]> {
    let Bounds { start, step, length, .. } = bounds;
    if length == 0 {
        return Cow::Borrowed(&[]);
    }
    if step == 1 {
        return Cow::Borrowed(&bytes[start as usize..start as usize + length]);
    }
    (0..length).map(|index| bytes[(start + index as isize * step) as usize]).collect()
}

/// Whether an int is among the bytes; `None` if the value is no int.
pub(crate) fn contains_byte(cx: &Cx, bytes: &[u8], value: Value) -> PyResult<Option<bool>> {
    Ok(byte_of_int(cx, value)?.map(|byte| bytes.contains(&byte)))
}

/// An int as a byte: ValueError if it is none; `None` if the value is no int.
pub(crate) fn byte_of_int(cx: &Cx, value: Value) -> PyResult<Option<u8>> {
    if !number::is_index(cx, value) && !value.is_bool() {
        return Ok(None);
    }
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int).and_then(|int| u8::try_from(int).ok()) {
        Some(byte) => Ok(Some(byte)),
        None => Err(cx.value_error("byte must be in range(0, 256)")),
    }
}

/// An optional bytes-like argument, where `None` stands for the default.
pub(crate) fn optional_view(cx: &Cx, value: Option<Value>) -> PyResult<Option<ByteView>> {
    value.and_then(Value::not_none).map(|value| ByteView::new(cx, value)).transpose()
}

/// The rows of the methods that bytes and bytearray have in common, with more rows in front.
macro_rules! shared_methods {
    ($class:ty; $($extra:expr),* $(,)?) => {{
        use $crate::native::definition::Method;
        use $crate::types::byte_sequence::{hex, search, split, text, translate};
        &[
            $($extra,)*
            Method::none("capitalize", text::capitalize::<$class>, "capitalize($self, /)\n--\n\nReturn a copy that starts with a capital and goes on in lower case (ASCII)."),
            Method::many("center", text::center::<$class>, "center($self, width, fillchar=b' ', /)\n--\n\nReturn the bytes centered in a width."),
            Method::many("count", search::count::<$class>, "count($self, sub[, start[, end]], /)\n--\n\nHow many times the bytes, or the byte, occur, without overlaps."),
            Method::many("decode", text::decode::<$class>, "decode($self, /, encoding='utf-8', errors='strict')\n--\n\nReturn the text that the bytes stand for in an encoding."),
            Method::many("endswith", search::endswith::<$class>, "endswith($self, suffix[, start[, end]], /)\n--\n\nWhether the row ends with the suffix, or with one of a tuple."),
            Method::many("expandtabs", text::expandtabs::<$class>, "expandtabs($self, /, tabsize=8)\n--\n\nReturn a copy with tabs expanded to spaces."),
            Method::many("find", search::find::<$class>, "find($self, sub[, start[, end]], /)\n--\n\nThe lowest index where the bytes are, or -1."),
            Method::one("fromhex", hex::fromhex::<$class>, "fromhex($type, string, /)\n--\n\nMake bytes of hexadecimal digits; white space between them is skipped.").on_class(),
            Method::many("hex", hex::hex::<$class>, "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nReturn the hexadecimal digits of the bytes, with a separator after groups if given."),
            Method::many("index", search::index::<$class>, "index($self, sub[, start[, end]], /)\n--\n\nThe lowest index where the bytes are; ValueError if they are nowhere."),
            Method::none("isalnum", text::isalnum::<$class>, "isalnum($self, /)\n--\n\nWhether all bytes are ASCII letters or digits, and there is one."),
            Method::none("isalpha", text::isalpha::<$class>, "isalpha($self, /)\n--\n\nWhether all bytes are ASCII letters, and there is one."),
            Method::none("isascii", text::isascii::<$class>, "isascii($self, /)\n--\n\nWhether all bytes are ASCII."),
            Method::none("isdigit", text::isdigit::<$class>, "isdigit($self, /)\n--\n\nWhether all bytes are ASCII digits, and there is one."),
            Method::none("islower", text::islower::<$class>, "islower($self, /)\n--\n\nWhether ASCII letters are there, and all in lower case."),
            Method::none("isspace", text::isspace::<$class>, "isspace($self, /)\n--\n\nWhether all bytes are ASCII white space, and there is one."),
            Method::none("istitle", text::istitle::<$class>, "istitle($self, /)\n--\n\nWhether every ASCII word starts with a capital and goes on in lower case."),
            Method::none("isupper", text::isupper::<$class>, "isupper($self, /)\n--\n\nWhether ASCII letters are there, and all in upper case."),
            Method::one("join", split::join::<$class>, "join($self, iterable_of_bytes, /)\n--\n\nReturn the rows of the iterable with this one between them."),
            Method::many("ljust", text::ljust::<$class>, "ljust($self, width, fillchar=b' ', /)\n--\n\nReturn the bytes at the left of a width."),
            Method::none("lower", text::lower::<$class>, "lower($self, /)\n--\n\nReturn a copy with ASCII letters in lower case."),
            Method::optional("lstrip", split::lstrip::<$class>, "lstrip($self, bytes=None, /)\n--\n\nReturn a copy without white space, or the given bytes, at its start."),
            Method::many("maketrans", translate::maketrans, "maketrans(frm, to, /)\n--\n\nMake a table for translate().").on_nothing(),
            Method::one("partition", split::partition::<$class>, "partition($self, sep, /)\n--\n\nReturn what is before the first separator, the separator, and what is after."),
            Method::many("replace", search::replace::<$class>, "replace($self, old, new, count=-1, /)\n--\n\nReturn a copy with occurrences of old replaced by new, all or the first count."),
            Method::one("removeprefix", search::removeprefix::<$class>, "removeprefix($self, prefix, /)\n--\n\nReturn a copy without the prefix, if it is there."),
            Method::one("removesuffix", search::removesuffix::<$class>, "removesuffix($self, suffix, /)\n--\n\nReturn a copy without the suffix, if it is there."),
            Method::many("rfind", search::rfind::<$class>, "rfind($self, sub[, start[, end]], /)\n--\n\nThe highest index where the bytes are, or -1."),
            Method::many("rindex", search::rindex::<$class>, "rindex($self, sub[, start[, end]], /)\n--\n\nThe highest index where the bytes are; ValueError if they are nowhere."),
            Method::many("rjust", text::rjust::<$class>, "rjust($self, width, fillchar=b' ', /)\n--\n\nReturn the bytes at the right of a width."),
            Method::one("rpartition", split::rpartition::<$class>, "rpartition($self, sep, /)\n--\n\nReturn what is before the last separator, the separator, and what is after."),
            Method::many("rsplit", split::rsplit::<$class>, "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nReturn the parts between separators, split from the right if limited."),
            Method::optional("rstrip", split::rstrip::<$class>, "rstrip($self, bytes=None, /)\n--\n\nReturn a copy without white space, or the given bytes, at its end."),
            Method::many("split", split::split::<$class>, "split($self, /, sep=None, maxsplit=-1)\n--\n\nReturn the parts between separators, or between white space."),
            Method::many("splitlines", split::splitlines::<$class>, "splitlines($self, /, keepends=False)\n--\n\nReturn the lines, with their ends if keepends is true."),
            Method::many("startswith", search::startswith::<$class>, "startswith($self, prefix[, start[, end]], /)\n--\n\nWhether the row starts with the prefix, or with one of a tuple."),
            Method::optional("strip", split::strip::<$class>, "strip($self, bytes=None, /)\n--\n\nReturn a copy without white space, or the given bytes, at both ends."),
            Method::none("swapcase", text::swapcase::<$class>, "swapcase($self, /)\n--\n\nReturn a copy with upper and lower case ASCII letters exchanged."),
            Method::none("title", text::title::<$class>, "title($self, /)\n--\n\nReturn a copy whose ASCII words start with capitals and go on in lower case."),
            Method::many("translate", translate::translate::<$class>, "translate($self, table, /, delete=b'')\n--\n\nReturn a copy without the bytes in delete, the others mapped by the table."),
            Method::none("upper", text::upper::<$class>, "upper($self, /)\n--\n\nReturn a copy with ASCII letters in upper case."),
            Method::one("zfill", text::zfill::<$class>, "zfill($self, width, /)\n--\n\nReturn the bytes padded with zeros on the left, behind a sign."),
        ]
    }};
}
pub(crate) use shared_methods;
