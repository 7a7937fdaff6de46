//! `accumulate`, `batched`, `chain`, `pairwise`, `starmap`.

use countless_vm::interp::call::tuple_args;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::{get_iter, next as next_of, to_tuple};
use countless_vm::object::protocol::number::{self, BinaryOperator, index_i64};
use countless_vm::object::protocol::object::is_true;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::generic_alias;
use countless_vm::types::list::List;
use countless_vm::types::object;
use countless_vm::types::type_object::TypeObject;

use super::{exactly, itself};

// ---- accumulate

native_cell! {
    /// The cell of an `accumulate`.
    pub struct Accumulate("itertools.accumulate", ACCUMULATE_LAYOUT) {
        traced {
            iterator: Field,
            /// None for addition.
            function: Field,
            /// Empty before the first item.
            total: Field,
            /// Empty once it was yielded, or if there is none.
            initial: Field,
        }
        plain {}
    }
}

static ACCUMULATE: Signature<3> =
    Signature::new("accumulate", ["iterable", "func", "initial"]).required(1).keyword_only_from(2);

fn new_accumulate(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, function, initial] = ACCUMULATE.bind(cx, args)?;
    let iterator = get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let contents = Accumulate {
        header: Default::default(),
        iterator: Field::new(iterator),
        function: Field::new(function.unwrap_or(Value::NONE)),
        total: Field::empty(),
        initial: initial.and_then(Value::not_none).map_or(Field::empty(), Field::new),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_accumulate(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Accumulate>(cx, value);
    if let Some(initial) = this.initial.get() {
        this.initial.clear(cx);
        this.total.set(cx, initial);
        return Ok(Some(initial));
    }
    let Some(item) = next_of(cx, this.iterator.get_or_none())? else { return Ok(None) };
    let total = match (this.total.get(), this.function.get().and_then(Value::not_none)) {
        (None, _) => item,
        (Some(total), None) => number::binary(cx, total, item, BinaryOperator::Add)?,
        (Some(total), Some(function)) => cx.call(function, &[total, item])?,
    };
    this.total.set(cx, total);
    Ok(Some(total))
}

/// `itertools.accumulate`.
pub static ACCUMULATE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "accumulate(iterable, func=None, *, initial=None)\n--\n\nReturn series of accumulated sums (or of what the function makes of total and item).",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_accumulate), iter: Some(itself), next: Some(next_accumulate), ..Slots::NONE },
    ..TypeDef::new("accumulate", &ACCUMULATE_LAYOUT)
};

// ---- batched

native_cell! {
    /// The cell of a `batched`.
    pub struct Batched("itertools.batched", BATCHED_LAYOUT) {
        traced {
            /// Empty at the end.
            iterator: Field,
        }
        plain { size: usize, strict: bool }
    }
}

static BATCHED: Signature<3> = Signature::new("batched", ["iterable", "n", "strict"]).required(2).keyword_only_from(2);

fn new_batched(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, size, strict] = BATCHED.bind(cx, args)?;
    let size = index_i64(cx, size.unwrap_or(Value::NONE))?;
    let strict = strict.map_or(Ok(false), |strict| is_true(cx, strict))?;
    if size < 1 {
        return Err(cx.value_error("n must be at least one"));
    }
    let iterator = get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let contents = Batched { header: Default::default(), iterator: Field::new(iterator), size: size as usize, strict };
    Ok(cx.allocate_instance(class, contents).value())
}

/// No tuple can be larger.
const LARGEST_BATCH: usize = 1 << 42;

fn next_batched(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Batched>(cx, value);
    let Some(iterator) = this.iterator.get() else { return Ok(None) };
    if this.size > LARGEST_BATCH {
        return Err(cx.memory_error());
    }
    let batch = cx.new_list_with_capacity(this.size.min(1024))?;
    while batch.len() < this.size {
        match next_of(cx, iterator)? {
            Some(item) => batch.push(cx, item)?,
            None => break,
        }
    }
    if batch.len() < this.size {
        this.iterator.clear(cx);
        if batch.is_empty() {
            return Ok(None);
        }
        if this.strict {
            return Err(cx.value_error("batched(): incomplete batch"));
        }
    }
    Ok(Some(batch.to_tuple(cx)?.value()))
}

/// `itertools.batched`.
pub static BATCHED_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "batched(iterable, n, *, strict=False)\n--\n\nBatch data into tuples of length n. The last batch may be shorter than n.\n\n\
          If \"strict\" is True, that is a ValueError.\n\n    for batch in batched('ABCDEFG', 3): ...  # ABC DEF G",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_batched), iter: Some(itself), next: Some(next_batched), ..Slots::NONE },
    ..TypeDef::new("batched", &BATCHED_LAYOUT)
};

// ---- chain

native_cell! {
    /// The cell of a `chain`.
    pub struct Chain("itertools.chain", CHAIN_LAYOUT) {
        traced {
            /// An iterator over the iterables; empty at the end.
            source: Field,
            /// The iterator over the present iterable.
            active: Field,
            /// Iterators that a thread made when another one had just made one; empty until that happens.
            spare: RefField<List>,
        }
        plain {}
    }
}

fn allocate_chain(cx: &Cx, class: Ref<TypeObject>, source: Value) -> Value {
    let contents = Chain {
        header: Default::default(),
        source: Field::new(source),
        active: Field::empty(),
        spare: RefField::empty(),
    };
    cx.allocate_instance(class, contents).value()
}

