//! Pickling of arrays: the bytes with a code that says how a machine wrote them.

use countless_common::pack::{Format, Item, Unpacked};
use countless_vm::native::args::Args;
use countless_vm::native::definition::Method;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;

use super::{Array, item, methods, new_array, slots, type_code};

/// Kinds of numbers by the format code of the pickle: format letter and size; odd codes are big-endian.
const MACHINE_FORMATS: [(u8, usize); 22] = [
    (b'B', 1),
    (b'b', 1),
    (b'H', 2),
    (b'H', 2),
    (b'h', 2),
    (b'h', 2),
    (b'I', 4),
    (b'I', 4),
    (b'i', 4),
    (b'i', 4),
    (b'Q', 8),
    (b'Q', 8),
    (b'q', 8),
    (b'q', 8),
    (b'f', 4),
    (b'f', 4),
    (b'd', 8),
    (b'd', 8),
    (b'w', 2),
    (b'w', 2),
    (b'w', 4),
    (b'w', 4),
];

/// The format code of items on this machine.
fn machine_format(code: u8) -> i64 {
    let base = match (code, item::size(code)) {
        (b'b', _) => return 1,
        (b'B', _) => return 0,
        (b'u' | b'w', _) => 20,
        (b'f', _) => 14,
        (b'd', _) => 16,
        (b'H', _) => 2,
        (b'h', _) => 4,
        (b'I', _) => 6,
        (b'i', _) => 8,
        (b'L' | b'Q', _) => 10,
        _ => 12,
    };
    base + i64::from(cfg!(target_endian = "big"))
}

/// `array.__reduce_ex__(protocol)`.
pub fn reduce_ex(cx: &Cx, array: Ref<Array>, protocol: Value) -> PyResult {
    let protocol = number::index_i64(cx, protocol)?;
    let dict = cx.get_attribute_optional(array.value(), cx.names().__dict__)?.unwrap_or(Value::NONE);
    let class = cx.type_of(array.value()).value();
    let code = cx.new_char(array.code.into()).value();
    if protocol < 3 {
        let items = methods::list_of(cx, array)?;
        let arguments = cx.new_tuple(&[code, items]).value();
        return Ok(cx.new_tuple(&[class, arguments, dict]).value());
    }
    let import = cx.builtin("__import__")?;
    let module = cx.call(import, &[cx.intern_str("array").value()])?;
    let function = cx.get_attribute(module, cx.intern_str("_array_reconstructor"))?;
    let bytes = cx.try_new_bytes(&array.bytes(cx)?.to_vec(cx)?)?.value();
    let arguments = cx.new_tuple(&[class, code, Value::int(machine_format(array.code)), bytes]).value();
    Ok(cx.new_tuple(&[function, arguments, dict]).value())
}

/// The values that another machine wrote.
fn convert(cx: &Cx, array: Ref<Array>, kind: usize, bytes: &[u8]) -> PyResult<()> {
    let (letter, size) = MACHINE_FORMATS[kind];
    let big = kind >= 2 && kind % 2 == 1;
    if letter == b'w' {
        let encoding = match (size, big) {
            (2, false) => "utf-16-le",
            (2, true) => "utf-16-be",
            (_, false) => "utf-32-le",
            (_, true) => "utf-32-be",
        };
        let data = cx.try_new_bytes(bytes)?.value();
        let text = countless_vm::runtime::codecs::decode(cx, data, Some(cx.new_str(encoding)), None)?;
        return array.push_text(cx, text);
    }
    let text = [if big { b'>' } else { b'<' }, letter];
    let format = Format::parse(&text).map_err(|failure| cx.raise_failure(failure))?;
    let layout = Item { code: letter, count: 1, offset: 0, size };
    for chunk in bytes.chunks_exact(size) {
        let value = match format.unpack(&layout, chunk) {
            Unpacked::Int(int) => cx.new_int(int),
            Unpacked::Float(float) => cx.new_float(float),
            _ => continue,
        };
        array.push(cx, value)?;
    }
    Ok(())
}

fn reconstructor(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [class, code, kind, items] = args.exactly::<4>(cx, "_array_reconstructor")?;
    let Some(class) = class.as_class(cx) else {
        let given = class.class_name(cx);
        return Err(raise!(cx, TypeError, "first argument must be a type object, not {given}"));
    };
    let base = countless_vm::runtime::bootstrap::native_type(cx, &slots::TYPE)?;
    if !class.is_subclass(base) {
        return Err(raise!(cx, TypeError, "{} is not a subtype of array.array", class.display_name()));
    }
    let code = type_code(cx, code, "_array_reconstructor", "2")?;
    let kind = number::index_i64(cx, kind)?;
    let Some(kind) = usize::try_from(kind).ok().filter(|&kind| kind < MACHINE_FORMATS.len()) else {
        return Err(cx.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = items.downcast::<Bytes>(cx) else {
        let given = items.class_name(cx);
        return Err(raise!(cx, TypeError, "fourth argument should be bytes, not {given}"));
    };
    if bytes.len() % MACHINE_FORMATS[kind].1 != 0 {
        return Err(cx.value_error("bytes length not a multiple of item size"));
    }
    let array = new_array(cx, class, code, &[])?;
    if kind as i64 == machine_format(code) {
        array.append_whole(cx, bytes.as_bytes())?;
    } else {
        convert(cx, array, kind, bytes.as_bytes())?;
    }
    Ok(array.value())
}

/// The module's functions.
pub static FUNCTIONS: &[Method] = &[Method::many(
    "_array_reconstructor",
    reconstructor,
    "_array_reconstructor($module, arraytype, typecode, mformat_code, items,\n                     /)\n--\n\nInternal. Used for pickling support.",
)];
