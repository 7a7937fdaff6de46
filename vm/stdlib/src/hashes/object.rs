//! The cell of hash objects, shared by all algorithms: each class has a layout of its own that is this one.

use std::sync::Mutex;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;

use crate::support::native::lock;

/// An algorithm at work.
pub trait Algorithm: Send {
    /// Takes more data.
    fn update(&mut self, data: &[u8]);
    /// The digest so far; `length` counts for algorithms of variable length only.
    fn digest(&self, length: usize) -> Vec<u8>;
    /// The same state once more.
    fn duplicate(&self) -> Box<dyn Algorithm>;
}

/// What a class of hash objects is about.
pub struct Family {
    /// As `hash.name`.
    pub name: &'static str,
    /// Bytes; 0 if variable.
    pub digest_size: usize,
    /// Bytes.
    pub block_size: usize,
    /// A fresh state.
    pub make: fn() -> Box<dyn Algorithm>,
}

native_cell! {
    /// The cell. The lock is held for computations only.
    pub struct Hash("hash object", LAYOUT) {
        traced {}
        plain {
            family: Option<&'static Family>,
            /// Bytes of the digest; 0 if variable.
            digest_size: usize,
            state: Option<Box<Mutex<Box<dyn Algorithm>>>>,
        }
    }
}

/// Data of more bytes is hashed in parts, detached.
const LONG: usize = 1 << 16;

/// A hash object of a class.
pub fn new_hash(
    cx: &Cx,
    class: Ref<TypeObject>,
    family: &'static Family,
    digest_size: usize,
    state: Box<dyn Algorithm>,
) -> Ref<Hash> {
    let state = Some(Box::new(Mutex::new(state)));
    cx.allocate_instance(class, Hash { header: Default::default(), family: Some(family), digest_size, state })
}

impl Hash {
    fn state(&self, cx: &Cx) -> PyResult<&Mutex<Box<dyn Algorithm>>> {
        match &self.state {
            Some(state) => Ok(state),
            None => Err(cx.runtime_error("the hash object is not initialized")),
        }
    }

    /// What the object's class is about.
    pub fn family(&self, cx: &Cx) -> PyResult<&'static Family> {
        self.family.ok_or(()).map_err(|()| cx.runtime_error("the hash object is not initialized"))
    }

    /// Takes more data.
    pub fn add(&self, cx: &Cx, data: &[u8]) -> PyResult<()> {
        let mut state = lock(cx, self.state(cx)?);
        if data.len() <= LONG {
            state.update(data);
            return Ok(());
        }
        // Cells must not be read while detached: a part at a time is copied.
        for part in data.chunks(16 * LONG) {
            let part = part.to_vec();
            let state = &mut *state;
            cx.mutator().detached(move || state.update(&part));
        }
        Ok(())
    }
}

/// The bytes to be hashed: TypeError for text and for what has no buffer.
pub fn data_of(cx: &Cx, value: Value) -> PyResult<ByteView> {
    if value.downcast::<Str>(cx).is_some() {
        return Err(cx.type_error("Strings must be encoded before hashing"));
    }
    match ByteView::of_buffer(cx, value)? {
        Some(data) => Ok(data),
        None => Err(cx.type_error("object supporting the buffer API required")),
    }
}

/// The data of a constructor, which may be given as `data` or (by keyword) as `string`.
pub fn constructor_data(cx: &Cx, data: Option<Value>, string: Option<Value>) -> PyResult<Option<Value>> {
    match (data, string) {
        (Some(_), Some(string)) if !string.is_none() => Err(cx.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for \
             removal in a future version.",
        )),
        (None, string) => Ok(string.and_then(Value::not_none)),
        (data, _) => Ok(data),
    }
}

/// What a constructor of an algorithm without parameters does.
pub fn construct(
    cx: &Cx,
    class: &'static TypeDef,
    family: &'static Family,
    signature: &Signature<3>,
    args: Args<'_>,
) -> PyResult {
    let [data, secure, string] = signature.bind(cx, args)?;
    if let Some(secure) = secure {
        object::is_true(cx, secure)?;
    }
    let class = native_type(cx, class)?;
    let hash = new_hash(cx, class, family, family.digest_size, (family.make)());
    if let Some(data) = constructor_data(cx, data, string)? {
        hash.add(cx, &data_of(cx, data)?)?;
    }
    Ok(hash.value())
}

