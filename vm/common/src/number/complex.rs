//! Complex numbers.
use crate::Outcome;
use crate::wtf8::Wtf8;
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex { pub re: f64, pub im: f64 }
pub fn repr(z: Complex) -> String { todo!() }
pub fn parse(text: &Wtf8) -> Outcome<Complex> { todo!() }
pub fn mul(a: Complex, b: Complex) -> Complex { todo!() }
pub fn div(a: Complex, b: Complex) -> Outcome<Complex> { todo!() }
pub fn pow(a: Complex, b: Complex) -> Outcome<Complex> { todo!() }
pub fn abs(a: Complex) -> Outcome<f64> { todo!() }
