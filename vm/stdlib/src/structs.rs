//! `_struct`: values as bytes in the layouts of C structs. The formats themselves are `countless_common::pack`.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_common::Failure;
use countless_common::pack::{Format, Item, Unpacked};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField, this};
use countless_vm::object::protocol::buffer::{self, Buffer};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytearray::ByteArray;
use countless_vm::types::bytes::{ByteView, Bytes};
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{complex, int};

use crate::support::native::{define_exception, raise_own};

const ERROR: &str = "struct.error";
const CACHE: &str = "struct.cache";
/// Formats kept by the module's functions.
const CACHE_LIMIT: usize = 100;

native_cell! {
    /// A parsed format, with its text; immutable.
    struct Layout("struct layout", LAYOUT_LAYOUT) {
        traced { text: RefField<Str>, }
        plain { format: Option<Box<Format>>, }
    }
}

native_cell! {
    /// `Struct`.
    struct Struct("_struct.Struct", STRUCT_LAYOUT) {
        traced { layout: RefField<Layout>, }
        plain {}
    }
}

native_cell! {
    /// What `iter_unpack` returns.
    struct Unpacker("_struct.unpack_iterator", UNPACKER_LAYOUT) {
        traced { layout: RefField<Layout>, data: RefField<Bytes>, source: Field, }
        plain { position: AtomicUsize, }
    }
}

#[cold]
fn error(cx: &Cx, message: impl std::fmt::Display) -> Raised {
    raise_own(cx, ERROR, message)
}

#[cold]
fn fail(cx: &Cx, failure: Failure) -> Raised {
    match failure {
        Failure::Struct(message) => error(cx, message),
        other => cx.raise_failure(other),
    }
}

impl Layout {
    fn format(&self, cx: &Cx) -> PyResult<&Format> {
        match &self.format {
            Some(format) => Ok(format),
            None => Err(uninitialized(cx)),
        }
    }
}

#[cold]
fn uninitialized(cx: &Cx) -> Raised {
    cx.runtime_error("Struct object is not initialized")
}

/// Parses a format given as a string or bytes.
fn parse(cx: &Cx, value: Value) -> PyResult<Ref<Layout>> {
    let text = if let Some(text) = value.downcast::<Str>(cx) {
        if !text.is_ascii() {
            countless_vm::runtime::codecs::encode(cx, text, Some(cx.new_str("ascii")), None)?;
        }
        text.to_exact(cx)
    } else if let Some(bytes) = value.downcast::<Bytes>(cx) {
        if !bytes.as_bytes().is_ascii() {
            return Err(error(cx, "bad char in struct format"));
        }
        cx.new_str_ascii(bytes.as_bytes())
    } else {
        let class = if value.is_none() { "None".to_owned() } else { value.class_name(cx) };
        return Err(raise!(cx, TypeError, "Struct() argument 1 must be a str or bytes object, not {class}"));
    };
    let format = Format::parse(text.as_bytes()).map_err(|failure| fail(cx, failure))?;
    Ok(cx.allocate(Layout { header: Default::default(), text: RefField::new(text), format: Some(Box::new(format)) }))
}

/// The same, remembered for the module's functions.
fn cached(cx: &Cx, value: Value) -> PyResult<Ref<Layout>> {
    let cache = cx.native_state(CACHE).and_then(|cache| cache.downcast::<Dict>(cx));
    let keyable = value.downcast::<Str>(cx).is_some() || value.downcast::<Bytes>(cx).is_some();
    let Some(cache) = cache.filter(|_| keyable) else { return parse(cx, value) };
    if let Some(found) = cache.get(cx, value)?
        && let Some(layout) = found.exact::<Layout>()
    {
        return Ok(layout);
    }
    let layout = parse(cx, value)?;
    if cache.len() >= CACHE_LIMIT {
        cache.clear(cx);
    }
    cache.set(cx, value, layout.value())?;
    Ok(layout)
}

// ---- packing

fn integer_of(cx: &Cx, value: Value) -> PyResult {
    if value.is_small_int() || int::is_int(cx, value) {
        return Ok(value);
    }
    if !number::is_index(cx, value) {
        return Err(error(cx, "required argument is not an integer"));
    }
    number::index(cx, value)
}

fn float_of(cx: &Cx, value: Value) -> PyResult<f64> {
    number::to_float(cx, value).or_else(|raised| {
        cx.ignore_if(raised, ExceptionKind::TypeError)?;
        Err(error(cx, "required argument is not a float"))
    })
}

