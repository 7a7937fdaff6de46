//! `array`: rows of numbers or characters, as bytes.
//!
//! The bytes are a bytearray's, with its rules for shared access and its refusal to change size while buffers are out.

mod item;
mod methods;
mod reconstruct;
mod slots;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::ModuleDef;
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{RefField, this};
use countless_vm::object::protocol::buffer::{self, Buffer};
use countless_vm::object::protocol::iter;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytearray::ByteArray;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;

native_cell! {
    /// The cell.
    pub struct Array("array.array", LAYOUT) {
        traced { bytes: RefField<ByteArray>, }
        plain { code: u8, }
    }
}

impl Array {
    fn item_size(&self) -> usize {
        item::size(self.code).unwrap_or(1)
    }

    fn bytes(&self, cx: &Cx) -> PyResult<Ref<ByteArray>> {
        self.bytes.get().ok_or(()).map_err(|()| cx.runtime_error("array without bytes"))
    }

    /// How many items.
    fn len(&self) -> usize {
        self.bytes.get().map_or(0, |bytes| bytes.len() / self.item_size())
    }

    /// An item; `None` if there are not so many.
    fn get(&self, cx: &Cx, index: usize) -> Option<Value> {
        let size = self.item_size();
        let mut bytes = [0; item::LARGEST];
        let found = self.bytes.get()?.load_into(cx, index.checked_mul(size)?, &mut bytes[..size]);
        found.then(|| item::load(cx, self.code, &bytes))
    }

    /// Replaces the items of a range (cut to what there is) by those that stand in `bytes`.
    fn splice(&self, cx: &Cx, from: usize, to: usize, bytes: &[u8]) -> PyResult<()> {
        let (storage, size) = (self.bytes(cx)?, self.item_size());
        loop {
            let length = storage.len();
            let from = (from * size).min(length);
            let to = (to * size).clamp(from, length);
            let done = storage.splice(cx, length, from..to, bytes).or_else(|raised| {
                cx.ignore_if(raised, ExceptionKind::BufferError)?;
                Err(raise!(cx, BufferError, "cannot resize an array that is exporting buffers"))
            })?;
            if done {
                return Ok(());
            }
        }
    }

    /// Adds items that stand in bytes.
    fn append_bytes(&self, cx: &Cx, bytes: &[u8]) -> PyResult<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.splice(cx, usize::MAX / item::LARGEST, usize::MAX / item::LARGEST, bytes)
    }

    fn push(&self, cx: &Cx, value: Value) -> PyResult<()> {
        let bytes = item::store(cx, self.code, value)?;
        self.append_bytes(cx, &bytes[..self.item_size()])
    }

    /// Adds bytes, which must be whole items.
    fn append_whole(&self, cx: &Cx, bytes: &[u8]) -> PyResult<()> {
        if !bytes.len().is_multiple_of(self.item_size()) {
            return Err(cx.value_error("bytes length not a multiple of item size"));
        }
        self.append_bytes(cx, bytes)
    }

    fn push_text(&self, cx: &Cx, text: Ref<Str>) -> PyResult<()> {
        let bytes: Vec<u8> = text.as_wtf8().code_points().flat_map(u32::to_ne_bytes).collect();
        self.append_bytes(cx, &bytes)
    }
}

/// An array of a class, with these bytes.
fn new_array(cx: &Cx, class: Ref<TypeObject>, code: u8, bytes: &[u8]) -> PyResult<Ref<Array>> {
    let bytes = RefField::new(cx.new_bytearray(bytes)?);
    Ok(cx.allocate_instance(class, Array { header: Default::default(), bytes, code }))
}

/// A plain array.
fn plain_array(cx: &Cx, code: u8, bytes: &[u8]) -> PyResult<Ref<Array>> {
    new_array(cx, native_type(cx, &slots::TYPE)?, code, bytes)
}

fn type_code(cx: &Cx, value: Value, function: &str, position: &str) -> PyResult<u8> {
    let text = value.downcast::<Str>(cx);
    let Some(point) = text.filter(|text| text.len() == 1).and_then(|text| text.code_point(0)) else {
        let what = match text {
            Some(text) => format!("a string of length {}", text.len()),
            None => value.class_name(cx),
        };
        return Err(raise!(cx, TypeError, "{function}() argument {position} must be a unicode character, not {what}"));
    };
    match u8::try_from(point).ok().filter(|&code| item::size(code).is_some()) {
        Some(code) => Ok(code),
        None => Err(cx.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")),
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if class == native_type(cx, &slots::TYPE)? {
        args.no_keywords(cx, "array.array")?;
    }
    if args.is_empty() || args.len() > 2 {
        let (bound, limit, plural) = if args.is_empty() { ("at least", 1, "") } else { ("at most", 2, "s") };
        return Err(raise!(cx, TypeError, "array() takes {bound} {limit} argument{plural} ({} given)", args.len()));
    }
    let code = type_code(cx, args.get(0).unwrap_or(Value::NONE), "array", "1")?;
    if code == b'u' {
        let message = "The 'u' type code is deprecated and will be removed in Python 3.16";
        cx.warn(ExceptionKind::DeprecationWarning, message, 1)?;
    }
    let initial = args.get(1);
    if let Some(initial) = initial
        && !item::is_text(code)
    {
        let code = char::from(code);
        let other_text = initial.downcast::<Array>(cx).filter(|other| item::is_text(other.code));
        if initial.downcast::<Str>(cx).is_some() {
            return Err(raise!(cx, TypeError, "cannot use a str to initialize an array with typecode '{code}'"));
        }
        if other_text.is_some() {
            return Err(raise!(
                cx,
                TypeError,
                "cannot use a unicode array to initialize an array with typecode '{code}'"
            ));
        }
    }
    let array = new_array(cx, class, code, &[])?;
    if let Some(initial) = initial {
        fill(cx, array, initial)?;
    }
    Ok(array.value())
}

fn fill(cx: &Cx, array: Ref<Array>, initial: Value) -> PyResult<()> {
    if let Some(text) = initial.downcast::<Str>(cx) {
        return array.push_text(cx, text);
    }
    if initial.downcast::<Bytes>(cx).is_some() || initial.downcast::<ByteArray>(cx).is_some() {
        return array.append_whole(cx, &buffer::bytes_of(cx, initial)?);
    }
    if let Some(other) = initial.downcast::<Array>(cx)
        && other.code == array.code
    {
        return array.append_bytes(cx, &other.bytes(cx)?.to_vec(cx)?);
    }
    iter::for_each(cx, initial, |value| array.push(cx, value))
}

/// Lends the items.
fn lend(cx: &Cx, value: Value, flags: i32) -> PyResult<Buffer> {
    let array = this::<Array>(cx, value);
    let inner = buffer::get_buffer(cx, array.bytes(cx)?.value(), flags)?;
    let size = array.item_size();
    Ok(Buffer {
        owner: value,
        item_size: size,
        format: item::format(array.code).into(),
        shape: vec![inner.length / size],
        strides: vec![size as isize],
        // The bytes end the loan that they have made.
        lender: Some(inner.owner),
        ..inner
    })
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &slots::ITERATOR_TYPE)?;
    let class = native_type(cx, &slots::TYPE)?;
    cx.add_to_module(module, "ArrayType", class.value())?;
    cx.add_to_module(module, "typecodes", cx.new_str(item::CODES).value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "array",
    doc: "Arrays of basic values: characters, integers, floating-point numbers, all of one type in each array.",
    functions: reconstruct::FUNCTIONS,
    types: &[&slots::TYPE],
    execute: Some(execute),
};
