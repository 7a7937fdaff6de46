//! Line endings: their translation while decoding, and `IncrementalNewlineDecoder`.

use std::sync::Mutex;

use countless_common::number::int::{self as algorithms, ByteOrder};
use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Field, Layout, Ref, drop_cell};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{self, TypeId};

use super::base::call;
use crate::support::native::lock;

const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// What a decoder remembers of line endings between two pieces of text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newlines {
    /// A carriage return ended the last piece: it is held back until it is known what follows.
    pub(super) pending_cr: bool,
    seen: u8,
}

impl Newlines {
    /// Notes the endings in the text, and makes all of them "\n" if `translate`.
    pub(super) fn process(&mut self, mut text: Vec<u8>, translate: bool, is_final: bool) -> Vec<u8> {
        if self.pending_cr && (is_final || !text.is_empty()) {
            text.insert(0, b'\r');
            self.pending_cr = false;
        }
        if !is_final && text.last() == Some(&b'\r') {
            text.pop();
            self.pending_cr = true;
        }
        let Some(first) = memchr::memchr(b'\r', &text) else {
            if self.seen & LF == 0 && memchr::memchr(b'\n', &text).is_some() {
                self.seen |= LF;
            }
            return text;
        };
        if memchr::memchr(b'\n', &text[..first]).is_some() {
            self.seen |= LF;
        }
        if translate { self.translate(text, first) } else { self.scan(text, first) }
    }

    fn scan(&mut self, text: Vec<u8>, first: usize) -> Vec<u8> {
        let mut rest = &text[first..];
        while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
            let length = match (rest[at], rest.get(at + 1)) {
                (b'\r', Some(b'\n')) => {
                    self.seen |= CRLF;
                    2
                }
                (b'\r', _) => {
                    self.seen |= CR;
                    1
                }
                _ => {
                    self.seen |= LF;
                    1
                }
            };
            rest = &rest[at + length..];
        }
        text
    }

    fn translate(&mut self, text: Vec<u8>, first: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        out.extend_from_slice(&text[..first]);
        let mut bytes = text[first..].iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\r' if bytes.next_if_eq(&b'\n').is_some() => {
                    self.seen |= CRLF;
                    out.push(b'\n');
                }
                b'\r' => {
                    self.seen |= CR;
                    out.push(b'\n');
                }
                b'\n' => {
                    self.seen |= LF;
                    out.push(b'\n');
                }
                byte => out.push(byte),
            }
        }
        out
    }

    /// What the attribute `newlines` says: None, a string, or a tuple of those seen.
    pub(super) fn attribute(&self, cx: &Cx) -> Value {
        let kinds = [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")];
        let seen = kinds.into_iter().filter(|(bit, _)| self.seen & bit != 0).map(|(_, text)| text);
        let seen: Vec<&str> = seen.collect();
        match seen[..] {
            [] => Value::NONE,
            [one] => cx.new_str(one).value(),
            _ => {
                let tuple = cx.new_blank_tuple(seen.len());
                for (index, text) in seen.iter().enumerate() {
                    tuple.init(index, cx.new_str(text).value());
                }
                tuple.value()
            }
        }
    }
}

/// The cell.
#[repr(C)]
pub struct NewlineDecoder {
    header: Header,
    /// The decoder underneath; None if text is passed in.
    decoder: Field,
    errors: Field,
    state: Option<Box<Mutex<(Newlines, bool)>>>,
}

static LAYOUT: Layout =
    Layout::of::<NewlineDecoder>("_io.IncrementalNewlineDecoder", TypeId::FREE, Some(&types::object::LAYOUT))
        .with_drop(drop_cell::<NewlineDecoder>);

// SAFETY: `repr(C)`, header first, zero is a decoder that was not initialised; both traced fields are reported.
unsafe impl Cell for NewlineDecoder {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.decoder.trace(tracer);
        self.errors.trace(tracer);
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = NewlineDecoder {
        header: Header::default(),
        decoder: Field::empty(),
        errors: Field::empty(),
        state: Some(Box::new(Mutex::default())),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

static INIT: Signature<3> = Signature::new("IncrementalNewlineDecoder", ["decoder", "translate", "errors"]).required(2);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [decoder, translate, errors] = INIT.bind(cx, args)?;
    // SAFETY: called from slots of the type only.
    let cell: Ref<NewlineDecoder> = unsafe { Ref::from_value_unchecked(value) };
    let translate = object::is_true(cx, translate.unwrap_or(Value::NONE))?;
    cell.decoder.set(cx, decoder.unwrap_or(Value::NONE));
    cell.errors.set(cx, errors.unwrap_or_else(|| cx.names().strict.value()));
    if let Some(state) = &cell.state {
        *lock(cx, state) = (Newlines::default(), translate);
    }
    Ok(())
}

impl NewlineDecoder {
    fn decoder(&self, cx: &Cx) -> PyResult {
        let missing = || cx.value_error("IncrementalNewlineDecoder.__init__() not called");
        self.decoder.get().ok_or(()).map_err(|()| missing())
    }
}

static DECODE: Signature<2> = Signature::new("decode", ["input", "final"]).required(1);

fn decode(cx: &Cx, cell: Ref<NewlineDecoder>, args: Args<'_>) -> PyResult {
    let [input, is_final] = DECODE.bind(cx, args)?;
    let is_final = crate::support::native::optional_bool(cx, is_final, false)?;
    let (decoder, input) = (cell.decoder(cx)?, input.unwrap_or(Value::NONE));
    let text = match decoder.not_none() {
        Some(decoder) => call(cx, decoder, "decode", &[input, Value::bool(is_final)])?,
        None => input,
    };
    let Some(text) = text.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "decoder should return a string result, not '{}'", text.class_name(cx)));
    };
    let Some(state) = &cell.state else { return Ok(text.value()) };
    let bytes = text.as_bytes().to_vec();
    let processed = {
        let mut state = lock(cx, state);
        let translate = state.1;
        state.0.process(bytes, translate, is_final)
    };
    Ok(cx.new_str_wtf8(countless_common::wtf8::Wtf8::from_trusted_bytes(&processed)).value())
}

