//! The methods and attributes of memoryview, and the definition of the type.

use super::access::{item_format, unpack};
use super::layout::View;
use super::{MemoryView, cast, from_object, iterator, slots};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::buffer::{get_buffer, request};
use crate::object::python_buffer::release_view;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::byte_sequence::hex as digits;
use crate::types::sequence::{count_items, find_item};
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

fn release(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    this.release(cx)?;
    Ok(Value::NONE)
}

static TOBYTES: Signature<1> = Signature::new("tobytes", ["order"]);

fn tobytes(cx: &Cx, this: Ref<MemoryView>, args: Args<'_>) -> PyResult {
    let [order] = TOBYTES.bind(cx, args)?;
    let fortran = match order.and_then(Value::not_none) {
        None => false,
        Some(order) => {
            let Some(text) = order.downcast::<Str>(cx) else {
                let class = order.class_name(cx);
                return Err(raise!(cx, TypeError, "tobytes() argument 'order' must be str or None, not {class}"));
            };
            match text.as_bytes() {
                b"C" => false,
                b"F" => true,
                // Any: as it lies, if that is Fortran's order.
                b"A" => !this.view(cx)?.is_contiguous(false) && this.view(cx)?.is_contiguous(true),
                _ => return Err(cx.value_error("order must be 'C', 'F' or 'A'")),
            }
        }
    };
    if !fortran {
        return Ok(cx.try_new_bytes(&this.to_vec(cx)?)?.value());
    }
    let transposed = this.derive(cx, this.view(cx)?.transposed())?;
    let bytes = transposed.to_vec(cx)?;
    transposed.release(cx)?;
    Ok(cx.try_new_bytes(&bytes)?.value())
}

fn hex(cx: &Cx, this: Ref<MemoryView>, args: Args<'_>) -> PyResult {
    // The separator's length is asked for: meanwhile the view cannot be released.
    let loan = get_buffer(cx, this.value(), request::FULL_READ_ONLY)?;
    let grouping = digits::grouping(cx, args);
    let bytes = this.to_vec(cx);
    loan.release(cx);
    digits::digits(cx, &bytes?, &grouping?)
}

/// The items of a dimension, and of those in it, as nested lists.
fn nested(cx: &Cx, view: &View, shape: &[usize], bytes: &[u8]) -> PyResult {
    let format = item_format(cx, view)?;
    let Some((&extent, inner)) = shape.split_first() else { return Ok(unpack(cx, &format, bytes)) };
    let list = cx.new_list();
    let row = inner.iter().product::<usize>() * view.item_size;
    for index in 0..extent {
        crate::types::sequence::poll_at(cx, index)?;
        let part = &bytes[index * row..(index + 1) * row];
        let item = if inner.is_empty() { unpack(cx, &format, part) } else { nested(cx, view, inner, part)? };
        list.push(cx, item)?;
    }
    Ok(list.value())
}

fn tolist(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    item_format(cx, this.view(cx)?)?;
    let view = this.view(cx)?.clone();
    let bytes = this.to_vec(cx)?;
    nested(cx, &view, &view.shape, &bytes)
}

fn toreadonly(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    let view = View { read_only: true, ..this.view(cx)?.clone() };
    Ok(this.derive(cx, view)?.value())
}

static FROM_FLAGS: Signature<2> = Signature::new("_from_flags", ["object", "flags"]).required(2);

fn from_flags(cx: &Cx, _: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [object, flags] = FROM_FLAGS.bind(cx, args)?;
    let flags = cx.c_int_argument(flags.unwrap_or(Value::NONE))?;
    from_object(cx, object.unwrap_or(Value::NONE), flags)
}

/// A view of one dimension, for searching.
fn row(cx: &Cx, this: Ref<MemoryView>) -> PyResult<usize> {
    iterator::iter(cx, this.value())?;
    Ok(this.view(cx)?.shape[0])
}

fn count(cx: &Cx, this: Ref<MemoryView>, value: Value) -> PyResult {
    row(cx, this)?;
    let found = count_items(cx, value, |index| item_or_end(cx, this, index))?;
    this.view(cx)?;
    Ok(Value::length(found))
}

fn index(cx: &Cx, this: Ref<MemoryView>, args: Args<'_>) -> PyResult {
    let length = row(cx, this)?;
    match find_item(cx, args, length, |index| item_or_end(cx, this, index))? {
        Some(position) => Ok(Value::length(position)),
        None => {
            this.view(cx)?;
            Err(cx.value_error("memoryview.index(x): x not found"))
        }
    }
}

/// An item; nothing if the view ends there, or was released while items were compared (which callers ask afterwards).
fn item_or_end(cx: &Cx, this: Ref<MemoryView>, index: usize) -> Option<Value> {
    match this.get(cx, index) {
        Ok(item) => item,
        Err(raised) => {
            cx.take_exception(raised);
            None
        }
    }
}

fn enter(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    this.view(cx)?;
    Ok(this.value())
}

fn exit(cx: &Cx, this: Ref<MemoryView>, _: Args<'_>) -> PyResult {
    release(cx, this)
}

