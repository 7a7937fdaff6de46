//! Uuencoding and quoted-printable.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;

use super::{ascii_buffer, error, make};
use crate::support::native::optional_bool;

// ---- uuencoding

pub(super) fn a2b_uu(cx: &Cx, _module: Value, data: Value) -> PyResult {
    let input = ascii_buffer(cx, data)?;
    let Some((&first, rest)) = input.split_first() else { return Err(error(cx, "Missing length byte")) };
    let length = usize::from(first.wrapping_sub(b' ') & 0x3f);
    let mut out = Vec::with_capacity(length);
    let (mut bits, mut count) = (0u32, 0);
    let mut bytes = rest.iter().copied().peekable();
    while out.len() < length {
        let value = match bytes.next() {
            // A line may have lost its spaces at the end.
            None | Some(b'\n' | b'\r') => 0,
            Some(byte @ b' '..=b'`') => u32::from(byte - b' ') & 0x3f,
            Some(_) => return Err(error(cx, "Illegal char")),
        };
        bits = (bits << 6 | value) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    if bytes.any(|byte| !matches!(byte, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(cx, "Trailing garbage"));
    }
    Ok(cx.try_new_bytes(&out)?.value())
}

static B2A_UU: Signature<2> =
    Signature::new("b2a_uu", ["data", "backtick"]).required(1).positional_only(1).keyword_only_from(1);

pub(super) fn b2a_uu(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, backtick] = B2A_UU.bind(cx, args)?;
    let input = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let backtick = optional_bool(cx, backtick, false)?;
    if input.len() > 45 {
        return Err(error(cx, "At most 45 bytes at once"));
    }
    let character = |value: u32| match value as u8 & 0x3f {
        0 if backtick => b'`',
        value => value + b' ',
    };
    let mut out = vec![character(input.len() as u32)];
    for chunk in input.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend([18, 12, 6, 0].map(|shift| character(bits >> shift)));
    }
    out.push(b'\n');
    Ok(cx.try_new_bytes(&out)?.value())
}

// ---- quoted-printable

static A2B_QP: Signature<2> = Signature::new("a2b_qp", ["data", "header"]).required(1);

pub(super) fn a2b_qp(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, header] = A2B_QP.bind(cx, args)?;
    let input = ascii_buffer(cx, data.unwrap_or(Value::NONE))?;
    let header = optional_bool(cx, header, false)?;
    let mut out = make(cx, input.len())?;
    let hex = |index: usize| input.get(index).and_then(|&byte| char::from(byte).to_digit(16));
    let mut at = 0;
    while let Some(&byte) = input.get(at) {
        at += 1;
        match byte {
            b'=' => match input.get(at) {
                None => break,
                Some(b'\n' | b'\r') => {
                    // A soft line break.
                    at += input[at..].iter().position(|&byte| byte == b'\n').unwrap_or(input.len() - at);
                    at += 1;
                }
                // An equals sign that some mailers fail to quote.
                Some(b'=') => {
                    out.push(b'=');
                    at += 1;
                }
                Some(_) => match (hex(at), hex(at + 1)) {
                    (Some(high), Some(low)) => {
                        out.push((high << 4 | low) as u8);
                        at += 2;
                    }
                    _ => out.push(b'='),
                },
            },
            b'_' if header => out.push(b' '),
            _ => out.push(byte),
        }
    }
    Ok(cx.try_new_bytes(&out)?.value())
}

/// Characters of a line, the soft break's equals sign included.
const MAX_LINE: usize = 76;

static B2A_QP: Signature<4> = Signature::new("b2a_qp", ["data", "quotetabs", "istext", "header"]).required(1);

pub(super) fn b2a_qp(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, quote_tabs, is_text, header] = B2A_QP.bind(cx, args)?;
    let input = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let quote_tabs = optional_bool(cx, quote_tabs, false)?;
    let is_text = optional_bool(cx, is_text, true)?;
    let header = optional_bool(cx, header, false)?;
    make(cx, input.len().saturating_mul(3))?;
    let quoter = Quoter { input: &input, quote_tabs, is_text, header, out: Vec::new(), line: 0 };
    Ok(cx.try_new_bytes(&quoter.run())?.value())
}

struct Quoter<'a> {
    input: &'a [u8],
    quote_tabs: bool,
    is_text: bool,
    header: bool,
    out: Vec<u8>,
    /// Characters in the present line.
    line: usize,
}

impl Quoter<'_> {
    fn must_quote(&self, at: usize) -> bool {
        let (byte, next) = (self.input[at], self.input.get(at + 1).copied());
        let lonely_dot = || {
            let at_end = matches!(next, None | Some(0 | b'\n' | b'\r'));
            byte == b'.' && self.line == 0 && at_end
        };
        match byte {
            b'=' => true,
            b'_' if self.header => true,
            b'\r' | b'\n' => !self.is_text,
            b' ' | b'\t' if next.is_none() => true,
            b' ' | b'\t' => self.quote_tabs,
            33..=126 => lonely_dot(),
            _ => true,
        }
    }

    fn soft_break(&mut self, line_end: &[u8]) {
        self.out.push(b'=');
        self.out.extend_from_slice(line_end);
        self.line = 0;
    }

    fn push_quoted(&mut self, byte: u8) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        self.out.extend([b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        self.line += 3;
    }

    fn run(mut self) -> Vec<u8> {
        // Breaks are those of the first line.
        let first = self.input.iter().position(|&byte| byte == b'\n');
        let line_end: &[u8] =
            if first.is_some_and(|at| at > 0 && self.input[at - 1] == b'\r') { b"\r\n" } else { b"\n" };
        let mut at = 0;
        while let Some(&byte) = self.input.get(at) {
            let next = self.input.get(at + 1).copied();
            if self.must_quote(at) {
                if self.line + 3 >= MAX_LINE {
                    self.soft_break(line_end);
                }
                self.push_quoted(byte);
                at += 1;
                continue;
            }
            if self.is_text && (byte == b'\n' || (byte == b'\r' && next == Some(b'\n'))) {
                self.line = 0;
                // White space before a hard break has to be quoted.
                if let Some(&last @ (b' ' | b'\t')) = self.out.last() {
                    self.out.pop();
                    self.push_quoted(last);
                    self.line = 0;
                }
                self.out.extend_from_slice(line_end);
                at += if byte == b'\r' { 2 } else { 1 };
                continue;
            }
            if next.is_some_and(|next| next != b'\n') && self.line + 1 >= MAX_LINE {
                self.soft_break(line_end);
            }
            self.line += 1;
            self.out.push(if self.header && byte == b' ' { b'_' } else { byte });
            at += 1;
        }
        self.out
    }
}