fn update(cx: &Cx, hash: Ref<Hash>, data: Value) -> PyResult {
    hash.add(cx, &data_of(cx, data)?)?;
    Ok(Value::NONE)
}

fn digest(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    let digest = lock(cx, hash.state(cx)?).digest(hash.digest_size);
    Ok(cx.try_new_bytes(&digest)?.value())
}

/// Lower case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn hexdigest(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    let digest = lock(cx, hash.state(cx)?).digest(hash.digest_size);
    Ok(cx.new_str(&hex(&digest)).value())
}

fn copy(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    let state = lock(cx, hash.state(cx)?).duplicate();
    Ok(new_hash(cx, cx.type_of(hash.value()), hash.family(cx)?, hash.digest_size, state).value())
}

/// The digest of a length that the program chose.
fn long_digest(cx: &Cx, hash: Ref<Hash>, length: Value) -> PyResult<Vec<u8>> {
    let length = number::index(cx, length)?;
    let Some(view) = int::view(cx, &length) else { return Err(cx.type_error("an integer is required")) };
    if view.is_negative() {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    match view.to_usize().filter(|&length| length < 1 << 29) {
        Some(length) => Ok(lock(cx, hash.state(cx)?).digest(length)),
        None => Err(cx.value_error("length is too large")),
    }
}

static DIGEST: Signature<1> = Signature::new("digest", ["length"]).required(1);
static HEXDIGEST: Signature<1> = Signature::new("hexdigest", ["length"]).required(1);

fn digest_of_length(cx: &Cx, hash: Ref<Hash>, args: Args<'_>) -> PyResult {
    let [length] = DIGEST.bind(cx, args)?;
    let digest = long_digest(cx, hash, length.unwrap_or(Value::NONE))?;
    Ok(cx.try_new_bytes(&digest)?.value())
}

fn hexdigest_of_length(cx: &Cx, hash: Ref<Hash>, args: Args<'_>) -> PyResult {
    let [length] = HEXDIGEST.bind(cx, args)?;
    let digest = long_digest(cx, hash, length.unwrap_or(Value::NONE))?;
    Ok(cx.new_str(&hex(&digest)).value())
}

/// Methods of hashes of fixed length.
pub static METHODS: &[Method] = &[
    Method::none("copy", copy, "copy($self, /)\n--\n\nA copy of the hash object."),
    Method::none("digest", digest, "digest($self, /)\n--\n\nThe digest of the data so far, as bytes."),
    Method::none(
        "hexdigest",
        hexdigest,
        "hexdigest($self, /)\n--\n\nThe digest of the data so far, as hexadecimal digits.",
    ),
    Method::one("update", update, "update($self, obj, /)\n--\n\nTake more data."),
];

/// Methods of hashes of variable length.
pub static VARIABLE_METHODS: &[Method] = &[
    Method::none("copy", copy, "copy($self, /)\n--\n\nA copy of the hash object."),
    Method::many(
        "digest",
        digest_of_length,
        "digest($self, /, length)\n--\n\nSo many bytes of the digest of the data so far.",
    ),
    Method::many(
        "hexdigest",
        hexdigest_of_length,
        "hexdigest($self, /, length)\n--\n\nSo many bytes of the digest, as hexadecimal digits.",
    ),
    Method::one("update", update, "update($self, data, /)\n--\n\nTake more data."),
];

/// `name`, `digest_size` and `block_size`.
pub static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("block_size", |cx, hash: Ref<Hash>| Ok(Value::length(hash.family(cx)?.block_size)), ""),
    GetSet::read_only("name", |cx, hash: Ref<Hash>| Ok(cx.new_str(hash.family(cx)?.name).value()), ""),
    GetSet::read_only("digest_size", |_cx, hash: Ref<Hash>| Ok(Value::length(hash.digest_size)), ""),
];
