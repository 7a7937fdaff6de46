//! `isinstance` and `issubclass`.

use crate::object::attribute::lookup;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// `isinstance(object, class)`.
pub fn is_instance(cx: &Cx, object: Value, class: Value) -> PyResult<bool> {
    if cx.type_of(object).value() == class {
        return Ok(true);
    }
    if class.is_exactly(ids::TYPE) {
        return real_is_instance(cx, object, class);
    }
    if class.is_exactly(ids::UNION) {
        return crate::types::union::is_instance(cx, object, class);
    }
    if let Some(classes) = class.downcast::<Tuple>(cx) {
        cx.check_native_stack()?;
        for class in classes.iter() {
            if is_instance(cx, object, class)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match cx.lookup_special(class, cx.names().__instancecheck__)? {
        Some(method) => {
            let answer = cx.call_found(method, &[object])?;
            super::object::is_true(cx, answer)
        }
        None => real_is_instance(cx, object, class),
    }
}

/// `isinstance` without `__instancecheck__`.
pub fn real_is_instance(cx: &Cx, object: Value, class: Value) -> PyResult<bool> {
    if let Some(class) = class.as_class(cx) {
        if object.is_instance(cx, class) {
            return Ok(true);
        }
        // A proxy may claim another class.
        let names = cx.names();
        let own = cx.type_of(object);
        let generic = lookup(cx, own, names.__class__) == lookup(cx, cx.builtin_type(ids::OBJECT), names.__class__);
        if generic && crate::object::attribute::has_generic_get(own) {
            return Ok(false);
        }
        let claimed = cx.get_attribute_optional(object, names.__class__)?;
        return Ok(claimed.and_then(|claimed| claimed.as_class(cx)).is_some_and(|claimed| claimed.is_subclass(class)));
    }
    check_class(cx, class, "isinstance() arg 2 must be a type, a tuple of types, or a union")?;
    match cx.get_attribute_optional(object, cx.names().__class__)? {
        Some(own) => abstract_is_subclass(cx, own, class),
        None => Ok(false),
    }
}

/// `issubclass(derived, class)`.
pub fn is_subclass(cx: &Cx, derived: Value, class: Value) -> PyResult<bool> {
    if class.is_exactly(ids::TYPE) {
        return if derived == class { Ok(true) } else { real_is_subclass(cx, derived, class) };
    }
    if class.is_exactly(ids::UNION) {
        return crate::types::union::is_subclass(cx, derived, class);
    }
    if let Some(classes) = class.downcast::<Tuple>(cx) {
        cx.check_native_stack()?;
        for class in classes.iter() {
            if is_subclass(cx, derived, class)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match cx.lookup_special(class, cx.names().__subclasscheck__)? {
        Some(method) => {
            let answer = cx.call_found(method, &[derived])?;
            super::object::is_true(cx, answer)
        }
        None => real_is_subclass(cx, derived, class),
    }
}

/// `issubclass` without `__subclasscheck__`.
pub fn real_is_subclass(cx: &Cx, derived: Value, class: Value) -> PyResult<bool> {
    if let (Some(derived), Some(class)) = (derived.as_class(cx), class.as_class(cx)) {
        return Ok(derived.is_subclass(class));
    }
    check_class(cx, derived, "issubclass() arg 1 must be a class")?;
    check_class(cx, class, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
    abstract_is_subclass(cx, derived, class)
}

/// The `__bases__` of something that need not be a type, if it has a tuple of them.
fn abstract_bases(cx: &Cx, class: Value) -> PyResult<Option<Ref<Tuple>>> {
    let bases = cx.get_attribute_optional(class, cx.names().__bases__)?;
    Ok(bases.and_then(|bases| bases.downcast::<Tuple>(cx)))
}

fn check_class(cx: &Cx, class: Value, message: &str) -> PyResult<()> {
    match abstract_bases(cx, class)? {
        Some(_) => Ok(()),
        None => Err(raise!(cx, TypeError, "{message}")),
    }
}

fn abstract_is_subclass(cx: &Cx, derived: Value, class: Value) -> PyResult<bool> {
    cx.check_native_stack()?;
    if derived == class {
        return Ok(true);
    }
    let Some(bases) = abstract_bases(cx, derived)? else { return Ok(false) };
    for base in bases.iter() {
        if abstract_is_subclass(cx, base, class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Ref<TypeObject> {
    /// Whether `isinstance` of this class asks nobody else.
    pub fn has_plain_instance_check(self, cx: &Cx) -> bool {
        cx.type_of(self.value()) == cx.builtin_type(ids::TYPE)
    }
}
