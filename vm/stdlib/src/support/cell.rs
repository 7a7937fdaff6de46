//! A short way to write the cell of a native module's type: its struct, its layout, and what the collector needs.

use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

/// Defines a cell and its layout. All fields under `traced` are reported to the collector; those under `plain` hold no
/// cells, and change only if they are atomics. All of them must be valid when zero.
///
/// ```ignore
/// cell! {
///     /// An iterator over pairs.
///     pub struct Pairs, PAIRS_LAYOUT = "itertools.pairwise" {
///         traced { iterator: Field, last: Field }
///         plain { started: AtomicBool }
///     }
/// }
/// ```
macro_rules! cell {
    (
        $(#[$meta:meta])*
        pub struct $name:ident, $layout:ident = $text:literal {
            traced { $($(#[$traced_meta:meta])* $traced:ident: $traced_type:ty),* $(,)? }
            plain { $($(#[$plain_meta:meta])* $plain:ident: $plain_type:ty),* $(,)? }
        }
    ) => {
        $(#[$meta])*
        #[repr(C)]
        pub struct $name {
            header: countless_vm::gc::Header,
            $($(#[$traced_meta])* $traced: $traced_type,)*
            $($(#[$plain_meta])* $plain: $plain_type,)*
        }

        static $layout: countless_vm::object::cell::Layout = countless_vm::object::cell::Layout::of::<$name>(
            $text,
            countless_vm::types::TypeId::FREE,
            Some(&countless_vm::types::object::LAYOUT),
        );

        // SAFETY: `repr(C)`, header first; zero is valid for the fields the macro admits, and the traced ones are reported.
        unsafe impl countless_vm::object::cell::Cell for $name {
            fn layout() -> &'static countless_vm::object::cell::Layout {
                &$layout
            }

            fn trace(&self, _tracer: &mut countless_vm::gc::Tracer<'_>) {
                $(self.$traced.trace(_tracer);)*
            }
        }

        impl $name {
            /// The receiver of a slot's function.
            #[inline(always)]
            #[allow(dead_code)]
            fn of(value: countless_vm::object::value::Value) -> countless_vm::object::cell::Ref<$name> {
                // SAFETY: the slots of a type are called with its instances only.
                unsafe { countless_vm::object::cell::Ref::from_value_unchecked(value) }
            }
        }
    };
}

pub(crate) use cell;

/// The slot `iter` of iterators.
pub fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}
