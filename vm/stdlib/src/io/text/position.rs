//! `tell` and `seek` of text: cookies.
//!
//! A cookie is a number of five parts, least significant first: the buffer's position (8 bytes), the decoder's flags
//! there (4), how many bytes to feed it from there (4), how many characters of what it then decodes to skip (4), and
//! whether it must be told that the input ends (1). Where all but the first are zero it is the position itself.

use std::sync::Arc;

use countless_common::number::int::{ByteOrder, from_bytes};
use countless_common::wtf8::Wtf8;
use countless_vm::native::args::Args;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{compare, number, object};
use countless_vm::object::slots::Comparison;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int;

use super::super::base::{call, unsupported};
use super::codec::{Decoder, reset_decoder};
use super::writing::flush_pending;
use super::{Ending, Snapshot, Text, bytes_of, open_buffer};

/// The parts of a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cookie {
    position: i64,
    flags: i32,
    feed: i32,
    skip: i32,
    need_end: bool,
}

impl Cookie {
    fn value(self, cx: &Cx) -> Value {
        let mut bytes = [0u8; 21];
        bytes[..8].copy_from_slice(&self.position.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.skip.to_le_bytes());
        bytes[20] = self.need_end.into();
        cx.new_int(from_bytes(&bytes, ByteOrder::Little, false))
    }

    fn of(cx: &Cx, value: Value) -> PyResult<Cookie> {
        let length = Value::int(21);
        let exact = int::to_exact(cx, value);
        let bytes = call(cx, exact, "to_bytes", &[length, cx.new_str("little").value()])?;
        let bytes = bytes_of(cx, bytes, "to_bytes")?;
        let four = |at: usize| i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut position = [0u8; 8];
        position.copy_from_slice(&bytes[..8]);
        Ok(Cookie {
            position: i64::from_le_bytes(position),
            flags: four(8),
            feed: four(12),
            skip: four(16),
            need_end: bytes[20] != 0,
        })
    }
}

fn characters(text: &[u8]) -> usize {
    Wtf8::from_trusted_bytes(text).char_count()
}

/// The decoded text that `tell` is within, and how it came about.
struct Passage {
    snapshot: Arc<Snapshot>,
    decoded: Arc<Vec<u8>>,
    /// Bytes per character.
    ratio: f64,
}

