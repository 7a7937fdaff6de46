//! Struct sequences: tuples with named fields, some of them beyond the tuple's end (`os.stat_result`, `time.struct_time`,
//! `sys.flags`).
//!
//! A type is a definition with [`field`] rows over [`StructSequence`], made with [`definition`]; a value comes from
//! [`Cx::new_struct_sequence`]. The cell is a tuple's; hidden items follow the visible ones.

use std::sync::atomic::Ordering;

use countless_gc::{Header, Slot, Tracer};

use super::dict::Dict;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::bootstrap::definition_of;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: a tuple. The header's second user byte says how many hidden items follow the visible ones.
#[repr(C)]
pub struct StructSequence(Tuple);

/// What all definitions' cells begin with.
static BASE_LAYOUT: Layout =
    Layout::of::<StructSequence>("struct sequence", super::TypeId::FREE, Some(&super::tuple::LAYOUT)).variable();

// SAFETY: `repr(C)`, it is a `Tuple`; hidden items are reported too.
unsafe impl Cell for StructSequence {
    fn layout() -> &'static Layout {
        &BASE_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
        // SAFETY: as many hidden items follow the visible ones as the header says.
        unsafe { tracer.slots(self.item(self.0.len()), self.hidden()) };
    }
}

impl StructSequence {
    fn header(&self) -> &Header {
        // SAFETY: the cell begins with its header.
        unsafe { &*(&raw const *self).cast::<Header>() }
    }

    fn hidden(&self) -> usize {
        self.header().user_flags_2().load(Ordering::Relaxed) as usize
    }

    fn item(&self, index: usize) -> *const Slot {
        (&raw const *self).wrapping_add(1).cast::<Slot>().wrapping_add(index)
    }

    /// An item, visible or hidden.
    fn get(&self, index: usize) -> Value {
        assert!(index < self.0.len() + self.hidden());
        // SAFETY: the index is in range.
        Value::from_word(unsafe { (*self.item(index)).load_relaxed() }).unwrap_or(Value::NONE)
    }
}

/// The layout for one struct sequence type.
pub const fn layout(name: &'static str) -> Layout {
    Layout::of::<StructSequence>(name, super::TypeId::FREE, Some(&super::tuple::LAYOUT)).variable()
}

/// Field number `I`, as a row of the definition's attributes: all visible fields in order, then the hidden ones.
pub const fn field<const I: usize>(name: &'static str, doc: &'static str) -> GetSet {
    GetSet::member(name, |_cx, this: Ref<StructSequence>| Ok(this.get(I)), doc)
}

/// The definition of a struct sequence type: `visible` of the `fields` are the tuple's items.
pub const fn definition(
    module: &'static str,
    name: &'static str,
    doc: &'static str,
    layout: &'static Layout,
    fields: &'static [GetSet],
    finish: fn(&Cx, Ref<TypeObject>) -> PyResult<()>,
) -> TypeDef {
    TypeDef {
        module,
        doc,
        base: Some(&super::tuple::TYPE),
        flags: TypeFlags::SEQUENCE,
        slots: Slots { new: Some(new), repr: Some(repr), ..Slots::NONE },
        methods: METHODS,
        attributes: fields,
        finish: Some(finish),
        ..TypeDef::new(name, layout)
    }
}

/// The definition of a struct sequence type of which programs make no values.
pub const fn without_new(definition: TypeDef) -> TypeDef {
    TypeDef {
        flags: definition.flags.with(TypeFlags::NO_NEW),
        slots: Slots { new: None, ..definition.slots },
        ..definition
    }
}

/// Sets `n_fields`, `n_sequence_fields`, `n_unnamed_fields`, `__match_args__`: what a definition's `finish` does.
pub fn finish(cx: &Cx, class: Ref<TypeObject>, visible: usize) -> PyResult<()> {
    let (dict, names) = (class.dict(), cx.names());
    let fields = fields_of(cx, class);
    dict.set_name(cx, names.n_sequence_fields, Value::length(visible))?;
    dict.set_name(cx, names.n_fields, Value::length(fields.len()))?;
    dict.set_name(
        cx,
        names.n_unnamed_fields,
        Value::length(fields.iter().filter(|field| field.name.is_empty()).count()),
    )?;
    let shown = cx.new_blank_tuple(visible);
    for (index, field) in fields.iter().take(visible).enumerate() {
        shown.init(index, cx.intern_str(field.name).value());
    }
    dict.set_name(cx, names.__match_args__, shown.value())
}

fn fields_of(cx: &Cx, class: Ref<TypeObject>) -> &'static [GetSet] {
    definition_of(cx, class).map_or(&[], |definition| definition.attributes)
}

fn visible_count(cx: &Cx, class: Ref<TypeObject>) -> PyResult<usize> {
    let count = class.dict().get_name(cx, cx.names().n_sequence_fields)?;
    Ok(count.and_then(Value::as_small_int).map_or(0, |count| count as usize))
}

