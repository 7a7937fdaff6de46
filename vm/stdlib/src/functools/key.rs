//! `functools.cmp_to_key`.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::compare;
use countless_vm::object::slots::{Comparison, Slots};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

native_cell! {
    /// The cell, of the key function and of the keys that it makes.
    pub struct KeyWrapper("functools.KeyWrapper", LAYOUT) {
        traced {
            comparison: Field,
            /// Empty in the key function.
            object: Field,
        }
        plain {}
    }
}

static CMP_TO_KEY: Signature<1> = Signature::new("cmp_to_key", ["mycmp"]).required(1);
static CALL: Signature<1> = Signature::new("K", ["obj"]).required(1);

/// `cmp_to_key(mycmp)`.
pub fn cmp_to_key(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [comparison] = CMP_TO_KEY.bind(cx, args)?;
    let comparison = Field::new(comparison.unwrap_or(Value::NONE));
    Ok(cx.allocate(KeyWrapper { header: Default::default(), comparison, object: Field::empty() }).value())
}

fn call(cx: &Cx, wrapper: Value, args: Args<'_>) -> PyResult {
    let [object] = CALL.bind(cx, args)?;
    let comparison = Field::new(this::<KeyWrapper>(cx, wrapper).comparison.get_or_none());
    let object = Field::new(object.unwrap_or(Value::NONE));
    Ok(cx.allocate(KeyWrapper { header: Default::default(), comparison, object }).value())
}

fn compare_keys(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let Some(other) = right.exact::<KeyWrapper>() else {
        return Err(cx.type_error("other argument must be K instance"));
    };
    let key = this::<KeyWrapper>(cx, left);
    let (Some(x), Some(y)) = (key.object.get(), other.object.get()) else {
        return Err(raise!(cx, AttributeError, "object"));
    };
    let answer = cx.call(key.comparison.get_or_none(), &[x, y])?;
    compare::compare(cx, answer, Value::int(0), comparison)
}

fn get_object(cx: &Cx, key: Ref<KeyWrapper>) -> PyResult {
    key.object.get().ok_or_else(|| {
        let class = key.value().class_name(cx);
        raise!(cx, AttributeError, "'{class}' object has no attribute 'obj'")
    })
}

fn set_object(cx: &Cx, key: Ref<KeyWrapper>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => key.object.set(cx, value),
        None => key.object.clear(cx),
    }
    Ok(())
}

/// The class of keys.
pub static TYPE: TypeDef = TypeDef {
    module: "functools",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { call: Some(call), compare: Some(compare_keys), ..Slots::NONE },
    attributes: &[
        GetSet::read_write("obj", get_object, set_object, "Value wrapped by a key function."),
        GetSet::read_only("__text_signature__", |cx, _key: Value| Ok(cx.intern_str("(obj)").value()), ""),
    ],
    ..TypeDef::new("KeyWrapper", &LAYOUT)
};
