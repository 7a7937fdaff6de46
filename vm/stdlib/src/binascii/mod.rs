//! `binascii`: bytes as text and back, and checksums.

mod base64;
mod text;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

use crate::support::native::{define_exception, raise_own};

#[cold]
fn error(cx: &Cx, message: impl std::fmt::Display) -> Raised {
    raise_own(cx, "binascii.Error", message)
}

/// Bytes of an ASCII string or a bytes-like object.
fn ascii_buffer(cx: &Cx, value: Value) -> PyResult<ByteView> {
    if let Some(text) = value.downcast::<Str>(cx) {
        if !text.is_ascii() {
            return Err(cx.value_error("string argument should contain only ASCII characters"));
        }
        return Ok(ByteView::Copied(text.as_bytes().to_vec()));
    }
    match ByteView::of_buffer(cx, value)? {
        Some(bytes) => Ok(bytes),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "argument should be bytes, buffer or ASCII string, not '{class}'"))
        }
    }
}

/// Room for so many bytes.
fn make(cx: &Cx, capacity: usize) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    match out.try_reserve(capacity) {
        Ok(()) => Ok(out),
        Err(_) => Err(cx.memory_error()),
    }
}

// ---- hexadecimal

fn a2b_hex(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let input = ascii_buffer(cx, value)?;
    if input.len() % 2 != 0 {
        return Err(error(cx, "Odd-length string"));
    }
    let mut out = make(cx, input.len() / 2)?;
    for pair in input.chunks_exact(2) {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => out.push((high << 4 | low) as u8),
            _ => return Err(error(cx, "Non-hexadecimal digit found")),
        }
    }
    Ok(cx.try_new_bytes(&out)?.value())
}

/// The separator between groups of bytes, as one byte.
fn separator(cx: &Cx, value: Value) -> PyResult<u8> {
    let single = if let Some(text) = value.downcast::<Str>(cx) {
        match (text.len(), text.code_point(0)) {
            (1, Some(point)) => match u8::try_from(point) {
                Ok(byte) => Some(byte),
                Err(_) => return Err(cx.value_error("sep must be ASCII.")),
            },
            _ => None,
        }
    } else if let Some(bytes) = value.downcast::<countless_vm::types::bytes::Bytes>(cx) {
        if bytes.len() == 1 { bytes.as_bytes().first().copied() } else { None }
    } else {
        return Err(cx.type_error("sep must be str or bytes."));
    };
    single.ok_or(()).map_err(|()| cx.value_error("sep must be length 1."))
}

fn to_hex(cx: &Cx, [data, sep, group]: [Option<Value>; 3]) -> PyResult {
    let input = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let sep = sep.map(|sep| separator(cx, sep)).transpose()?;
    let group = match group {
        Some(group) => cx.c_int_argument(group)?,
        None => 1,
    };
    let sep = sep.filter(|_| group != 0);
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = make(cx, input.len().saturating_mul(if sep.is_some() { 3 } else { 2 }))?;
    let width = group.unsigned_abs() as usize;
    for (index, byte) in input.iter().enumerate() {
        // A positive width counts groups from the end.
        let boundary = if group > 0 { (input.len() - index) % width == 0 } else { width > 0 && index % width == 0 };
        if let Some(sep) = sep
            && index > 0
            && boundary
        {
            out.push(sep);
        }
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    Ok(cx.try_new_bytes(&out)?.value())
}

static B2A_HEX: Signature<3> = Signature::new("b2a_hex", ["data", "sep", "bytes_per_sep"]).required(1);
static HEXLIFY: Signature<3> = Signature::new("hexlify", ["data", "sep", "bytes_per_sep"]).required(1);

fn b2a_hex(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    to_hex(cx, B2A_HEX.bind(cx, args)?)
}

fn hexlify(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    to_hex(cx, HEXLIFY.bind(cx, args)?)
}

// ---- checksums

/// The low 32 bits of an int of any size.
pub(crate) fn low_u32(cx: &Cx, value: Value) -> PyResult<u32> {
    let int = number::index(cx, value)?;
    match int::view(cx, &int) {
        Some(view) => Ok(view.low_u64() as u32),
        None => Err(cx.type_error("an integer is required")),
    }
}

/// CRC-32, going on from an earlier one; long data is read detached, a part at a time.
pub(crate) fn crc32_of(cx: &Cx, data: &[u8], start: u32) -> u32 {
    const PART: usize = 1 << 20;
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    if data.len() <= PART {
        hasher.update(data);
        return hasher.finalize();
    }
    for part in data.chunks(PART) {
        let part = part.to_vec();
        let hasher = &mut hasher;
        cx.mutator().detached(move || hasher.update(&part));
    }
    hasher.finalize()
}

fn crc32(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, start] = args.between::<2>(cx, "crc32", 1)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let start = start.map_or(Ok(0), |start| low_u32(cx, start))?;
    Ok(Value::int(crc32_of(cx, &data, start).into()))
}