fn new_chain(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !class.is_heap_type() || object::is_plain_init(class) {
        args.no_keywords(cx, "chain")?;
    }
    let iterables = cx.try_new_blank_tuple(args.len())?;
    args.iter().enumerate().for_each(|(index, iterable)| iterables.init(index, iterable));
    let source = get_iter(cx, iterables.value())?;
    Ok(allocate_chain(cx, class, source))
}

fn from_iterable(cx: &Cx, class: Ref<TypeObject>, iterables: Value) -> PyResult {
    let source = get_iter(cx, iterables)?;
    Ok(allocate_chain(cx, class, source))
}

/// The iterator over the next iterable; `None` at the end.
fn next_active(cx: &Cx, this: Ref<Chain>) -> PyResult<Option<Value>> {
    if let Some(spare) = this.spare.get().and_then(|spare| spare.pop(cx)) {
        return Ok(Some(spare));
    }
    let Some(source) = this.source.get() else { return Ok(None) };
    let Some(iterable) = next_of(cx, source)? else {
        this.source.clear(cx);
        return Ok(None);
    };
    get_iter(cx, iterable).map(Some).inspect_err(|_| this.source.clear(cx))
}

/// Keeps an iterator for later: another thread was first to make one.
fn keep_spare(cx: &Cx, this: Ref<Chain>, iterator: Value) -> PyResult<()> {
    if this.spare.get().is_none() {
        let fresh = cx.new_list();
        // Whoever is second uses the first one's.
        let _ = this.spare.untyped().compare_exchange(cx, None, Some(fresh.value()));
    }
    this.spare.get().map_or(Ok(()), |spare| spare.push(cx, iterator))
}

fn next_chain(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Chain>(cx, value);
    loop {
        let active = match this.active.get() {
            Some(active) => active,
            None => {
                let Some(fresh) = next_active(cx, this)? else { return Ok(None) };
                if this.active.compare_exchange(cx, None, Some(fresh)).is_err() {
                    keep_spare(cx, this, fresh)?;
                    continue;
                }
                fresh
            }
        };
        if let Some(item) = next_of(cx, active)? {
            return Ok(Some(item));
        }
        // Unless another thread has gone on to the next one already.
        let _ = this.active.compare_exchange(cx, Some(active), None);
        cx.poll()?;
    }
}

/// `itertools.chain`.
pub static CHAIN_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "chain(*iterables)\n--\n\nReturn a chain object whose .__next__() method returns elements from the first iterable until it is\n\
          exhausted, then from the next, and so on.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_chain), iter: Some(itself), next: Some(next_chain), ..Slots::NONE },
    methods: &[
        Method::one(
            "from_iterable",
            from_iterable,
            "from_iterable($type, iterable, /)\n--\n\nAlternative chain() constructor taking a single iterable argument that evaluates lazily.",
        )
        .on_class(),
        Method::one(
            "__class_getitem__",
            generic_alias::class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
        )
        .on_class(),
    ],
    ..TypeDef::new("chain", &CHAIN_LAYOUT)
};

// ---- pairwise

native_cell! {
    /// The cell of a `pairwise`.
    pub struct Pairwise("itertools.pairwise", PAIRWISE_LAYOUT) {
        traced {
            /// Empty at the end.
            iterator: Field,
            last: Field,
        }
        plain {}
    }
}

fn new_pairwise(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable] = exactly(cx, class, "pairwise", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents = Pairwise { header: Default::default(), iterator: Field::new(iterator), last: Field::empty() };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_pairwise(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Pairwise>(cx, value);
    let Some(iterator) = this.iterator.get() else { return Ok(None) };
    let first = match this.last.get() {
        Some(last) => last,
        None => match next_of(cx, iterator)? {
            Some(first) => {
                this.last.set(cx, first);
                first
            }
            None => {
                this.iterator.clear(cx);
                return Ok(None);
            }
        },
    };
    // The iterator may have stepped this very object.
    let second = match this.iterator.get() {
        Some(iterator) => next_of(cx, iterator)?,
        None => None,
    };
    match second {
        Some(second) => {
            this.last.set(cx, second);
            Ok(Some(cx.new_tuple(&[first, second]).value()))
        }
        None => {
            this.iterator.clear(cx);
            this.last.clear(cx);
            Ok(None)
        }
    }
}

/// `itertools.pairwise`.
pub static PAIRWISE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "pairwise(iterable, /)\n--\n\nReturn an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_pairwise), iter: Some(itself), next: Some(next_pairwise), ..Slots::NONE },
    ..TypeDef::new("pairwise", &PAIRWISE_LAYOUT)
};

// ---- starmap

native_cell! {
    /// The cell of a `starmap`.
    pub struct StarMap("itertools.starmap", STARMAP_LAYOUT) {
        traced { function: Field, iterator: Field }
        plain {}
    }
}

fn new_starmap(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [function, iterable] = exactly(cx, class, "starmap", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents =
        StarMap { header: Default::default(), function: Field::new(function), iterator: Field::new(iterator) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_starmap(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<StarMap>(cx, value);
    let Some(arguments) = next_of(cx, this.iterator.get_or_none())? else { return Ok(None) };
    let arguments = to_tuple(cx, arguments)?;
    cx.call_args(this.function.get_or_none(), tuple_args(&arguments, None)).map(Some)
}

/// `itertools.starmap`.
pub static STARMAP_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "starmap(function, iterable, /)\n--\n\nReturn an iterator whose values are returned from the function evaluated with an argument tuple taken\n\
          from the given sequence.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_starmap), iter: Some(itself), next: Some(next_starmap), ..Slots::NONE },
    ..TypeDef::new("starmap", &STARMAP_LAYOUT)
};