fn class_getitem(cx: &Cx, class: Ref<TypeObject>, item: Value) -> PyResult {
    crate::types::generic_alias::new(cx, class.value(), item)
}

fn obj(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    this.view(cx)?;
    Ok(this.owner())
}

fn nbytes(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::length(this.view(cx)?.byte_length()))
}

fn readonly(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::bool(this.view(cx)?.read_only))
}

fn itemsize(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::length(this.view(cx)?.item_size))
}

fn format(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(cx.new_str(&this.view(cx)?.format).value())
}

fn ndim(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::length(this.view(cx)?.shape.len()))
}

fn shape(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    let shape = &this.view(cx)?.shape;
    let tuple = cx.new_blank_tuple(shape.len());
    shape.iter().enumerate().for_each(|(index, &extent)| tuple.init(index, Value::length(extent)));
    Ok(tuple.value())
}

fn strides(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    let strides = &this.view(cx)?.strides;
    let tuple = cx.new_blank_tuple(strides.len());
    strides.iter().enumerate().for_each(|(index, &stride)| tuple.init(index, Value::int(stride as i64)));
    Ok(tuple.value())
}

fn suboffsets(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    this.view(cx)?;
    Ok(cx.new_tuple(&[]).value())
}

fn c_contiguous(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::bool(this.view(cx)?.is_contiguous(false)))
}

fn f_contiguous(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    Ok(Value::bool(this.view(cx)?.is_contiguous(true)))
}

fn contiguous(cx: &Cx, this: Ref<MemoryView>) -> PyResult {
    let view = this.view(cx)?;
    Ok(Value::bool(view.is_contiguous(false) || view.is_contiguous(true)))
}

static METHODS: &[Method] = &[
    Method::none("release", release, "release($self, /)\n--\n\nGive the memory back; the view can no longer be used."),
    Method::many("tobytes", tobytes, "tobytes($self, /, order='C')\n--\n\nReturn a copy of the items' bytes."),
    Method::many(
        "hex",
        hex,
        "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nReturn the hexadecimal digits of the items' bytes.",
    ),
    Method::none("tolist", tolist, "tolist($self, /)\n--\n\nReturn the items as a list, nested by dimension."),
    Method::many(
        "cast",
        cast::cast,
        "cast($self, /, format, shape=<unrepresentable>)\n--\n\nReturn a view of the same bytes in another format or shape.",
    ),
    Method::none("toreadonly", toreadonly, "toreadonly($self, /)\n--\n\nReturn a view that cannot be written through."),
    Method::many(
        "_from_flags",
        from_flags,
        "_from_flags($type, /, object, flags)\n--\n\nMake a view of what the object lends for these flags.",
    )
    .on_class(),
    Method::one("count", count, "count($self, value, /)\n--\n\nHow many items are equal to the value."),
    Method::many(
        "index",
        index,
        "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\nThe first index of the value; ValueError if it is not there.",
    ),
    Method::none("__enter__", enter, "__enter__($self, /)\n--\n\n"),
    Method::many("__exit__", exit, "__exit__($self, /, *exc_info)\n--\n\nRelease the view."),
    Method::one("__class_getitem__", class_getitem, "__class_getitem__($type, object, /)\n--\n\nSee PEP 585")
        .on_class(),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("obj", obj, "The object that lends the memory."),
    GetSet::read_only("nbytes", nbytes, "How many bytes the items take."),
    GetSet::read_only("readonly", readonly, "Whether the memory cannot be written."),
    GetSet::read_only("itemsize", itemsize, "Bytes of an item."),
    GetSet::read_only("format", format, "The format of an item, as the struct module writes it."),
    GetSet::read_only("ndim", ndim, "How many dimensions there are."),
    GetSet::read_only("shape", shape, "How many items each dimension has."),
    GetSet::read_only("strides", strides, "Bytes from one item to the next in each dimension."),
    GetSet::read_only("suboffsets", suboffsets, "Always empty: kept for code that asks."),
    GetSet::read_only("c_contiguous", c_contiguous, "Whether the items lie one after the other in C order."),
    GetSet::read_only("f_contiguous", f_contiguous, "Whether the items lie one after the other in Fortran order."),
    GetSet::read_only("contiguous", contiguous, "Whether the items lie one after the other."),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "memoryview(object)\n--\n\nMake a view of the memory of an object that lends its own.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::SEQUENCE.with(TypeFlags::WEAK_REFERENCES).with(TypeFlags::HIDDEN_FINALIZER),
    slots: Slots {
        new: Some(slots::new),
        finalize: Some(slots::finalize),
        repr: Some(slots::repr),
        hash: Some(slots::hash),
        compare: Some(slots::compare_views),
        iter: Some(iterator::iter),
        length: Some(slots::length),
        subscript: Some(slots::subscript),
        assign_subscript: Some(slots::assign_subscript),
        buffer: Some(slots::buffer),
        release_buffer: Some(release_view),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("memoryview", &super::LAYOUT)
};
