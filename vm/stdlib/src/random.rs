//! `_random`: the Mersenne Twister MT19937, with CPython's seeding.

use std::sync::Mutex;

use countless_common::number::int::{self as algorithms, ByteOrder};
use countless_common::number::{Int as Number, IntRef};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;

use crate::support::native::lock;

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// The generator.
struct Twister {
    state: [u32; SIZE],
    /// The next word to be given out.
    index: usize,
}

impl Twister {
    fn seed_word(&mut self, seed: u32) {
        self.state[0] = seed;
        for index in 1..SIZE {
            let last = self.state[index - 1];
            self.state[index] = 1_812_433_253u32.wrapping_mul(last ^ last >> 30).wrapping_add(index as u32);
        }
        self.index = SIZE;
    }

    fn seed(&mut self, key: &[u32]) {
        self.seed_word(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            let last = self.state[i - 1];
            let mixed = self.state[i] ^ (last ^ last >> 30).wrapping_mul(1_664_525);
            self.state[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= SIZE {
                self.state[0] = self.state[SIZE - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..SIZE - 1 {
            let last = self.state[i - 1];
            let mixed = self.state[i] ^ (last ^ last >> 30).wrapping_mul(1_566_083_941);
            self.state[i] = mixed.wrapping_sub(i as u32);
            i += 1;
            if i >= SIZE {
                self.state[0] = self.state[SIZE - 1];
                i = 1;
            }
        }
        self.state[0] = 0x8000_0000;
    }

    fn refill(&mut self) {
        let state = &mut self.state;
        for index in 0..SIZE {
            let pair = state[index] & 0x8000_0000 | state[(index + 1) % SIZE] & 0x7fff_ffff;
            let twist = if pair & 1 == 0 { 0 } else { 0x9908_b0df };
            state[index] = state[(index + MIDDLE) % SIZE] ^ pair >> 1 ^ twist;
        }
        self.index = 0;
    }

    fn next(&mut self) -> u32 {
        if self.index >= SIZE {
            self.refill();
        }
        let mut word = self.state[self.index];
        self.index += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^ word >> 18
    }

    fn next_float(&mut self) -> f64 {
        let (high, low) = (self.next() >> 5, self.next() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) * (1.0 / 9_007_199_254_740_992.0)
    }
}

native_cell! {
    /// The cell. The lock is held for computations only.
    struct Random("_random.Random", LAYOUT) {
        traced {}
        plain { twister: Option<Box<Mutex<Twister>>>, }
    }
}

impl Random {
    fn twister(&self, cx: &Cx) -> PyResult<&Mutex<Twister>> {
        match &self.twister {
            Some(twister) => Ok(twister),
            None => Err(cx.runtime_error("the generator is not initialized")),
        }
    }
}

/// The words that a seed stands for.
fn key_words(cx: &Cx, seed: Option<Value>) -> PyResult<Vec<u32>> {
    let Some(seed) = seed.and_then(Value::not_none) else { return Ok(random_key()) };
    let magnitude = if seed.is_small_int() || int::is_int(cx, seed) {
        match int::to_number(cx, seed) {
            Some(number) => algorithms::absolute(number.as_ref()),
            None => Number::ZERO,
        }
    } else {
        Number::from(object::hash(cx, seed)? as u64)
    };
    if let Some(word) = magnitude.as_ref().to_u64() {
        return Ok(if word >> 32 == 0 { vec![word as u32] } else { vec![word as u32, (word >> 32) as u32] });
    }
    let bits = algorithms::bit_length(magnitude.as_ref());
    let length = bits.div_ceil(32) as usize * 4;
    let bytes = algorithms::to_bytes(magnitude.as_ref(), length, ByteOrder::Little, false)
        .map_err(|failure| cx.raise_failure(failure))?;
    Ok(bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect())
}

/// A key from the system's source of randomness.
fn random_key() -> Vec<u32> {
    use std::hash::{BuildHasher, Hasher};
    let mut bytes = vec![0u8; SIZE * 4];
    let read =
        std::fs::File::open("/dev/urandom").and_then(|mut file| std::io::Read::read_exact(&mut file, &mut bytes));
    if read.is_err() {
        // Without it, the library's own random keys have to do.
        for chunk in bytes.chunks_mut(8) {
            let word = std::hash::RandomState::new().build_hasher().finish().to_le_bytes();
            let length = chunk.len();
            chunk.copy_from_slice(&word[..length]);
        }
    }
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    // What is not seeded begins with zeros.
    let twister = Box::new(Mutex::new(Twister { state: [0; SIZE], index: SIZE }));
    Ok(cx.allocate_instance(class, Random { header: Default::default(), twister: Some(twister) }).value())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let random = this::<Random>(cx, value);
    if cx.type_of(value).layout().id() == cx.type_of(value).instance_id() {
        args.no_keywords(cx, "Random")?;
    }
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "Random expected at most 1 argument, got {}", args.len()));
    }
    let key = key_words(cx, args.get(0))?;
    lock(cx, random.twister(cx)?).seed(&key);
    Ok(())
}

fn random(cx: &Cx, random: Ref<Random>) -> PyResult {
    let float = lock(cx, random.twister(cx)?).next_float();
    Ok(cx.new_float(float))
}

fn seed(cx: &Cx, random: Ref<Random>, args: Args<'_>) -> PyResult {
    let [seed] = args.between::<1>(cx, "seed", 0)?;
    let key = key_words(cx, seed)?;
    lock(cx, random.twister(cx)?).seed(&key);
    Ok(Value::NONE)
}

fn getrandbits(cx: &Cx, random: Ref<Random>, count: Value) -> PyResult {
    let count = number::index(cx, count)?;
    let Some(view) = int::view(cx, &count) else { return Err(cx.type_error("an integer is required")) };
    if view.is_negative() {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    let Some(bits) = view.to_u64() else {
        return Err(raise!(cx, OverflowError, "Python int too large for C uint64_t"));
    };
    let twister = random.twister(cx)?;
    if bits <= 32 {
        let word = if bits == 0 { 0 } else { lock(cx, twister).next() >> (32 - bits) };
        return Ok(Value::int(word.into()));
    }
    let words = bits.div_ceil(32) as usize;
    let mut bytes = Vec::new();
    if bits > countless_common::MAX_BYTES as u64 * 8 || bytes.try_reserve_exact(words * 4).is_err() {
        return Err(cx.memory_error());
    }
    let mut left = bits;
    while left > 0 {
        let mut twister = lock(cx, twister);
        // Long runs give others a chance now and then.
        for _ in 0..4096 {
            if left == 0 {
                break;
            }
            let word = twister.next() >> (32 - left.min(32));
            bytes.extend_from_slice(&word.to_le_bytes());
            left -= left.min(32);
        }
        drop(twister);
        cx.poll()?;
    }
    Ok(cx.new_int(algorithms::from_bytes(&bytes, ByteOrder::Little, false)))
}

fn getstate(cx: &Cx, random: Ref<Random>) -> PyResult {
    let (state, index) = {
        let twister = lock(cx, random.twister(cx)?);
        (twister.state, twister.index)
    };
    let values: [Value; SIZE + 1] =
        std::array::from_fn(|at| if at < SIZE { Value::int(state[at].into()) } else { Value::length(index) });
    Ok(cx.new_tuple(&values).value())
}

fn word_of(cx: &Cx, value: Value) -> PyResult<u64> {
    let Some(view) = int::view(cx, &value) else {
        return Err(raise!(cx, TypeError, "an integer is required"));
    };
    if let IntRef::Small(small) = view
        && small < 0
    {
        return Err(raise!(cx, OverflowError, "can't convert negative value to unsigned int"));
    }
    view.to_u64()
        .ok_or(())
        .map_err(|()| raise!(cx, OverflowError, "Python int too large to convert to C unsigned long"))
}

fn setstate(cx: &Cx, random: Ref<Random>, state: Value) -> PyResult {
    let Some(state) = state.downcast::<Tuple>(cx) else { return Err(cx.type_error("state vector must be a tuple")) };
    if state.len() != SIZE + 1 {
        return Err(cx.value_error("state vector is the wrong size"));
    }
    let mut words = [0u32; SIZE];
    for (index, word) in words.iter_mut().enumerate() {
        *word = word_of(cx, state.get(index))? as u32;
    }
    let index = number::index_i64(cx, state.get(SIZE))?;
    let Some(index) = usize::try_from(index).ok().filter(|&index| index <= SIZE) else {
        return Err(cx.value_error("invalid state"));
    };
    let mut twister = lock(cx, random.twister(cx)?);
    twister.state = words;
    twister.index = index;
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::none("random", random, "random($self, /)\n--\n\nrandom() -> x in the interval [0, 1)."),
    Method::many(
        "seed",
        seed,
        "seed($self, n=None, /)\n--\n\nStart anew from a number, or from the system's randomness.\n\nOf other objects the hash is taken.",
    ),
    Method::none("getstate", getstate, "getstate($self, /)\n--\n\nThe internal state, for setstate()."),
    Method::one("setstate", setstate, "setstate($self, state, /)\n--\n\nTake up a state that getstate() gave."),
    Method::one(
        "getrandbits",
        getrandbits,
        "getrandbits($self, k, /)\n--\n\ngetrandbits(k) -> x.  Generates an int with k random bits.",
    ),
];

static TYPE: TypeDef = TypeDef {
    module: "_random",
    doc: "Random() -> create a random number generator with its own internal state.",
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE),
    slots: Slots { new: Some(new), init: Some(init), ..Slots::NONE },
    methods: METHODS,
    ..TypeDef::new("Random", &LAYOUT)
};

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_random",
    doc: "Module implements the Mersenne Twister random number generator.",
    functions: &[],
    types: &[&TYPE],
    execute: None,
};
