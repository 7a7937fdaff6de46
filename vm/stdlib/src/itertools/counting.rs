//! `count`, `cycle`, `repeat`.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::attribute::lookup;
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::{get_iter, next as next_of};
use countless_vm::object::protocol::number::{self, BinaryOperator, as_index_i64, index_i64};
use countless_vm::object::protocol::object::repr as repr_of;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int::Int;
use countless_vm::types::list::List;
use countless_vm::types::object;
use countless_vm::types::type_object::TypeObject;

use super::{exactly, itself};

// ---- count

native_cell! {
    /// The cell of a `count`.
    pub struct Count("itertools.count", COUNT_LAYOUT) {
        traced {
            /// The next number; empty while `fast` is.
            next: Field,
            step: Field,
        }
        plain {
            /// The next number while it is an int of 64 bits and the step is 1.
            fast: AtomicI64,
        }
    }
}

static COUNT: Signature<2> = Signature::new("count", ["start", "step"]);

fn is_int(cx: &Cx, value: Value) -> bool {
    value.is_small_int() || value.is_bool() || value.downcast::<Int>(cx).is_some()
}

fn is_number(cx: &Cx, value: Value) -> bool {
    let slots = &cx.type_of(value).slots;
    is_int(cx, value)
        || slots.index().is_some()
        || slots.float().is_some()
        || slots.int().is_some()
        || lookup(cx, cx.type_of(value), cx.names().__complex__).is_some()
}

fn new_count(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [start, step] = COUNT.bind(cx, args)?;
    if [start, step].into_iter().flatten().any(|number| !is_number(cx, number)) {
        return Err(cx.type_error("a number is required"));
    }
    let (start, step) = (start.unwrap_or(Value::int(0)), step.unwrap_or(Value::int(1)));
    let steps_by_one = is_int(cx, step) && as_index_i64(cx, step) == Some(1);
    let fast = if is_int(cx, start) && steps_by_one { as_index_i64(cx, start) } else { None };
    let fast = fast.filter(|&start| start < i64::MAX);
    let contents = Count {
        header: Default::default(),
        next: if fast.is_some() { Field::empty() } else { Field::new(start) },
        step: Field::new(step),
        fast: AtomicI64::new(fast.unwrap_or(i64::MAX)),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_count(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Count>(cx, value);
    let advance = |number: i64| (number != i64::MAX).then(|| number + 1);
    match this.fast.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance) {
        Ok(number) => Ok(Some(cx.new_int(number))),
        Err(last) => loop {
            let next = this.next.get();
            let number = next.unwrap_or_else(|| cx.new_int(last));
            let after = number::binary(cx, number, this.step.get_or_none(), BinaryOperator::Add)?;
            // Another thread may have taken the number meanwhile.
            if this.next.compare_exchange(cx, next, Some(after)).is_ok() {
                return Ok(Some(number));
            }
        },
    }
}

fn repr_count(cx: &Cx, value: Value) -> PyResult {
    let this = this::<Count>(cx, value);
    let next = match (this.fast.load(Ordering::Relaxed), this.next.get()) {
        (i64::MAX, Some(next)) => next,
        (fast, _) => cx.new_int(fast),
    };
    let mut out = Wtf8Buf::new();
    out.push_wtf8(cx.type_of(value).name().as_wtf8());
    out.push_str("(");
    out.push_wtf8(repr_of(cx, next)?.as_wtf8());
    let step = this.step.get_or_none();
    if !is_int(cx, step) || as_index_i64(cx, step) != Some(1) {
        out.push_str(", ");
        out.push_wtf8(repr_of(cx, step)?.as_wtf8());
    }
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

/// `itertools.count`.
pub static COUNT_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "count(start=0, step=1)\n--\n\nReturn a count object whose .__next__() method returns consecutive values: start, start+step,\n\
          start+2*step and so on.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new_count),
        repr: Some(repr_count),
        iter: Some(itself),
        next: Some(next_count),
        ..Slots::NONE
    },
    ..TypeDef::new("count", &COUNT_LAYOUT)
};

