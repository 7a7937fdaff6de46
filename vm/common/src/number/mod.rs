//! Numbers: int arithmetic, float and complex conversions, and hashes, all with CPython's results.

pub mod complex;
pub mod float;
pub mod hash;
pub mod int;

pub use complex::Complex;
pub use int::{Int, IntRef};