impl Cx {
    /// A value of a struct sequence type: the visible items, then the hidden ones.
    pub fn new_struct_sequence(&self, definition: &'static TypeDef, values: &[Value]) -> PyResult {
        let class = crate::runtime::bootstrap::native_type(self, definition)?;
        make(self, class, values.len(), |index| values[index])
    }
}

fn make(cx: &Cx, class: Ref<TypeObject>, count: usize, value: impl Fn(usize) -> Value) -> PyResult {
    let visible = visible_count(cx, class)?.min(count);
    let cell = cx.allocate_variable_instance(class, count * 8, StructSequence(Tuple::blank(visible)))?;
    cell.header().user_flags_2().store((count - visible) as u8, Ordering::Relaxed);
    for index in 0..count {
        // SAFETY: the fresh cell has room for `count` items, and nobody else sees it.
        unsafe { (*cell.item(index)).init(value(index).word()) };
    }
    Ok(cell.value())
}

static NEW: Signature<2> = Signature::new("structseq", ["sequence", "dict"]).required(1);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [sequence, dict] = NEW.bind(cx, args)?;
    let name = super::type_attribute::dotted_name(cx, class)?;
    let sequence = match protocol::iter::to_tuple(cx, sequence.unwrap_or(Value::NONE)) {
        Ok(sequence) => sequence,
        Err(raised) => {
            cx.ignore_if(raised, crate::exceptions::ExceptionKind::TypeError)?;
            return Err(cx.type_error("constructor requires a sequence"));
        }
    };
    let fields = fields_of(cx, class);
    let (visible, total, given) = (visible_count(cx, class)?, fields.len(), sequence.len());
    if given < visible || given > total {
        let (bound, limit) = match (visible == total, given < visible) {
            (true, _) => ("a", visible),
            (false, true) => ("an at least", visible),
            (false, false) => ("an at most", total),
        };
        return Err(raise!(cx, TypeError, "{name}() takes {bound} {limit}-sequence ({given}-sequence given)"));
    }
    let dict = match dict.and_then(Value::not_none) {
        None => None,
        Some(dict) => match dict.downcast::<Dict>(cx) {
            Some(dict) => Some(dict),
            None => return Err(raise!(cx, TypeError, "{name}() takes a dict as second arg, if any")),
        },
    };
    let rest = cx.new_blank_tuple(total);
    for index in 0..total {
        let value = match (index < given, dict) {
            (true, _) => sequence.get(index),
            (false, Some(dict)) => dict.get_name(cx, cx.intern_str(fields[index].name))?.unwrap_or(Value::NONE),
            (false, None) => Value::NONE,
        };
        rest.init(index, value);
    }
    make(cx, class, total, |index| rest.get(index))
}

fn this(value: Value) -> Ref<StructSequence> {
    // SAFETY: called from slots of struct sequence types only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let class = cx.type_of(value);
    let cell = this(value);
    let mut shown = Vec::new();
    for (index, field) in fields_of(cx, class).iter().enumerate().take(cell.0.len()) {
        let item = protocol::object::repr(cx, cell.get(index))?;
        shown.push(format!("{}={}", field.name, item.as_wtf8()));
    }
    let name = super::type_attribute::dotted_name(cx, class)?;
    Ok(cx.new_str(&format!("{name}({})", shown.join(", "))).value())
}

fn reduce(cx: &Cx, cell: Ref<StructSequence>) -> PyResult {
    let class = cx.type_of(cell.value());
    let (visible, fields) = (cell.0.len(), fields_of(cx, class));
    let items = cx.new_blank_tuple(visible);
    for index in 0..visible {
        items.init(index, cell.get(index));
    }
    let hidden = cx.new_dict();
    for (index, field) in fields.iter().enumerate().skip(visible).take(cell.hidden()) {
        hidden.set_name(cx, cx.intern_str(field.name), cell.get(index))?;
    }
    let args = cx.new_tuple(&[items.value(), hidden.value()]);
    Ok(cx.new_tuple(&[class.value(), args.value()]).value())
}

fn replace(cx: &Cx, cell: Ref<StructSequence>, args: Args<'_>) -> PyResult {
    let class = cx.type_of(cell.value());
    if !args.is_empty() {
        return Err(raise!(cx, TypeError, "__replace__() takes no positional arguments ({} given)", args.len()));
    }
    let fields = fields_of(cx, class);
    let total = cell.0.len() + cell.hidden();
    let values = cx.new_blank_tuple(total);
    for index in 0..total {
        values.init(index, cell.get(index));
    }
    let unknown = cx.new_list();
    for (name, value) in args.keywords() {
        match fields.iter().take(total).position(|field| field.name.as_bytes() == name.as_wtf8().as_bytes()) {
            Some(index) => values.init(index, value),
            None => unknown.push(cx, name.value())?,
        }
    }
    if !unknown.is_empty() {
        let names = protocol::object::repr(cx, unknown.value())?;
        return Err(raise!(cx, TypeError, "Got unexpected field name(s): {}", names.as_wtf8()));
    }
    make(cx, class, total, |index| values.get(index))
}

static METHODS: &[Method] = &[
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle."),
    Method::many("__replace__", replace, "__replace__($self, /, **changes)\n--\n\nA copy with some fields replaced."),
];
