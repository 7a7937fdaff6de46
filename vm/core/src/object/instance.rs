//! Making instances: cells of a class's shape, with room for its attributes.

use countless_gc::TypeId;

use super::cell::{Cell, Ref};
use super::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::type_object::{TypeObject, flag};

impl Cx {
    /// A new instance of `class`, whose layout is `T` or begins with it (a fixed-size one): the payload is moved from
    /// `contents`, the attributes are empty.
    pub fn allocate_instance<T: Cell>(&self, class: Ref<TypeObject>, contents: T) -> Ref<T> {
        let shape = class.instance_shape();
        let size = shape.placement().size().max(size_of::<T>());
        let instance = self.allocate_as(shape.id(), size, contents);
        self.finish_instance(class, instance.value());
        instance
    }

    /// A new instance of `class` over a variable-size layout `T`, with `bytes` after the fixed part (and the words of
    /// members and dictionary behind them, if the class has any).
    pub fn allocate_variable_instance<T: Cell>(
        &self,
        class: Ref<TypeObject>,
        bytes: usize,
        contents: T,
    ) -> PyResult<Ref<T>> {
        let shape = class.instance_shape();
        let words = shape.placement().field_count as usize;
        let extra = if words > 0 { words * 8 + 7 } else { 0 };
        let size = size_of::<T>().checked_add(bytes).and_then(|size| size.checked_add(extra));
        let Some(size) = size else { return Err(self.memory_error()) };
        let instance = self.try_allocate_as(shape.id(), size, contents)?;
        self.finish_instance(class, instance.value());
        Ok(instance)
    }

    /// Whether instances of the class are exact builtin ones.
    pub fn is_exact_class(&self, class: Ref<TypeObject>, id: TypeId) -> bool {
        class.instance_id() == id
    }

    #[inline(always)]
    fn finish_instance(&self, class: Ref<TypeObject>, instance: Value) {
        if class.has_flags(flag::FINALIZER) {
            self.mutator().register_finalizable(instance.word());
        }
    }
}