impl Decoder<'_> {
    /// The flags of a cookie: the decoder's, and whether a carriage return is held back.
    fn cookie_flags(&self, flags: i64, pending_cr: bool) -> i32 {
        match self.ending {
            Ending::Only(_) => flags as i32,
            _ => (flags << 1) as i32 | i32::from(pending_cr),
        }
    }

    /// Puts the decoder where a cookie says, with nothing held back.
    fn restore(&mut self, cx: &Cx, flags: i32) -> PyResult<()> {
        let (inner, pending_cr) = match self.ending {
            Ending::Only(_) => (flags, false),
            _ => (flags >> 1, flags & 1 != 0),
        };
        self.held.newlines.pending_cr = pending_cr;
        self.set_state(cx, b"", inner.into())
    }

    /// Puts the decoder into the state it has where a cookie starts. Some have a first state that they cannot be set to.
    fn place(&mut self, cx: &Cx, cookie: Cookie) -> PyResult<()> {
        if cookie.position == 0 && cookie.flags == 0 { self.reset(cx) } else { self.restore(cx, cookie.flags) }
    }

    /// The cookie of the place `used` bytes into the passage, whose input begins at `start`. The decoder is a copy; the
    /// registry's is put back as it was.
    fn locate(&mut self, cx: &Cx, passage: &Passage, start: i64, used: usize) -> PyResult<Cookie> {
        let snapshot = &passage.snapshot;
        let flags = self.cookie_flags(snapshot.flags, snapshot.pending_cr);
        let beginning = Cookie { position: start, flags, ..Cookie::default() };
        // Text that is byte for byte its input.
        let same =
            self.native.is_some() && !snapshot.pending_cr && snapshot.input.get(..used) == passage.decoded.get(..used);
        if used == 0 || same {
            return Ok(Cookie { position: start + used as i64, ..beginning });
        }
        let wanted = characters(&passage.decoded[..used]);
        let (buffer, state) = self.state(cx)?;
        let found = self.replay(cx, passage, beginning, wanted);
        self.set_state(cx, &buffer, state)?;
        found
    }

    /// A place not far before the wanted one where the decoder holds nothing back, and how many characters come before.
    fn start_near(
        &mut self,
        cx: &Cx,
        passage: &Passage,
        beginning: Cookie,
        wanted: usize,
    ) -> PyResult<(Cookie, usize)> {
        let input = &passage.snapshot.input;
        let mut bytes = ((passage.ratio * wanted as f64) as usize).min(input.len());
        let mut back = 1;
        while bytes > 0 {
            self.place(cx, beginning)?;
            let decoded = characters(&self.decode(cx, input[..bytes].to_vec(), false)?);
            if decoded <= wanted {
                let (held, flags) = self.state(cx)?;
                if held.is_empty() {
                    let flags = self.cookie_flags(flags, self.held.newlines.pending_cr);
                    let position = beginning.position + bytes as i64;
                    return Ok((Cookie { position, flags, ..Cookie::default() }, decoded));
                }
                bytes = bytes.saturating_sub(held.len());
                back = 1;
            } else {
                bytes = bytes.saturating_sub(back);
                back *= 2;
            }
            cx.poll()?;
        }
        self.place(cx, beginning)?;
        Ok((beginning, 0))
    }

    /// Feeds the input byte by byte until `wanted` characters are there. The cookie starts from the last place on the way
    /// where the decoder held nothing back.
    fn replay(&mut self, cx: &Cx, passage: &Passage, beginning: Cookie, wanted: usize) -> PyResult<Cookie> {
        let (mut cookie, mut decoded) = self.start_near(cx, passage, beginning, wanted)?;
        let mut fed = cookie.position - beginning.position;
        let mut skipped_before = decoded;
        if decoded == wanted {
            return Ok(cookie);
        }
        for &byte in &passage.snapshot.input[fed as usize..] {
            decoded += characters(&self.decode(cx, vec![byte], false)?);
            fed += 1;
            let (held, flags) = self.state(cx)?;
            if held.is_empty() && decoded <= wanted {
                let flags = self.cookie_flags(flags, self.held.newlines.pending_cr);
                cookie = Cookie { position: beginning.position + fed, flags, ..Cookie::default() };
                skipped_before = decoded;
            }
            if decoded >= wanted {
                break;
            }
        }
        let mut need_end = false;
        if decoded < wanted {
            decoded += characters(&self.decode(cx, Vec::new(), true)?);
            need_end = true;
            if decoded < wanted {
                return Err(raise!(cx, OSError, "can't reconstruct logical file position"));
            }
        }
        let skip = wanted - skipped_before;
        if skip > 0 || need_end {
            cookie.feed = (fed - (cookie.position - beginning.position)) as i32;
            cookie.skip = skip as i32;
            cookie.need_end = need_end;
        }
        Ok(cookie)
    }
}

fn buffer_position(cx: &Cx, buffer: Value) -> PyResult<i64> {
    number::index_i64(cx, call(cx, buffer, "tell", &[])?)
}

pub(super) fn tell(cx: &Cx, file: Ref<Text>) -> PyResult {
    file.buffer(cx)?;
    let buffer = open_buffer(cx, file)?;
    let (seekable, telling) = file.state.with(cx, |state| (state.settings.seekable, state.telling));
    if !seekable {
        return Err(unsupported(cx, "underlying stream is not seekable"));
    }
    if !telling {
        return Err(raise!(cx, OSError, "telling position disabled by next() call"));
    }
    flush_pending(cx, &file, buffer)?;
    call(cx, file.value(), "flush", &[])?;
    let position = buffer_position(cx, buffer)?;
    let (settings, held, used, passage) = file.state.with(cx, |state| {
        let passage = state.snapshot.clone().map(|snapshot| Passage {
            snapshot,
            decoded: state.decoded.clone(),
            ratio: state.ratio,
        });
        (state.settings, state.held.clone(), state.at, passage)
    });
    let Some(passage) = passage.filter(|_| settings.can_read) else {
        return Ok(cx.new_int_from_i64(position));
    };
    let start = position - passage.snapshot.input.len() as i64;
    let cookie = Decoder::new(&file, settings, held).locate(cx, &passage, start, used)?;
    Ok(cookie.value(cx))
}

