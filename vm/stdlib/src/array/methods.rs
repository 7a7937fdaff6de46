//! The methods of arrays.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::args::Args;
use countless_vm::native::definition::Method;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{buffer, compare, iter, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::generic_alias;
use countless_vm::types::list::List;

use super::{Array, item, plain_array, reconstruct};

/// The index of an equal item in a range.
pub fn find(cx: &Cx, array: Ref<Array>, wanted: Value, from: usize, to: usize) -> PyResult<Option<usize>> {
    let mut index = from;
    while index < to
        && let Some(item) = array.get(cx, index)
    {
        if compare::equal(cx, item, wanted)? {
            return Ok(Some(index));
        }
        index += 1;
        if index.is_multiple_of(1024) {
            cx.poll()?;
        }
    }
    Ok(None)
}

/// The items as a list.
pub fn list_of(cx: &Cx, array: Ref<Array>) -> PyResult {
    let list = cx.new_list_with_capacity(array.len())?;
    let mut index = 0;
    while let Some(item) = array.get(cx, index) {
        list.push(cx, item)?;
        index += 1;
    }
    Ok(list.value())
}

/// The characters as a string.
pub fn text_of(cx: &Cx, array: Ref<Array>) -> PyResult {
    let bytes = array.bytes(cx)?.to_vec(cx)?;
    let mut text = Wtf8Buf::with_capacity(bytes.len() / 4);
    for word in bytes.chunks_exact(4) {
        let point = u32::from_ne_bytes([word[0], word[1], word[2], word[3]]);
        if point > 0x10_ffff {
            return Err(raise!(cx, ValueError, "character U+{point:x} is not in range [U+0000; U+10ffff]"));
        }
        text.push(point);
    }
    Ok(cx.new_str_wtf8(&text).value())
}

/// Adds the items of an array of the same kind, or of an iterable.
pub fn extend_with(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult<()> {
    match value.downcast::<Array>(cx) {
        Some(other) if other.code == array.code => array.append_bytes(cx, &other.bytes(cx)?.to_vec(cx)?),
        Some(_) => Err(cx.type_error("can only extend with array of same kind")),
        None => iter::for_each(cx, value, |item| array.push(cx, item)),
    }
}

fn append(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    array.push(cx, value)?;
    Ok(Value::NONE)
}

fn extend(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    extend_with(cx, array, value)?;
    Ok(Value::NONE)
}

fn insert(cx: &Cx, array: Ref<Array>, index: Value, value: Value) -> PyResult {
    let index = number::index_i64(cx, index)?;
    let length = array.len() as i64;
    let index = if index < 0 { (index + length).max(0) } else { index.min(length) } as usize;
    let bytes = item::store(cx, array.code, value)?;
    array.splice(cx, index, index, &bytes[..array.item_size()])?;
    Ok(Value::NONE)
}

fn pop(cx: &Cx, array: Ref<Array>, index: Option<Value>) -> PyResult {
    let index = match index {
        Some(index) => number::index_i64(cx, index)?,
        None => -1,
    };
    let length = array.len();
    if length == 0 {
        return Err(cx.index_error("pop from empty array"));
    }
    let index = if index < 0 { index + length as i64 } else { index };
    let found = usize::try_from(index).ok().and_then(|index| Some((index, array.get(cx, index)?)));
    let Some((index, item)) = found else { return Err(cx.index_error("pop index out of range")) };
    array.splice(cx, index, index + 1, &[])?;
    Ok(item)
}

fn remove(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    match find(cx, array, value, 0, usize::MAX)? {
        Some(index) => {
            array.splice(cx, index, index + 1, &[])?;
            Ok(Value::NONE)
        }
        None => Err(cx.value_error("array.remove(x): x not in array")),
    }
}

fn index(cx: &Cx, array: Ref<Array>, args: Args<'_>) -> PyResult {
    let [value, start, stop] = args.between::<3>(cx, "index", 1)?;
    let length = array.len() as i64;
    let bound = |value: Option<Value>, default: i64| -> PyResult<usize> {
        let Some(value) = value else { return Ok(default as usize) };
        let index =
            number::index_clamped(cx, value, "slice indices must be integers or have an __index__ method")? as i64;
        Ok(if index < 0 { index.saturating_add(length).max(0) } else { index } as usize)
    };
    let (start, stop) = (bound(start, 0)?, bound(stop, i64::MAX)?);
    match find(cx, array, value.unwrap_or(Value::NONE), start, stop)? {
        Some(index) => Ok(Value::length(index)),
        None => Err(cx.value_error("array.index(x): x not in array")),
    }
}

fn count(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    let (mut total, mut from) = (0, 0);
    while let Some(index) = find(cx, array, value, from, usize::MAX)? {
        total += 1;
        from = index + 1;
    }
    Ok(Value::length(total))
}

fn reverse_items(bytes: &mut [u8], size: usize) {
    bytes.reverse();
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
}

fn reverse(cx: &Cx, array: Ref<Array>) -> PyResult {
    let size = array.item_size();
    array.bytes(cx)?.update(cx, |bytes| reverse_items(bytes, size))?;
    Ok(Value::NONE)
}

fn byteswap(cx: &Cx, array: Ref<Array>) -> PyResult {
    let size = array.item_size();
    array.bytes(cx)?.update(cx, |bytes| bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse))?;
    Ok(Value::NONE)
}

fn clear(cx: &Cx, array: Ref<Array>) -> PyResult {
    array.splice(cx, 0, usize::MAX / item::LARGEST, &[])?;
    Ok(Value::NONE)
}

fn copy(cx: &Cx, array: Ref<Array>) -> PyResult {
    Ok(plain_array(cx, array.code, &array.bytes(cx)?.to_vec(cx)?)?.value())
}

fn deepcopy(cx: &Cx, array: Ref<Array>, _memo: Value) -> PyResult {
    copy(cx, array)
}

fn tolist(cx: &Cx, array: Ref<Array>) -> PyResult {
    list_of(cx, array)
}

fn fromlist(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    let Some(list) = value.downcast::<List>(cx) else { return Err(cx.type_error("arg must be list")) };
    // All or nothing.
    let (mut bytes, length) = (Vec::new(), list.len());
    for item in list.iter() {
        bytes.extend_from_slice(&item::store(cx, array.code, item)?[..array.item_size()]);
        if list.len() != length {
            return Err(cx.runtime_error("list changed size during iteration"));
        }
    }
    array.append_bytes(cx, &bytes)?;
    Ok(Value::NONE)
}

fn tobytes(cx: &Cx, array: Ref<Array>) -> PyResult {
    Ok(cx.try_new_bytes(&array.bytes(cx)?.to_vec(cx)?)?.value())
}

fn frombytes(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    let lent = buffer::get_buffer(cx, value, buffer::request::SIMPLE)?;
    let (bytes, item_size) = (lent.to_vec(), lent.item_size);
    lent.release(cx);
    if item_size != 1 {
        return Err(cx.type_error("a bytes-like object is required"));
    }
    array.append_whole(cx, &bytes)?;
    Ok(Value::NONE)
}

fn tofile(cx: &Cx, array: Ref<Array>, file: Value) -> PyResult {
    const PART: usize = 64 * 1024;
    let write = cx.intern_str("write");
    for part in array.bytes(cx)?.to_vec(cx)?.chunks(PART) {
        cx.call_method(file, write, &[cx.try_new_bytes(part)?.value()])?;
    }
    Ok(Value::NONE)
}

fn fromfile(cx: &Cx, array: Ref<Array>, file: Value, count: Value) -> PyResult {
    let count = number::index_i64(cx, count)?;
    let Ok(count) = usize::try_from(count) else { return Err(cx.value_error("negative count")) };
    let Some(wanted) = count.checked_mul(array.item_size()) else { return Err(cx.memory_error()) };
    let data = cx.call_method(file, cx.intern_str("read"), &[Value::length(wanted)])?;
    let Some(bytes) = data.downcast::<Bytes>(cx) else { return Err(cx.type_error("read() didn't return bytes")) };
    array.append_whole(cx, bytes.as_bytes())?;
    if bytes.len() != wanted {
        return Err(raise!(cx, EOFError, "read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

fn fromunicode(cx: &Cx, array: Ref<Array>, value: Value) -> PyResult {
    let text = cx.str_argument(value, "fromunicode")?;
    if !item::is_text(array.code) {
        return Err(cx.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
    }
    array.push_text(cx, text)?;
    Ok(Value::NONE)
}

fn tounicode(cx: &Cx, array: Ref<Array>) -> PyResult {
    if !item::is_text(array.code) {
        return Err(cx.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')"));
    }
    text_of(cx, array)
}

fn buffer_info(cx: &Cx, array: Ref<Array>) -> PyResult {
    let lent = buffer::get_buffer(cx, array.bytes(cx)?.value(), buffer::request::SIMPLE)?;
    let address = lent.address.addr();
    lent.release(cx);
    Ok(cx.new_tuple(&[cx.new_int_from_u64(address as u64), Value::length(array.len())]).value())
}

fn sizeof(cx: &Cx, array: Ref<Array>) -> PyResult {
    Ok(Value::length(size_of::<Array>() + array.bytes(cx)?.len()))
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    generic_alias::new(cx, class, item)
}

/// The rows.
pub static METHODS: &[Method] = &[
    Method::one("append", append, "append($self, v, /)\n--\n\nAdd an item at the end."),
    Method::none(
        "buffer_info",
        buffer_info,
        "buffer_info($self, /)\n--\n\nThe address of the items in memory, and their number.",
    ),
    Method::none("byteswap", byteswap, "byteswap($self, /)\n--\n\nReverse the bytes of each item."),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove all items."),
    Method::none("__copy__", copy, "__copy__($self, /)\n--\n\nA copy of the array."),
    Method::one("count", count, "count($self, v, /)\n--\n\nHow many items are equal to v."),
    Method::one("__deepcopy__", deepcopy, "__deepcopy__($self, unused, /)\n--\n\nA copy of the array."),
    Method::one("extend", extend, "extend($self, bb, /)\n--\n\nAdd the items of an array or iterable at the end."),
    Method::two("fromfile", fromfile, "fromfile($self, f, n, /)\n--\n\nRead n items from a file."),
    Method::one("fromlist", fromlist, "fromlist($self, list, /)\n--\n\nAdd the items of a list."),
    Method::one("frombytes", frombytes, "frombytes($self, buffer, /)\n--\n\nAdd the items that stand in bytes."),
    Method::one(
        "fromunicode",
        fromunicode,
        "fromunicode($self, ustr, /)\n--\n\nAdd the characters of a string, to an array of characters.",
    ),
    Method::many(
        "index",
        index,
        "index($self, v, start=0, stop=sys.maxsize, /)\n--\n\nWhere v is first found; ValueError if it is not there.",
    ),
    Method::two("insert", insert, "insert($self, i, v, /)\n--\n\nInsert v before position i."),
    Method::optional(
        "pop",
        pop,
        "pop($self, i=-1, /)\n--\n\nRemove and return the item at position i, by default the last.",
    ),
    Method::one(
        "__reduce_ex__",
        reconstruct::reduce_ex,
        "__reduce_ex__($self, value, /)\n--\n\nReturn state information for pickling.",
    ),
    Method::one("remove", remove, "remove($self, v, /)\n--\n\nRemove the first item that is equal to v."),
    Method::none("reverse", reverse, "reverse($self, /)\n--\n\nReverse the order of the items."),
    Method::one("tofile", tofile, "tofile($self, f, /)\n--\n\nWrite all items to a file."),
    Method::none("tolist", tolist, "tolist($self, /)\n--\n\nThe items as a list."),
    Method::none("tobytes", tobytes, "tobytes($self, /)\n--\n\nThe items' bytes."),
    Method::none(
        "tounicode",
        tounicode,
        "tounicode($self, /)\n--\n\nThe characters of an array of characters as a string.",
    ),
    Method::none("__sizeof__", sizeof, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes."),
    Method::one("__class_getitem__", class_getitem, "__class_getitem__($type, object, /)\n--\n\nSee PEP 585")
        .on_class(),
];