/// The lower 64 bits of an int; `None` for what is none.
fn flag_bits(cx: &Cx, value: Value) -> Option<u64> {
    if !types::int::is_int(cx, value) {
        return None;
    }
    if let Some(flags) = number::as_index_i64(cx, value) {
        return Some(flags as u64);
    }
    let number = types::int::to_number(cx, value)?;
    let length = (algorithms::bit_length(number.as_ref()) / 8 + 1) as usize;
    let bytes = algorithms::to_bytes(number.as_ref(), length.max(8), ByteOrder::Little, true).ok()?;
    Some(bytes.iter().take(8).rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte)))
}

fn getstate(cx: &Cx, cell: Ref<NewlineDecoder>) -> PyResult {
    let (buffer, flags) = match cell.decoder(cx)?.not_none() {
        Some(decoder) => {
            let state = call(cx, decoder, "getstate", &[])?;
            let Some(state) = state.downcast::<Tuple>(cx).filter(|state| state.len() == 2) else {
                return Err(cx.type_error("illegal decoder state"));
            };
            let Some(flags) = flag_bits(cx, state.get(1)) else { return Err(cx.type_error("illegal decoder state")) };
            (state.get(0), flags)
        }
        None => (cx.new_bytes(b"").value(), 0),
    };
    let pending = cell.state.as_ref().is_some_and(|state| lock(cx, state).0.pending_cr);
    Ok(cx.new_tuple(&[buffer, cx.new_int_from_u64(flags << 1 | u64::from(pending))]).value())
}

fn setstate(cx: &Cx, cell: Ref<NewlineDecoder>, state: Value) -> PyResult {
    let decoder = cell.decoder(cx)?;
    let Some(state) = state.downcast::<Tuple>(cx) else { return Err(cx.type_error("state argument must be a tuple")) };
    let flags = if state.len() == 2 { flag_bits(cx, state.get(1)) } else { None };
    let Some(flags) = flags else { return Err(cx.type_error("setstate(): illegal state argument")) };
    if let Some(own) = &cell.state {
        lock(cx, own).0.pending_cr = flags & 1 != 0;
    }
    match decoder.not_none() {
        Some(decoder) => {
            let inner = cx.new_tuple(&[state.get(0), cx.new_int_from_u64(flags >> 1)]);
            call(cx, decoder, "setstate", &[inner.value()])
        }
        None => Ok(Value::NONE),
    }
}

fn reset(cx: &Cx, cell: Ref<NewlineDecoder>) -> PyResult {
    let decoder = cell.decoder(cx)?;
    if let Some(state) = &cell.state {
        lock(cx, state).0 = Newlines::default();
    }
    match decoder.not_none() {
        Some(decoder) => call(cx, decoder, "reset", &[]),
        None => Ok(Value::NONE),
    }
}

fn newlines(cx: &Cx, cell: Ref<NewlineDecoder>) -> PyResult {
    cell.decoder(cx)?;
    let seen = cell.state.as_ref().map(|state| lock(cx, state).0).unwrap_or_default();
    Ok(seen.attribute(cx))
}

/// `IncrementalNewlineDecoder`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nA decoder that notes line endings, and makes them \"\\n\" if translate is true.\n\nWith None for a decoder, text is passed in.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), init: Some(init), ..Slots::NONE },
    methods: &[
        Method::many("decode", decode, "decode($self, /, input, final=False)\n--\n\n"),
        Method::none("getstate", getstate, "getstate($self, /)\n--\n\n"),
        Method::one("setstate", setstate, "setstate($self, state, /)\n--\n\n"),
        Method::none("reset", reset, "reset($self, /)\n--\n\n"),
    ],
    attributes: &[GetSet::read_only("newlines", newlines, "")],
    ..TypeDef::new("IncrementalNewlineDecoder", &LAYOUT)
};