fn pack_value(cx: &Cx, format: &Format, item: &Item, value: Value, out: &mut [u8]) -> PyResult<()> {
    let packed = match item.code {
        b'?' => {
            out[0] = u8::from(object::is_true(cx, value)?);
            Ok(())
        }
        b'c' => match value.downcast::<Bytes>(cx).filter(|bytes| bytes.len() == 1) {
            Some(byte) => {
                out[0] = byte.as_bytes()[0];
                Ok(())
            }
            None => return Err(error(cx, "char format requires a bytes object of length 1")),
        },
        b'e' | b'f' | b'd' => format.pack_float(item, float_of(cx, value)?, out),
        b'F' | b'D' => {
            let pair = complex::from_number(cx, value).or_else(|raised| {
                cx.ignore_if(raised, ExceptionKind::TypeError)?;
                Err(error(cx, "required argument is not a complex"))
            })?;
            format.pack_complex(item, pair.re, pair.im, out)
        }
        _ => {
            let value = integer_of(cx, value)?;
            match int::view(cx, &value) {
                Some(view) => format.pack_int(item, view, out),
                None => return Err(error(cx, "required argument is not an integer")),
            }
        }
    };
    packed.map_err(|failure| fail(cx, failure))
}

fn pack_string(cx: &Cx, item: &Item, value: Value, out: &mut [u8]) -> PyResult<()> {
    if value.downcast::<Bytes>(cx).is_none() && value.downcast::<ByteArray>(cx).is_none() {
        return Err(error(cx, format_args!("argument for '{}' must be a bytes object", char::from(item.code))));
    }
    item.pack_bytes(&ByteView::new(cx, value)?, out);
    Ok(())
}

/// Packs the arguments, which are as many as the format has values.
fn pack_all(cx: &Cx, format: &Format, args: Args<'_>) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    if format.size > countless_common::MAX_BYTES || out.try_reserve_exact(format.size).is_err() {
        return Err(cx.memory_error());
    }
    out.resize(format.size, 0);
    let mut values = args.iter();
    for item in &format.items {
        if matches!(item.code, b's' | b'p') {
            let Some(value) = values.next() else { break };
            pack_string(cx, item, value, &mut out[item.offset..item.offset + item.count])?;
            continue;
        }
        for index in 0..item.count {
            let Some(value) = values.next() else { break };
            let at = item.offset + index * item.size;
            pack_value(cx, format, item, value, &mut out[at..at + item.size])?;
        }
    }
    Ok(out)
}

fn check_count(cx: &Cx, function: &str, expected: usize, given: usize) -> PyResult<()> {
    if expected == given {
        return Ok(());
    }
    Err(error(cx, format_args!("{function} expected {expected} items for packing (got {given})")))
}

fn pack_layout(cx: &Cx, layout: Ref<Layout>, args: Args<'_>) -> PyResult {
    let format = layout.format(cx)?;
    check_count(cx, "pack", format.values, args.len())?;
    let bytes = pack_all(cx, format, args)?;
    Ok(cx.try_new_bytes(&bytes)?.value())
}

/// A buffer, and the offset in it from an argument that may count from the end; messages by what is to be done.
fn resolve_offset(cx: &Cx, offset: i64, size: usize, length: usize, packing: bool) -> PyResult<usize> {
    let mut at = offset;
    if at < 0 {
        if at.saturating_add(size as i64) > 0 {
            return Err(error(
                cx,
                match packing {
                    true => format!("no space to pack {size} bytes at offset {offset}"),
                    false => format!("not enough data to unpack {size} bytes at offset {offset}"),
                },
            ));
        }
        if at.saturating_add(length as i64) < 0 {
            return Err(error(cx, format_args!("offset {offset} out of range for {length}-byte buffer")));
        }
        at += length as i64;
    }
    let at = at as usize;
    if at > length || length - at < size {
        let needed = at.saturating_add(size);
        let (function, action) = if packing { ("pack_into", "packing") } else { ("unpack_from", "unpacking") };
        return Err(error(
            cx,
            format_args!(
                "{function} requires a buffer of at least {needed} bytes for {action} {size} bytes at offset {at} \
                 (actual buffer size is {length})"
            ),
        ));
    }
    Ok(at)
}

