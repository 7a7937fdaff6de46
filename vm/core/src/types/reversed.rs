//! `reversed`: the items of any sequence from the last to the first. Types with `__reversed__` answer for themselves.

use std::sync::atomic::{AtomicI64, Ordering};

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::item::get_item;
use crate::object::protocol::number::index_i64;
use crate::object::protocol::object::length;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. A step stores the position after it, so threads that share one may get the same item.
#[repr(C)]
pub struct Reversed {
    header: Header,
    /// Empty at the end.
    sequence: Field,
    /// The next position; −1 at the end.
    index: AtomicI64,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Reversed>("reversed", ids::REVERSED, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the sequence is reported.
unsafe impl Cell for Reversed {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sequence.trace(tracer);
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if class == cx.builtin_type(ids::REVERSED) || super::object::is_plain_init(class) {
        args.no_keywords(cx, "reversed")?;
    }
    let args = args.without_keywords();
    let [sequence] = args.exactly::<1>(cx, "reversed")?;
    let not_reversible = || raise!(cx, TypeError, "'{}' object is not reversible", sequence.class_name(cx));
    if let Some(method) = cx.lookup_special(sequence, cx.names().__reversed__)? {
        let disabled = method.function.is_none();
        return if disabled { Err(not_reversible()) } else { cx.call_found(method, &[]) };
    }
    let slots = &cx.type_of(sequence).slots;
    let is_sequence = slots.subscript().is_some() && sequence.downcast::<super::dict::Dict>(cx).is_none();
    if !is_sequence {
        return Err(not_reversible());
    }
    let last = length(cx, sequence)? as i64 - 1;
    let contents = Reversed { header: Header::default(), sequence: Field::new(sequence), index: AtomicI64::new(last) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let reversed: Ref<Reversed> = unsafe { Ref::from_value_unchecked(value) };
    let Some(sequence) = reversed.sequence.get() else { return Ok(None) };
    let index = reversed.index.load(Ordering::Relaxed);
    if index >= 0 {
        match get_item(cx, sequence, cx.new_int_from_i64(index)) {
            Ok(item) => {
                reversed.index.store(index - 1, Ordering::Relaxed);
                return Ok(Some(item));
            }
            Err(raised) => {
                let end = cx.pending_is(&raised, ExceptionKind::IndexError)
                    || cx.pending_is(&raised, ExceptionKind::StopIteration);
                if !end {
                    return Err(raised);
                }
                let _ = cx.take_exception(raised);
            }
        }
    }
    reversed.index.store(-1, Ordering::Relaxed);
    reversed.sequence.clear(cx);
    Ok(None)
}

fn length_hint(cx: &Cx, reversed: Ref<Reversed>) -> PyResult {
    let Some(sequence) = reversed.sequence.get() else { return Ok(Value::int(0)) };
    let left = reversed.index.load(Ordering::Relaxed) + 1;
    let length = length(cx, sequence)? as i64;
    Ok(cx.new_int_from_i64(if length < left { 0 } else { left }))
}

fn reduce(cx: &Cx, reversed: Ref<Reversed>) -> PyResult {
    let class = cx.type_of(reversed.value()).value();
    Ok(match reversed.sequence.get() {
        Some(sequence) => {
            let arguments = cx.new_tuple(&[sequence]).value();
            let index = cx.new_int_from_i64(reversed.index.load(Ordering::Relaxed));
            cx.new_tuple(&[class, arguments, index]).value()
        }
        None => {
            let arguments = cx.new_tuple(&[cx.empty_tuple().value()]).value();
            cx.new_tuple(&[class, arguments]).value()
        }
    })
}

fn set_state(cx: &Cx, reversed: Ref<Reversed>, state: Value) -> PyResult {
    let index = index_i64(cx, state)?;
    if let Some(sequence) = reversed.sequence.get() {
        let length = length(cx, sequence)? as i64;
        reversed.index.store(index.clamp(-1, length - 1), Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "reversed(object, /)\n--\n\nAn iterator over the items of a sequence from the last to the first.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none(
            "__length_hint__",
            length_hint,
            "__length_hint__($self, /)\n--\n\nReturn about how many items are left.",
        ),
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\nTake up pickled state."),
    ],
    ..TypeDef::new("reversed", &LAYOUT)
};
