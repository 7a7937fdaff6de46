//! What values are and what can be done with them, whatever their type: words, cells, shapes, slots, attributes, and
//! the protocols (`protocol`) that dispatch on a type's slots.

pub mod attribute;
pub mod cell;
pub mod dunder;
pub mod inline_cache;
pub mod instance;
pub mod native_cell;
pub mod protocol;
pub mod python_buffer;
pub mod recursion;
pub mod shape;
pub mod shared_bytes;
pub mod slots;
pub mod value;