fn crc_hqx(cx: &Cx, _module: Value, data: Value, start: Value) -> PyResult {
    let data = ByteView::new(cx, data)?;
    let start = low_u32(cx, start)? as u16;
    let crc = data.iter().fold(start, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    });
    Ok(Value::int(crc.into()))
}

static FUNCTIONS: &[Method] = &[
    Method::one("a2b_uu", text::a2b_uu, "a2b_uu($module, data, /)\n--\n\nDecode a line of uuencoded data."),
    Method::many("b2a_uu", text::b2a_uu, "b2a_uu($module, data, /, *, backtick=False)\n--\n\nUuencode a line of data."),
    Method::many(
        "a2b_base64",
        base64::a2b_base64,
        "a2b_base64($module, data, /, *, strict_mode=False)\n--\n\nDecode base64 data.\n\n  strict_mode\n    Refuse what is not quite base64 data, instead of skipping it.",
    ),
    Method::many(
        "b2a_base64",
        base64::b2a_base64,
        "b2a_base64($module, data, /, *, newline=True)\n--\n\nEncode data in base64, with a newline at the end unless told otherwise.",
    ),
    Method::one("a2b_hex", a2b_hex, "a2b_hex($module, hexstr, /)\n--\n\nThe bytes that hexadecimal digits stand for."),
    Method::many(
        "b2a_hex",
        b2a_hex,
        "b2a_hex($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nThe data in hexadecimal digits.\n\n  sep\n    A character or byte to be put between groups of bytes.\n  bytes_per_sep\n    How many bytes make a group; groups count from the end if positive, from\n    the start if negative.",
    ),
    Method::many(
        "hexlify",
        hexlify,
        "hexlify($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nThe data in hexadecimal digits; the same as b2a_hex().",
    ),
    Method::one(
        "unhexlify",
        a2b_hex,
        "unhexlify($module, hexstr, /)\n--\n\nThe bytes that hexadecimal digits stand for; the same as a2b_hex().",
    ),
    Method::two("crc_hqx", crc_hqx, "crc_hqx($module, data, crc, /)\n--\n\nCRC-CCITT, going on from an earlier one."),
    Method::many("crc32", crc32, "crc32($module, data, crc=0, /)\n--\n\nCRC-32, going on from an earlier one."),
    Method::many("a2b_qp", text::a2b_qp, "a2b_qp($module, /, data, header=False)\n--\n\nDecode quoted-printable data."),
    Method::many(
        "b2a_qp",
        text::b2a_qp,
        "b2a_qp($module, /, data, quotetabs=False, istext=True, header=False)\n--\n\nEncode data as quoted-printable.\n\nTabs and spaces are quoted if quotetabs is true; line breaks are, unless\nistext is true; with header, spaces become underscores.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    define_exception(cx, module, "binascii.Error", ("binascii", "Error"), ExceptionKind::ValueError, "")?;
    define_exception(cx, module, "binascii.Incomplete", ("binascii", "Incomplete"), ExceptionKind::Exception, "")
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "binascii",
    doc: "Conversion between binary data and ASCII",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
