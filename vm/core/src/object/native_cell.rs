//! Cells of native modules, declared without unsafe code: the macro [`native_cell!`](crate::native_cell).
//!
//! The macro lists the traced fields apart from the plain ones, so that all traced ones are reported, and takes as plain
//! only what is valid when it is all zero ([`Blank`]), so that the contract of [`Cell`](super::cell::Cell) holds by
//! construction.

use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
};

use super::cell::{Cell, Ref};
use super::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, vm_bug};

pub use super::cell::{Field, Layout, RefField, drop_cell};
pub use crate::types::TypeId;
pub use crate::types::object::LAYOUT as OBJECT_LAYOUT;
pub use countless_gc::{Header, Tracer};

/// What may be a plain field of a cell.
///
/// # Safety
///
/// All bytes zero is a valid value, and the type holds no [`Value`] that the collector should see.
pub unsafe trait Blank: Send + Sync + 'static {}

macro_rules! blank {
    ($($type:ty),* $(,)?) => {
        // SAFETY: zero is a number, `false`, or an atomic of it.
        $(unsafe impl Blank for $type {})*
    };
}

blank!(
    bool,
    u8,
    u16,
    u32,
    u64,
    usize,
    i8,
    i16,
    i32,
    i64,
    isize,
    f32,
    f64,
    AtomicBool,
    AtomicU8,
    AtomicU16,
    AtomicU32,
    AtomicU64,
    AtomicUsize,
    AtomicI32,
    AtomicI64,
    AtomicIsize
);

// SAFETY: an `Option` of a box is null for `None`.
unsafe impl<T: Send + Sync + 'static + ?Sized> Blank for Option<Box<T>> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync + 'static + ?Sized> Blank for Option<std::sync::Arc<T>> {}
// SAFETY: as above, for functions and borrowed statics.
unsafe impl<T: Sync + 'static + ?Sized> Blank for Option<&'static T> {}
// SAFETY: rows of what may be zero.
unsafe impl<T: Blank, const N: usize> Blank for [T; N] {}

/// Declares the cell of a native module's type and the static of its layout.
///
/// ```ignore
/// native_cell! {
///     /// The cell.
///     pub struct Pattern("re.Pattern", LAYOUT) {
///         traced { pattern: Field, groups: RefField<Dict>, }
///         plain { flags: u32, code: Option<Box<[u32]>>, }
///     }
/// }
/// ```
///
/// `dictionary FIELD` after the layout's name says which traced `Field` holds the instances' `__dict__`.
///
/// A cell is made by `cx.allocate(Pattern { header: Default::default(), … })` or `cx.allocate_instance(class, …)`.
#[macro_export]
macro_rules! native_cell {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident($label:literal, $layout:ident $(, dictionary $dictionary:ident)?) {
            traced { $($(#[$traced_meta:meta])* $traced_visibility:vis $traced:ident: $traced_type:ty),* $(,)? }
            plain { $($(#[$plain_meta:meta])* $plain_visibility:vis $plain:ident: $plain_type:ty),* $(,)? }
        }
    ) => {
        $(#[$meta])*
        #[repr(C)]
        $visibility struct $name {
            header: $crate::object::native_cell::Header,
            $($(#[$traced_meta])* $traced_visibility $traced: $traced_type,)*
            $($(#[$plain_meta])* $plain_visibility $plain: $plain_type,)*
        }

        /// The layout of the cells.
        $visibility static $layout: $crate::object::native_cell::Layout = {
            let layout = $crate::object::native_cell::Layout::of::<$name>(
                $label,
                $crate::object::native_cell::TypeId::FREE,
                Some(&$crate::object::native_cell::OBJECT_LAYOUT),
            );
            $(let layout = layout.with_dictionary(std::mem::offset_of!($name, $dictionary));)?
            let drop = $crate::object::native_cell::drop_cell::<$name>;
            if std::mem::needs_drop::<$name>() { layout.with_drop(drop) } else { layout }
        };

        const _: () = {
            const fn is_blank<T: $crate::object::native_cell::Blank>() {}
            $(is_blank::<$plain_type>();)*
        };

        // SAFETY: `repr(C)`, header first; traced fields are empty when zero, plain ones are `Blank`; all traced fields
        // are reported.
        unsafe impl $crate::object::cell::Cell for $name {
            #[inline]
            fn layout() -> &'static $crate::object::native_cell::Layout {
                &$layout
            }

            fn trace(&self, _tracer: &mut $crate::object::native_cell::Tracer<'_>) {
                $(self.$traced.trace(_tracer);)*
            }
        }
    };
}

/// The receiver of a slot function, whose type is known to be `T`'s.
#[inline(always)]
pub fn this<T: Cell>(cx: &Cx, value: Value) -> Ref<T> {
    match value.downcast::<T>(cx) {
        Some(receiver) => receiver,
        None => wrong_receiver(),
    }
}

#[cold]
#[inline(never)]
fn wrong_receiver() -> ! {
    vm_bug("a slot was called with a receiver of another type")
}

impl Cx {
    /// What a native module keeps for its types under a name like "struct.error".
    pub fn native_state(&self, name: &str) -> Option<Value> {
        let name = self.intern_str(name);
        self.vm().native_state.get()?.get_name(self, name).ok().flatten()
    }

    /// Stores it.
    pub fn set_native_state(&self, name: &str, value: Value) -> PyResult<()> {
        let field = &self.vm().native_state;
        if field.get().is_none() {
            // Whoever is second takes the first one's.
            let _ = field.untyped().compare_exchange(self, None, Some(self.new_dict().value()));
        }
        match field.get() {
            Some(dict) => dict.set_name(self, self.intern_str(name), value),
            None => Ok(()),
        }
    }
}
