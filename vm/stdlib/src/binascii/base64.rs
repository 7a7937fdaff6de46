//! Base64.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;

use super::{ascii_buffer, error, make};
use crate::support::native::optional_bool;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn wrong_count(cx: &Cx, bytes: usize) -> countless_vm::runtime::error::Raised {
    let count = bytes / 3 * 4 + 1;
    error(
        cx,
        format_args!(
            "Invalid base64-encoded string: number of data characters ({count}) cannot be 1 more than a multiple of 4"
        ),
    )
}

fn decode(cx: &Cx, input: &[u8], strict: bool) -> PyResult<Vec<u8>> {
    let mut out = make(cx, input.len() / 4 * 3 + 3)?;
    let (mut position, mut left, mut pads) = (0u8, 0u8, 0usize);
    for (index, &byte) in input.iter().enumerate() {
        if byte == b'=' {
            pads += 1;
            if strict {
                if position == 0 {
                    let which = if index == 0 { "Leading" } else { "Excess" };
                    return Err(error(cx, format_args!("{which} padding not allowed")));
                }
                if position == 1 {
                    // Reported below, as too few characters.
                    break;
                }
                if usize::from(position) + pads > 4 {
                    return Err(error(cx, "Excess padding not allowed"));
                }
            }
            continue;
        }
        let Some(value) = digit(byte) else {
            if strict {
                return Err(error(cx, "Only base64 data is allowed"));
            }
            continue;
        };
        if strict && pads > 0 {
            let complete = usize::from(position) + pads == 4;
            let what = if complete { "Excess data after padding" } else { "Discontinuous padding not allowed" };
            return Err(error(cx, what));
        }
        pads = 0;
        match position {
            0 => left = value,
            1 => {
                out.push(left << 2 | value >> 4);
                left = value & 0xf;
            }
            2 => {
                out.push(left << 4 | value >> 2);
                left = value & 3;
            }
            _ => out.push(left << 6 | value),
        }
        position = (position + 1) % 4;
    }
    match position {
        0 => Ok(out),
        1 => Err(wrong_count(cx, out.len())),
        _ if usize::from(position) + pads < 4 => Err(error(cx, "Incorrect padding")),
        _ => Ok(out),
    }
}

static A2B: Signature<2> =
    Signature::new("a2b_base64", ["data", "strict_mode"]).required(1).positional_only(1).keyword_only_from(1);

pub(super) fn a2b_base64(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, strict] = A2B.bind(cx, args)?;
    let input = ascii_buffer(cx, data.unwrap_or(Value::NONE))?;
    let decoded = decode(cx, &input, optional_bool(cx, strict, false)?)?;
    Ok(cx.try_new_bytes(&decoded)?.value())
}

static B2A: Signature<2> =
    Signature::new("b2a_base64", ["data", "newline"]).required(1).positional_only(1).keyword_only_from(1);

pub(super) fn b2a_base64(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, newline] = B2A.bind(cx, args)?;
    let input = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let newline = optional_bool(cx, newline, true)?;
    let mut out = make(cx, (input.len() / 3 + 1) * 4 + 1)?;
    for chunk in input.chunks(3) {
        let byte = |index: usize| chunk.get(index).copied().unwrap_or(0);
        let bits = u32::from(byte(0)) << 16 | u32::from(byte(1)) << 8 | u32::from(byte(2));
        for index in 0..4 {
            let character = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            out.push(if index > chunk.len() { b'=' } else { character });
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(cx.try_new_bytes(&out)?.value())
}