fn pack_into_layout(cx: &Cx, layout: Ref<Layout>, args: Args<'_>) -> PyResult {
    let format = layout.format(cx)?;
    let Some(target) = args.get(0) else { return Err(error(cx, "pack_into expected buffer argument")) };
    let Some(offset) = args.get(1) else { return Err(error(cx, "pack_into expected offset argument")) };
    let values = args.skip(2);
    check_count(cx, "pack_into", format.values, values.len())?;
    let buffer = buffer::writable_buffer(cx, target, "argument")?;
    let result = pack_into_buffer(cx, format, &buffer, offset, values);
    buffer.release(cx);
    result.map(|()| Value::NONE)
}

fn pack_into_buffer(cx: &Cx, format: &Format, buffer: &Buffer, offset: Value, values: Args<'_>) -> PyResult<()> {
    let offset = number::index_i64(cx, offset)?;
    let at = resolve_offset(cx, offset, format.size, buffer.length, true)?;
    let bytes = pack_all(cx, format, values)?;
    buffer.write(at, &bytes);
    Ok(())
}

// ---- unpacking

fn unpack_value(cx: &Cx, format: &Format, item: &Item, bytes: &[u8]) -> PyResult {
    Ok(match format.unpack(item, bytes) {
        Unpacked::Int(int) => cx.new_int(int),
        Unpacked::Float(float) => cx.new_float(float),
        Unpacked::Complex(re, im) => cx.new_complex(countless_common::number::Complex { re, im }),
        Unpacked::Bool(truth) => Value::bool(truth),
        Unpacked::Char(byte) => cx.try_new_bytes(&[byte])?.value(),
    })
}

/// The values in bytes, of which there are as many as the format's size.
fn unpack_bytes(cx: &Cx, format: &Format, bytes: &[u8]) -> PyResult {
    let values = cx.try_new_blank_tuple(format.values)?;
    let mut next = 0;
    for item in &format.items {
        if matches!(item.code, b's' | b'p') {
            let part = item.unpack_bytes(&bytes[item.offset..item.offset + item.count]);
            values.init(next, cx.try_new_bytes(part)?.value());
            next += 1;
            continue;
        }
        for index in 0..item.count {
            let at = item.offset + index * item.size;
            values.init(next, unpack_value(cx, format, item, &bytes[at..at + item.size])?);
            next += 1;
        }
    }
    Ok(values.value())
}

fn unpack_layout(cx: &Cx, layout: Ref<Layout>, data: Value) -> PyResult {
    let format = layout.format(cx)?;
    let bytes = ByteView::new(cx, data)?;
    if bytes.len() != format.size {
        return Err(error(cx, format_args!("unpack requires a buffer of {} bytes", format.size)));
    }
    unpack_bytes(cx, format, &bytes)
}

fn unpack_from_layout(cx: &Cx, layout: Ref<Layout>, data: Value, offset: Option<Value>) -> PyResult {
    let format = layout.format(cx)?;
    let offset = match offset {
        Some(offset) => number::index_i64(cx, offset)?,
        None => 0,
    };
    let bytes = ByteView::new(cx, data)?;
    let at = resolve_offset(cx, offset, format.size, bytes.len(), false)?;
    unpack_bytes(cx, format, &bytes[at..at + format.size])
}

fn iter_unpack_layout(cx: &Cx, layout: Ref<Layout>, data: Value) -> PyResult {
    let size = layout.format(cx)?.size;
    if size == 0 {
        return Err(error(cx, "cannot iteratively unpack with a struct of length 0"));
    }
    // A mutable source is read once, here.
    let bytes = match data.exact::<Bytes>() {
        Some(bytes) => bytes,
        None => cx.try_new_bytes(&ByteView::new(cx, data)?)?,
    };
    if bytes.len() % size != 0 {
        return Err(error(cx, format_args!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
    }
    let contents = Unpacker {
        header: Default::default(),
        layout: RefField::new(layout),
        data: RefField::new(bytes),
        source: Field::new(data),
        position: AtomicUsize::new(0),
    };
    Ok(cx.allocate(contents).value())
}

// ---- the iterator

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let unpacker = this::<Unpacker>(cx, value);
    let (Some(layout), Some(data)) = (unpacker.layout.get(), unpacker.data.get()) else { return Ok(None) };
    let format = layout.format(cx)?;
    let at = unpacker.position.load(Ordering::Relaxed);
    match data.as_bytes().get(at..at + format.size) {
        Some(bytes) => {
            unpacker.position.store(at + format.size, Ordering::Relaxed);
            unpack_bytes(cx, format, bytes).map(Some)
        }
        None => {
            unpacker.data.set_option(cx, None);
            unpacker.source.clear(cx);
            Ok(None)
        }
    }
}

fn length_hint(cx: &Cx, unpacker: Ref<Unpacker>) -> PyResult {
    let (Some(layout), Some(data)) = (unpacker.layout.get(), unpacker.data.get()) else { return Ok(Value::int(0)) };
    let left = data.len().saturating_sub(unpacker.position.load(Ordering::Relaxed));
    Ok(Value::length(left / layout.format(cx)?.size.max(1)))
}

// ---- the type

fn layout_of(cx: &Cx, object: Ref<Struct>) -> PyResult<Ref<Layout>> {
    object.layout.get().ok_or(()).map_err(|()| uninitialized(cx))
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, Struct { header: Default::default(), layout: RefField::empty() }).value())
}

