//! `zip_longest`.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_vm::native::args::Args;
use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::{get_iter, next as next_of};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::array::Array;
use countless_vm::types::object;
use countless_vm::types::type_object::TypeObject;

use super::itself;

native_cell! {
    /// The cell.
    pub struct ZipLongest("itertools.zip_longest", ZIP_LONGEST_LAYOUT) {
        traced {
            /// The iterators; the fields of those at their end are empty.
            iterators: RefField<Array>,
            fill: Field,
        }
        plain {
            /// How many iterators are not at their end.
            active: AtomicUsize,
        }
    }
}

fn new_zip_longest(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let mut fill = Value::NONE;
    for (name, value) in args.keywords() {
        if name != cx.names().fillvalue && name.as_bytes() != b"fillvalue" {
            return Err(cx.type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = value;
    }
    let iterators = cx.new_array(args.len())?;
    for (index, iterable) in args.iter().enumerate() {
        let iterator = get_iter(cx, iterable)?;
        iterators.field(index).set(cx, iterator);
    }
    let contents = ZipLongest {
        header: Default::default(),
        iterators: RefField::new(iterators),
        fill: Field::new(fill),
        active: AtomicUsize::new(args.len()),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// The next item of one of the iterators, or what stands in for it; `None` if that was the last active one.
fn next_item(cx: &Cx, this: Ref<ZipLongest>, iterators: Ref<Array>, index: usize) -> PyResult<Option<Value>> {
    let fill = this.fill.get_or_none();
    let Some(iterator) = iterators.get(index) else { return Ok(Some(fill)) };
    match next_of(cx, iterator) {
        Ok(Some(item)) => Ok(Some(item)),
        Ok(None) => {
            let left = this.active.load(Ordering::Relaxed).saturating_sub(1);
            this.active.store(left, Ordering::Relaxed);
            if left == 0 {
                return Ok(None);
            }
            iterators.field(index).clear(cx);
            Ok(Some(fill))
        }
        Err(raised) => {
            this.active.store(0, Ordering::Relaxed);
            Err(raised)
        }
    }
}

/// Up to so many items are gathered in a Rust array, which the scan of the native stack sees.
const FEW: usize = 8;

fn next_zip_longest(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<ZipLongest>(cx, value);
    let Some(iterators) = this.iterators.get() else { return Ok(None) };
    let count = iterators.capacity();
    if this.active.load(Ordering::Relaxed) == 0 {
        return Ok(None);
    }
    if count <= FEW {
        let mut items = [Value::NONE; FEW];
        for (index, place) in items.iter_mut().enumerate().take(count) {
            match next_item(cx, this, iterators, index)? {
                Some(item) => *place = item,
                None => return Ok(None),
            }
        }
        return Ok(Some(cx.new_tuple(&items[..count]).value()));
    }
    let items = cx.new_list_with_capacity(count)?;
    for index in 0..count {
        match next_item(cx, this, iterators, index)? {
            Some(item) => items.push(cx, item)?,
            None => return Ok(None),
        }
    }
    Ok(Some(items.to_tuple(cx)?.value()))
}

/// `itertools.zip_longest`.
pub static ZIP_LONGEST_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "zip_longest(*iterables, fillvalue=None)\n--\n\nReturn a zip_longest object whose .__next__() method returns a tuple where the i-th element comes from\n\
          the i-th iterable argument, up to the end of the longest one. The fill value stands in for the items of those that\n\
          have ended.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_zip_longest), iter: Some(itself), next: Some(next_zip_longest), ..Slots::NONE },
    ..TypeDef::new("zip_longest", &ZIP_LONGEST_LAYOUT)
};