// ---- cycle

native_cell! {
    /// The cell of a `cycle`.
    pub struct Cycle("itertools.cycle", CYCLE_LAYOUT) {
        traced {
            /// Empty after the first round.
            iterator: Field,
            saved: RefField<List>,
        }
        plain {
            /// Which saved item is next.
            index: AtomicUsize,
        }
    }
}

fn new_cycle(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable] = exactly(cx, class, "cycle", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents = Cycle {
        header: Default::default(),
        iterator: Field::new(iterator),
        saved: RefField::new(cx.new_list()),
        index: AtomicUsize::new(0),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_cycle(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Cycle>(cx, value);
    let Some(saved) = this.saved.get() else { return Ok(None) };
    if let Some(iterator) = this.iterator.get() {
        if let Some(item) = next_of(cx, iterator)? {
            saved.push(cx, item)?;
            return Ok(Some(item));
        }
        this.iterator.clear(cx);
    }
    let index = this.index.load(Ordering::Relaxed);
    let index = if index < saved.len() { index } else { 0 };
    this.index.store(index + 1, Ordering::Relaxed);
    Ok(saved.get(index))
}

/// `itertools.cycle`.
pub static CYCLE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "cycle(iterable, /)\n--\n\nReturn elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_cycle), iter: Some(itself), next: Some(next_cycle), ..Slots::NONE },
    ..TypeDef::new("cycle", &CYCLE_LAYOUT)
};

// ---- repeat

native_cell! {
    /// The cell of a `repeat`.
    pub struct Repeat("itertools.repeat", REPEAT_LAYOUT) {
        traced { object: Field }
        plain {
            endless: bool,
            /// How often the object comes yet; below zero if several threads found the end.
            left: AtomicI64,
        }
    }
}

static REPEAT: Signature<2> = Signature::new("repeat", ["object", "times"]).required(1);

fn new_repeat(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [object, times] = REPEAT.bind(cx, args)?;
    let left = times.map_or(Ok(0), |times| index_i64(cx, times))?.max(0);
    let contents = Repeat {
        header: Default::default(),
        object: Field::new(object.unwrap_or(Value::NONE)),
        endless: times.is_none(),
        left: AtomicI64::new(left),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_repeat(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Repeat>(cx, value);
    if !this.endless && (this.left.load(Ordering::Relaxed) <= 0 || this.left.fetch_sub(1, Ordering::Relaxed) <= 0) {
        return Ok(None);
    }
    Ok(this.object.get())
}

fn repr_repeat(cx: &Cx, value: Value) -> PyResult {
    let this = this::<Repeat>(cx, value);
    let mut out = Wtf8Buf::new();
    out.push_wtf8(cx.type_of(value).name().as_wtf8());
    out.push_str("(");
    out.push_wtf8(repr_of(cx, this.object.get_or_none())?.as_wtf8());
    if !this.endless {
        out.push_str(&format!(", {}", this.left.load(Ordering::Relaxed).max(0)));
    }
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

fn repeat_length_hint(cx: &Cx, this: Ref<Repeat>) -> PyResult {
    if this.endless {
        return Err(cx.type_error("len() of unsized object"));
    }
    Ok(cx.new_int(this.left.load(Ordering::Relaxed).max(0)))
}

/// `itertools.repeat`.
pub static REPEAT_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "repeat(object [,times]) -> create an iterator which returns the object for the specified number of times.  If not\n\
          specified, returns the object endlessly.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new_repeat),
        repr: Some(repr_repeat),
        iter: Some(itself),
        next: Some(next_repeat),
        ..Slots::NONE
    },
    methods: &[Method::none(
        "__length_hint__",
        repeat_length_hint,
        "__length_hint__($self, /)\n--\n\nPrivate method returning an estimate of len(list(it)).",
    )],
    ..TypeDef::new("repeat", &REPEAT_LAYOUT)
};