static INIT: Signature<1> = Signature::new("Struct", ["format"]).required(1);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [format] = INIT.bind(cx, args)?;
    let layout = parse(cx, format.unwrap_or(Value::NONE))?;
    this::<Struct>(cx, value).layout.set(cx, layout);
    Ok(())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let layout = layout_of(cx, this::<Struct>(cx, value))?;
    let class = cx.type_of(value).name();
    let format = match layout.text.get() {
        Some(text) => object::repr(cx, text.value())?.as_wtf8().to_string_lossy(),
        None => String::new(),
    };
    Ok(cx.new_str(&format!("{}({format})", class.as_wtf8())).value())
}

fn struct_pack(cx: &Cx, object: Ref<Struct>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "Struct.pack")?;
    pack_layout(cx, layout_of(cx, object)?, args)
}

fn struct_pack_into(cx: &Cx, object: Ref<Struct>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "Struct.pack_into")?;
    pack_into_layout(cx, layout_of(cx, object)?, args)
}

fn struct_unpack(cx: &Cx, object: Ref<Struct>, data: Value) -> PyResult {
    unpack_layout(cx, layout_of(cx, object)?, data)
}

static STRUCT_UNPACK_FROM: Signature<2> = Signature::new("unpack_from", ["buffer", "offset"]).required(1);

fn struct_unpack_from(cx: &Cx, object: Ref<Struct>, args: Args<'_>) -> PyResult {
    let [data, offset] = STRUCT_UNPACK_FROM.bind(cx, args)?;
    unpack_from_layout(cx, layout_of(cx, object)?, data.unwrap_or(Value::NONE), offset)
}

fn struct_iter_unpack(cx: &Cx, object: Ref<Struct>, data: Value) -> PyResult {
    iter_unpack_layout(cx, layout_of(cx, object)?, data)
}

fn struct_sizeof(cx: &Cx, object: Ref<Struct>) -> PyResult {
    let items = layout_of(cx, object)?.format(cx)?.items.len();
    Ok(Value::length(size_of::<Struct>() + size_of::<Layout>() + size_of::<Format>() + items * size_of::<Item>()))
}

fn get_format(cx: &Cx, object: Ref<Struct>) -> PyResult {
    Ok(layout_of(cx, object)?.text.untyped().get_or_none())
}

fn get_size(cx: &Cx, object: Ref<Struct>) -> PyResult {
    Ok(Value::length(layout_of(cx, object)?.format(cx)?.size))
}

// ---- the module's functions

fn pack(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "_struct.pack")?;
    let Some(format) = args.get(0) else { return Err(cx.type_error("missing format argument")) };
    pack_layout(cx, cached(cx, format)?, args.skip(1))
}

fn pack_into(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "_struct.pack_into")?;
    let Some(format) = args.get(0) else { return Err(cx.type_error("missing format argument")) };
    pack_into_layout(cx, cached(cx, format)?, args.skip(1))
}

fn unpack(cx: &Cx, _module: Value, format: Value, data: Value) -> PyResult {
    unpack_layout(cx, cached(cx, format)?, data)
}

static UNPACK_FROM: Signature<3> =
    Signature::new("unpack_from", ["format", "buffer", "offset"]).required(2).positional_only(1);

fn unpack_from(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [format, data, offset] = UNPACK_FROM.bind(cx, args)?;
    unpack_from_layout(cx, cached(cx, format.unwrap_or(Value::NONE))?, data.unwrap_or(Value::NONE), offset)
}

fn iter_unpack(cx: &Cx, _module: Value, format: Value, data: Value) -> PyResult {
    iter_unpack_layout(cx, cached(cx, format)?, data)
}