/// Tells the encoder whether it is at the start of the file, where some write a mark.
pub(super) fn place_encoder(cx: &Cx, file: &Ref<Text>, at_start: bool) -> PyResult<()> {
    let Some(encoder) = file.encoder.get().and_then(Value::not_none) else { return Ok(()) };
    match at_start {
        true => call(cx, encoder, "reset", &[])?,
        false => call(cx, encoder, "setstate", &[Value::int(0)])?,
    };
    Ok(())
}

/// Forgets what was decoded, and where it came from.
fn forget(cx: &Cx, file: &Ref<Text>) {
    file.state.with(cx, |state| {
        state.forget_decoded();
        state.snapshot = None;
    });
}

fn to_end(cx: &Cx, file: Ref<Text>, buffer: Value) -> PyResult {
    call(cx, file.value(), "flush", &[])?;
    forget(cx, &file);
    reset_decoder(cx, &file)?;
    let position = call(cx, buffer, "seek", &[Value::int(0), Value::int(2)])?;
    let at_start = number::as_index_i64(cx, position) == Some(0);
    place_encoder(cx, &file, at_start)?;
    Ok(position)
}

pub(super) fn seek(cx: &Cx, file: Ref<Text>, args: Args<'_>) -> PyResult {
    let [cookie, whence] = args.between::<2>(cx, "seek", 1)?;
    let mut cookie = cookie.unwrap_or(Value::NONE);
    let whence = whence.map_or(Ok(0), |whence| cx.c_int_argument(whence))?;
    file.buffer(cx)?;
    let buffer = open_buffer(cx, file)?;
    if !file.settings(cx).seekable {
        return Err(unsupported(cx, "underlying stream is not seekable"));
    }
    match whence {
        0 => {}
        1 | 2 => {
            if !compare::equal(cx, cookie, Value::int(0))? {
                let which = if whence == 1 { "cur" } else { "end" };
                return Err(unsupported(cx, &format!("can't do nonzero {which}-relative seeks")));
            }
            if whence == 2 {
                return to_end(cx, file, buffer);
            }
            cookie = call(cx, file.value(), "tell", &[])?;
        }
        _ => return Err(raise!(cx, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)")),
    }
    if compare::compare_bool(cx, cookie, Value::int(0), Comparison::Less)? {
        return Err(raise!(cx, ValueError, "negative seek position {}", object::repr(cx, cookie)?.as_wtf8()));
    }
    call(cx, file.value(), "flush", &[])?;
    let target = int::from_number(cx, cookie)?;
    go_to(cx, file, buffer, Cookie::of(cx, target)?)?;
    Ok(cookie)
}

fn go_to(cx: &Cx, file: Ref<Text>, buffer: Value, cookie: Cookie) -> PyResult<()> {
    call(cx, buffer, "seek", &[cx.new_int_from_i64(cookie.position)])?;
    forget(cx, &file);
    let (settings, held) = file.state.with(cx, |state| (state.settings, state.held.clone()));
    let at_start = cookie.position == 0 && cookie.flags == 0;
    if settings.can_read {
        let mut decoder = Decoder::new(&file, settings, held);
        decoder.place(cx, cookie)?;
        let mut snapshot =
            Snapshot { flags: cookie.flags.into(), pending_cr: decoder.held.newlines.pending_cr, input: Vec::new() };
        if !matches!(settings.ending, Ending::Only(_)) {
            snapshot.flags >>= 1;
        }
        let mut decoded = Vec::new();
        let mut at = 0;
        if cookie.skip > 0 {
            let input = call(cx, buffer, "read", &[Value::int(cookie.feed.into())])?;
            snapshot.input = bytes_of(cx, input, "read")?;
            decoded = decoder.decode(cx, snapshot.input.clone(), cookie.need_end)?;
            let wanted = cookie.skip as usize;
            if characters(&decoded) < wanted {
                return Err(raise!(cx, OSError, "can't restore logical file position"));
            }
            at = Wtf8::from_trusted_bytes(&decoded).byte_offset(wanted);
        }
        let held = decoder.held;
        file.state.with(cx, |state| {
            state.set_decoded(decoded);
            state.at = at;
            state.held = held;
            state.snapshot = Some(Arc::new(snapshot));
        });
    }
    place_encoder(cx, &file, at_start)
}

pub(super) fn truncate(cx: &Cx, file: Ref<Text>, size: Option<Value>) -> PyResult {
    let buffer = file.buffer(cx)?;
    call(cx, file.value(), "flush", &[])?;
    call(cx, buffer, "truncate", &[size.unwrap_or(Value::NONE)])
}
