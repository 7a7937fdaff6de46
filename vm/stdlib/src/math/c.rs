//! The C library's functions that Rust's `f64` computes otherwise or not at all.

// SAFETY: the signatures are those of `math.h`; the functions have no requirements.
unsafe extern "C" {
    pub safe fn acosh(x: f64) -> f64;
    pub safe fn asinh(x: f64) -> f64;
    pub safe fn atanh(x: f64) -> f64;
    pub safe fn erf(x: f64) -> f64;
    pub safe fn erfc(x: f64) -> f64;
    pub safe fn ldexp(x: f64, exponent: i32) -> f64;
    pub safe fn remainder(x: f64, y: f64) -> f64;
    pub safe fn hypot(x: f64, y: f64) -> f64;
    pub safe fn fma(x: f64, y: f64, z: f64) -> f64;
}

/// A fraction of magnitude in [0.5, 1) and an exponent of two.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let exponent = |bits: u64| (bits >> 52 & 0x7ff) as i32;
    let (bits, shift) = match exponent(x.to_bits()) {
        0 => ((x * 18_014_398_509_481_984.0).to_bits(), 54),
        _ => (x.to_bits(), 0),
    };
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    (fraction, exponent(bits) - 1022 - shift)
}

/// The next float from `x` towards `y`.
pub fn next_after(x: f64, y: f64) -> f64 {
    match () {
        () if x.is_nan() || y.is_nan() => f64::NAN,
        () if x == y => y,
        () if x < y => x.next_up(),
        () => x.next_down(),
    }
}
