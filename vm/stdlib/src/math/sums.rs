//! Sums, products and distances of many numbers.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::iter as iteration;
use countless_vm::object::protocol::number::{self, BinaryOperator, to_float};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::{float, int};

use super::c;

/// Exact sums of floats, after Shewchuk: the sum is the parts', which do not overlap and grow in magnitude.
#[derive(Default)]
struct Partials(Vec<f64>);

impl Partials {
    /// Adds; false on overflow.
    fn add(&mut self, mut x: f64) -> bool {
        let mut kept = 0;
        for index in 0..self.0.len() {
            let mut y = self.0[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.0[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.0.truncate(kept);
        if !x.is_finite() {
            return false;
        }
        if x != 0.0 {
            self.0.push(x);
        }
        true
    }

    /// The sum, rounded once.
    fn round(&self) -> f64 {
        let Some((&last, rest)) = self.0.split_last() else { return 0.0 };
        let (mut high, mut low) = (last, 0.0);
        let mut index = rest.len();
        while index > 0 {
            index -= 1;
            let (x, y) = (high, rest[index]);
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // Half way between two floats: what is left decides.
        if index > 0 && ((low < 0.0 && rest[index - 1] < 0.0) || (low > 0.0 && rest[index - 1] > 0.0)) {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
        high
    }
}

pub(super) fn fsum(cx: &Cx, _module: Value, iterable: Value) -> PyResult {
    let mut partials = Partials::default();
    let (mut special, mut infinite) = (0.0, 0.0);
    iteration::for_each(cx, iterable, |item| {
        let x = to_float(cx, item)?;
        if !x.is_finite() {
            if x.is_infinite() {
                infinite += x;
            }
            special += x;
        } else if !partials.add(x) {
            return Err(cx.overflow_error("intermediate overflow in fsum"));
        }
        Ok(())
    })?;
    if special != 0.0 || f64::is_nan(special) {
        if f64::is_nan(infinite) {
            return Err(cx.value_error("-inf + inf in fsum"));
        }
        return Ok(cx.new_float(special));
    }
    Ok(cx.new_float(partials.round()))
}

static PROD: Signature<2> =
    Signature::new("prod", ["iterable", "start"]).required(1).positional_only(1).keyword_only_from(1);

pub(super) fn prod(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [iterable, start] = PROD.bind(cx, args)?;
    let mut total = start.unwrap_or(Value::int(1));
    let iterator = iteration::get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    while let Some(item) = iteration::next(cx, iterator)? {
        total = multiply(cx, total, item)?;
    }
    Ok(total)
}

fn multiply(cx: &Cx, left: Value, right: Value) -> PyResult {
    if Value::both_small_ints(left, right)
        && let Some(product) = Value::multiply_small(left, right)
    {
        return Ok(product);
    }
    if let (Some(left), Some(right)) = (left.as_inline_float(), right.as_inline_float()) {
        return Ok(cx.new_float(left * right));
    }
    number::binary(cx, left, right, BinaryOperator::Multiply)
}

/// A number of three times the precision of a float.
#[derive(Clone, Copy, Default)]
struct Triple {
    high: f64,
    low: f64,
    tiny: f64,
}

/// A sum or product and its rounding error.
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let z = sum - a;
    (sum, (a - (sum - z)) + (b - z))
}

fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, c::fma(a, b, -product))
}

impl Triple {
    fn multiply_add(self, x: f64, y: f64) -> Triple {
        let (product, product_error) = exact_product(x, y);
        let (high, high_error) = exact_sum(self.high, product);
        let (low, low_error) = exact_sum(self.low, product_error);
        let (low, low_carry) = exact_sum(low, high_error);
        Triple { high, low, tiny: self.tiny + low_error + low_carry }
    }

    fn round(self) -> f64 {
        let (high, error) = exact_sum(self.high, self.low);
        high + (self.tiny + error)
    }
}

/// A running sum of products, kept in the quickest form that the items allow.
struct ProductSum {
    total: Value,
    ints: Option<i128>,
    floats: Option<Triple>,
}

impl ProductSum {
    fn flush_ints(&mut self, cx: &Cx) -> PyResult<()> {
        if let Some(sum) = self.ints.take() {
            self.total = number::binary(cx, self.total, cx.new_int_from_i128(sum), BinaryOperator::Add)?;
        }
        Ok(())
    }

    fn flush_floats(&mut self, cx: &Cx) -> PyResult<()> {
        if let Some(sum) = self.floats.take() {
            self.total = number::binary(cx, self.total, cx.new_float(sum.round()), BinaryOperator::Add)?;
        }
        Ok(())
    }

    fn add(&mut self, cx: &Cx, left: Value, right: Value) -> PyResult<()> {
        if let (Some(a), Some(b)) = (left.as_small_int(), right.as_small_int())
            && self.floats.is_none()
        {
            let product = i128::from(a) * i128::from(b);
            if let Some(sum) = self.ints.unwrap_or(0).checked_add(product) {
                self.ints = Some(sum);
                return Ok(());
            }
        }
        self.flush_ints(cx)?;
        let number_of = |value: Value| -> Option<f64> {
            match float::exact_f64(value) {
                Some(float) => Some(float),
                None => {
                    int::is_int(cx, value).then(|| match value.as_small_int().or(value.as_bool().map(i64::from)) {
                        Some(int) => Some(int as f64),
                        None => int::to_f64(cx, value).map_err(|raised| cx.take_exception(raised)).ok(),
                    })?
                }
            }
        };
        if (float::exact_f64(left).is_some() || float::exact_f64(right).is_some())
            && let (Some(a), Some(b)) = (number_of(left), number_of(right))
        {
            let sum = self.floats.unwrap_or_default().multiply_add(a, b);
            if sum.high.is_finite() {
                self.floats = Some(sum);
                return Ok(());
            }
        }
        self.flush_floats(cx)?;
        let product = number::binary(cx, left, right, BinaryOperator::Multiply)?;
        self.total = number::binary(cx, self.total, product, BinaryOperator::Add)?;
        Ok(())
    }
}

pub(super) fn sumprod(cx: &Cx, _module: Value, left: Value, right: Value) -> PyResult {
    let (left, right) = (iteration::get_iter(cx, left)?, iteration::get_iter(cx, right)?);
    let mut sum = ProductSum { total: Value::int(0), ints: None, floats: None };
    loop {
        match (iteration::next(cx, left)?, iteration::next(cx, right)?) {
            (Some(a), Some(b)) => sum.add(cx, a, b)?,
            (None, None) => break,
            _ => return Err(cx.value_error("Inputs are not the same length")),
        }
    }
    sum.flush_ints(cx)?;
    sum.flush_floats(cx)?;
    Ok(sum.total)
}

/// The length of a vector of magnitudes: scaled by a power of two, summed and corrected in twice the precision.
fn vector_norm(vector: &mut [f64], max: f64, found_nan: bool) -> f64 {
    if max.is_infinite() {
        return max;
    }
    if found_nan {
        return f64::NAN;
    }
    if max == 0.0 || vector.len() <= 1 {
        return max;
    }
    let (_, exponent) = c::frexp(max);
    if exponent < -1023 {
        // Even the scale would overflow: up from the subnormals first.
        vector.iter_mut().for_each(|x| *x /= f64::MIN_POSITIVE);
        return f64::MIN_POSITIVE * vector_norm(vector, max / f64::MIN_POSITIVE, found_nan);
    }
    let scale = c::ldexp(1.0, -exponent);
    let (mut sum, mut low_products, mut low_sums) = (1.0, 0.0, 0.0);
    let mut add = |product: (f64, f64)| {
        let total = sum + product.0;
        low_sums += (sum - total) + product.0;
        sum = total;
        low_products += product.1;
        (sum, low_products + low_sums)
    };
    let mut totals = (1.0, 0.0);
    for &x in vector.iter() {
        let x = x * scale;
        totals = add(exact_product(x, x));
    }
    let mut root = (totals.0 - 1.0 + totals.1).sqrt();
    let totals = add(exact_product(-root, root));
    let rest = totals.0 - 1.0 + totals.1;
    root += rest / (2.0 * root);
    root / scale
}

fn norm_of(mut vector: Vec<f64>) -> f64 {
    let (mut max, mut found_nan) = (0.0, false);
    for x in &mut vector {
        *x = x.abs();
        found_nan |= x.is_nan();
        if *x > max {
            max = *x;
        }
    }
    vector_norm(&mut vector, max, found_nan)
}

pub(super) fn hypot(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "math.hypot")?;
    let vector = args.iter().map(|value| to_float(cx, value)).collect::<PyResult<Vec<f64>>>()?;
    Ok(cx.new_float(norm_of(vector)))
}

pub(super) fn dist(cx: &Cx, _module: Value, p: Value, q: Value) -> PyResult {
    let (p, q) = (iteration::to_tuple(cx, p)?, iteration::to_tuple(cx, q)?);
    if p.len() != q.len() {
        return Err(cx.value_error("both points must have the same number of dimensions"));
    }
    let mut vector = Vec::with_capacity(p.len());
    for (a, b) in p.iter().zip(q.iter()) {
        vector.push(to_float(cx, a)? - to_float(cx, b)?);
    }
    Ok(cx.new_float(norm_of(vector)))
}
