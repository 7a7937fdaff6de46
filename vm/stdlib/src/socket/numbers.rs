//! Numbers in the net's order of bytes, addresses as texts and bytes, sizes of control messages.

use std::ffi::CString;

use countless_vm::native::args::Args;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int;

use super::address::internet_text;
use super::{c, parsed};
use crate::support::path::encode_text;

/// A number of `bits` bits without sign.
fn unsigned(cx: &Cx, value: Value, bits: u32) -> PyResult<u32> {
    let int = number::index(cx, value)?;
    let is_negative = match number::as_index_i64(cx, int) {
        Some(value) if value >= 0 && value >> bits == 0 => return Ok(value as u32),
        Some(value) => value < 0,
        None => int::view(cx, &int).is_some_and(|value| value.is_negative()),
    };
    match is_negative {
        true => Err(cx.value_error("Cannot convert negative int")),
        false => Err(raise!(cx, OverflowError, "Python int too large for C uint{bits}_t")),
    }
}

pub(super) fn htons(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int((unsigned(cx, value, 16)? as u16).to_be().into()))
}

pub(super) fn ntohs(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(u16::from_be(unsigned(cx, value, 16)? as u16).into()))
}

pub(super) fn htonl(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(unsigned(cx, value, 32)?.to_be().into()))
}

pub(super) fn ntohl(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(u32::from_be(unsigned(cx, value, 32)?).into()))
}

fn address_text(cx: &Cx, value: Value, function: &str, position: Option<usize>) -> PyResult<CString> {
    let text = match position {
        Some(position) => cx.str_argument_at(value, function, position)?,
        None => cx.str_argument(value, function)?,
    };
    CString::new(encode_text(cx, text)?).map_err(|_| cx.value_error("embedded null character"))
}

pub(super) fn inet_aton(cx: &Cx, _module: Value, text: Value) -> PyResult {
    let text = address_text(cx, text, "inet_aton", None)?;
    let mut address = libc::in_addr { s_addr: 0 };
    // SAFETY: the text ends with NUL, the place is a local.
    match unsafe { c::inet_aton(text.as_ptr(), &mut address) } {
        0 => Err(raise!(cx, OSError, "illegal IP address string passed to inet_aton")),
        _ => Ok(cx.new_bytes(&address.s_addr.to_ne_bytes()).value()),
    }
}

pub(super) fn inet_ntoa(cx: &Cx, _module: Value, packed: Value) -> PyResult {
    let bytes = ByteView::new(cx, packed)?;
    if bytes.len() != 4 {
        return Err(raise!(cx, OSError, "packed IP wrong length for inet_ntoa"));
    }
    Ok(internet_text(cx, libc::AF_INET, &bytes)?.value())
}

pub(super) fn inet_pton(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [family, text] = parsed(cx, args, "inet_pton", 2)?.map(|value| value.unwrap_or(Value::NONE));
    let family = cx.c_int_argument(family)?;
    let text = address_text(cx, text, "inet_pton", Some(2))?;
    let mut bytes = [0u8; 16];
    // SAFETY: the text ends with NUL; there is room for either family's bytes.
    match unsafe { c::inet_pton(family, text.as_ptr(), bytes.as_mut_ptr().cast()) } {
        -1 => Err(crate::support::system::last_error(cx)),
        0 => Err(raise!(cx, OSError, "illegal IP address string passed to inet_pton")),
        _ => Ok(cx.new_bytes(if family == libc::AF_INET { &bytes[..4] } else { &bytes }).value()),
    }
}

pub(super) fn inet_ntop(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [family, packed] = parsed(cx, args, "inet_ntop", 2)?.map(|value| value.unwrap_or(Value::NONE));
    let family = cx.c_int_argument(family)?;
    let bytes = ByteView::new(cx, packed)?;
    let length = match family {
        libc::AF_INET => 4,
        libc::AF_INET6 => 16,
        _ => return Err(raise!(cx, ValueError, "unknown address family {family}")),
    };
    if bytes.len() != length {
        return Err(cx.value_error("invalid length of packed IP address string"));
    }
    Ok(internet_text(cx, family, &bytes)?.value())
}

/// The length of a control message with so many bytes of data: of header and data, or of all the room it takes. `None` if
/// it cannot be.
pub(super) fn control_size(data: usize, with_padding: bool) -> Option<usize> {
    let data = u32::try_from(data).ok().filter(|&data| data < i32::MAX as u32 - 64)?;
    // SAFETY: the functions compute.
    Some(unsafe { if with_padding { libc::CMSG_SPACE(data) } else { libc::CMSG_LEN(data) } } as usize)
}

fn size(cx: &Cx, args: Args<'_>, function: &str, with_padding: bool) -> PyResult {
    let [length] = parsed(cx, args, function, 1)?;
    let length = usize::try_from(number::index_i64(cx, length.unwrap_or(Value::NONE))?).ok();
    match length.and_then(|length| control_size(length, with_padding)) {
        Some(size) => Ok(Value::length(size)),
        None => Err(raise!(cx, OverflowError, "{function}() argument out of range")),
    }
}

pub(super) fn cmsg_len(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    size(cx, args, "CMSG_LEN", false)
}

pub(super) fn cmsg_space(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    size(cx, args, "CMSG_SPACE", true)
}