fn calcsize(cx: &Cx, _module: Value, format: Value) -> PyResult {
    Ok(Value::length(cached(cx, format)?.format(cx)?.size))
}

fn clear_cache(cx: &Cx, _module: Value) -> PyResult {
    if let Some(cache) = cx.native_state(CACHE).and_then(|cache| cache.downcast::<Dict>(cx)) {
        cache.clear(cx);
    }
    Ok(Value::NONE)
}

static LAYOUT_TYPE: TypeDef = TypeDef { flags: TypeFlags::NO_NEW, ..TypeDef::new("struct layout", &LAYOUT_LAYOUT) };

static UNPACKER_TYPE: TypeDef = TypeDef {
    module: "_struct",
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[Method::none("__length_hint__", length_hint, "")],
    ..TypeDef::new("unpack_iterator", &UNPACKER_LAYOUT)
};

static STRUCT_TYPE: TypeDef = TypeDef {
    module: "_struct",
    doc: "Struct(fmt) --> compiled struct object\n\n",
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::one(
            "iter_unpack",
            struct_iter_unpack,
            "iter_unpack($self, buffer, /)\n--\n\nAn iterator over the tuples in a buffer whose length is a multiple of the\nstruct's size.",
        ),
        Method::many(
            "pack",
            struct_pack,
            "S.pack(v1, v2, ...) -> bytes\n\nThe values packed by the format S.format. See help(struct).",
        ),
        Method::many(
            "pack_into",
            struct_pack_into,
            "S.pack_into(buffer, offset, v1, v2, ...)\n\nPack the values into a writable buffer, from offset on. See help(struct).",
        ),
        Method::one(
            "unpack",
            struct_unpack,
            "unpack($self, buffer, /)\n--\n\nThe tuple of values in a buffer of just the struct's size.",
        ),
        Method::many(
            "unpack_from",
            struct_unpack_from,
            "unpack_from($self, /, buffer, offset=0)\n--\n\nThe tuple of values in a buffer, from offset on.",
        ),
        Method::none("__sizeof__", struct_sizeof, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes."),
    ],
    attributes: &[
        GetSet::read_only("format", get_format, "struct format string"),
        GetSet::read_only("size", get_size, "struct size in bytes"),
    ],
    ..TypeDef::new("Struct", &STRUCT_LAYOUT)
};

static FUNCTIONS: &[Method] = &[
    Method::none("_clearcache", clear_cache, "_clearcache($module, /)\n--\n\nForget the formats seen."),
    Method::one(
        "calcsize",
        calcsize,
        "calcsize($module, format, /)\n--\n\nThe size in bytes of the struct that a format describes.",
    ),
    Method::two(
        "iter_unpack",
        iter_unpack,
        "iter_unpack($module, format, buffer, /)\n--\n\nAn iterator over the tuples in a buffer whose length is a multiple of the\nformat's size.",
    ),
    Method::many(
        "pack",
        pack,
        "pack(format, v1, v2, ...) -> bytes\n\nThe values packed by the format. See help(struct).",
    ),
    Method::many(
        "pack_into",
        pack_into,
        "pack_into(format, buffer, offset, v1, v2, ...)\n\nPack the values into a writable buffer, from offset on. See help(struct).",
    ),
    Method::two(
        "unpack",
        unpack,
        "unpack($module, format, buffer, /)\n--\n\nThe tuple of values in a buffer of just the format's size.",
    ),
    Method::many(
        "unpack_from",
        unpack_from,
        "unpack_from($module, format, /, buffer, offset=0)\n--\n\nThe tuple of values in a buffer, from offset on.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &LAYOUT_TYPE)?;
    native_type(cx, &UNPACKER_TYPE)?;
    if cx.native_state(CACHE).is_none() {
        cx.set_native_state(CACHE, cx.new_dict().value())?;
    }
    define_exception(cx, module, ERROR, ("struct", "error"), ExceptionKind::Exception, "")
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_struct",
    doc: "Conversion between Python values and C structs, as bytes objects.\n\n\
          The first character of a format may say the byte order, the sizes and the alignment:\n  \
          @: native order, size and alignment (default)\n  =: native order, standard sizes\n  \
          <: little-endian\n  >: big-endian\n  !: network order, as >\n",
    functions: FUNCTIONS,
    types: &[&STRUCT_TYPE],
    execute: Some(execute),
};
