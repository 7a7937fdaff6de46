//! Numbers.
pub mod complex;
pub mod float;
pub mod hash;
pub mod int;
pub use int::{Int, IntRef};
