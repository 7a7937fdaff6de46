//! `_blake2`: BLAKE2b and BLAKE2s with all their parameters.

use countless_common::number::IntRef;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{ModuleDef, TypeDef, TypeFlags};
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Layout, TypeId, drop_cell};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int;
use countless_vm::types::module::Module;
use countless_vm::types::type_object::TypeObject;

use super::object::{ATTRIBUTES, Algorithm, Family, Hash, LAYOUT, METHODS, constructor_data, data_of, new_hash};

struct Wide(blake2b_simd::State);
struct Narrow(blake2s_simd::State);

macro_rules! algorithm {
    ($type:ty, $name:ident) => {
        impl Algorithm for $type {
            fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }

            fn digest(&self, _length: usize) -> Vec<u8> {
                self.0.finalize().as_bytes().to_vec()
            }

            fn duplicate(&self) -> Box<dyn Algorithm> {
                Box::new($name(self.0.clone()))
            }
        }
    };
}

algorithm!(Wide, Wide);
algorithm!(Narrow, Narrow);

static WIDE: Family =
    Family { name: "blake2b", digest_size: 64, block_size: 128, make: || Box::new(Wide(blake2b_simd::State::new())) };

static NARROW: Family =
    Family { name: "blake2s", digest_size: 32, block_size: 64, make: || Box::new(Narrow(blake2s_simd::State::new())) };

const PARAMETERS: [&str; 14] = [
    "data",
    "digest_size",
    "key",
    "salt",
    "person",
    "fanout",
    "depth",
    "leaf_size",
    "node_offset",
    "node_depth",
    "inner_size",
    "last_node",
    "usedforsecurity",
    "string",
];

static NEW_WIDE: Signature<14> = Signature::new("blake2b", PARAMETERS).keyword_only_from(1);
static NEW_NARROW: Signature<14> = Signature::new("blake2s", PARAMETERS).keyword_only_from(1);

/// The parameters, checked.
struct Parameters {
    digest_size: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf_size: u32,
    node_offset: u64,
    node_depth: u8,
    inner_size: usize,
    last_node: bool,
}

fn limited(
    cx: &Cx,
    value: Option<Value>,
    name: &str,
    range: std::ops::RangeInclusive<i32>,
    default: i32,
) -> PyResult<u8> {
    let Some(value) = value else { return Ok(default as u8) };
    let value = cx.c_int_argument(value)?;
    if !range.contains(&value) {
        return Err(raise!(cx, ValueError, "{name} must be between {} and {}", range.start(), range.end()));
    }
    Ok(value as u8)
}

fn unsigned(cx: &Cx, value: Option<Value>) -> PyResult<u64> {
    let Some(value) = value else { return Ok(0) };
    let value = number::index(cx, value)?;
    let Some(view) = int::view(cx, &value) else { return Err(cx.type_error("an integer is required")) };
    if let IntRef::Small(i64::MIN..0) = view {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    match view.to_u64() {
        Some(number) => Ok(number),
        None if view.is_negative() => Err(cx.value_error("Cannot convert negative int")),
        None => Err(raise!(cx, OverflowError, "Python int too large for C unsigned long long")),
    }
}

fn bytes(cx: &Cx, value: Option<Value>, name: &str, most: usize) -> PyResult<Vec<u8>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let bytes = ByteView::new(cx, value)?;
    if bytes.len() > most {
        return Err(raise!(cx, ValueError, "maximum {name} length is {most} bytes"));
    }
    Ok(bytes.to_vec())
}

fn checked_digest_size(cx: &Cx, digest_size: Option<Value>, most: usize) -> PyResult<usize> {
    let size = match digest_size {
        Some(size) => cx.c_int_argument(size)?,
        None => most as i32,
    };
    if size < 1 || size > most as i32 {
        let name = if most == 64 { "Blake2b" } else { "Blake2s" };
        return Err(raise!(
            cx,
            ValueError,
            "digest_size for {name} must be between 1 and {most} bytes, here it is {size}"
        ));
    }
    Ok(size as usize)
}

fn parameters(cx: &Cx, family: &Family, values: [Option<Value>; 14]) -> PyResult<Parameters> {
    let [
        _,
        digest_size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner_size,
        last_node,
        ..,
    ] = values;
    let (most, small) = (family.digest_size, family.digest_size / 4);
    let digest_size = checked_digest_size(cx, digest_size, most)?;
    let salt = bytes(cx, salt, "salt", small)?;
    let person = bytes(cx, person, "person", small)?;
    let fanout = limited(cx, fanout, "fanout", 0..=255, 1)?;
    let depth = limited(cx, depth, "depth", 1..=255, 1)?;
    let leaf_size = unsigned(cx, leaf_size)?;
    let Ok(leaf_size) = u32::try_from(leaf_size) else {
        return Err(raise!(cx, OverflowError, "leaf_size is too large"));
    };
    let node_offset = unsigned(cx, node_offset)?;
    if most == 32 && node_offset > 0xffff_ffff_ffff {
        return Err(raise!(cx, OverflowError, "node_offset is too large"));
    }
    let node_depth = limited(cx, node_depth, "node_depth", 0..=255, 0)?;
    let inner_size = match inner_size {
        Some(size) => cx.c_int_argument(size)?,
        None => 0,
    };
    let Some(inner_size) = usize::try_from(inner_size).ok().filter(|&size| size <= most) else {
        return Err(raise!(cx, ValueError, "inner_size must be between 0 and is {most}"));
    };
    let last_node = match last_node {
        Some(last) => object::is_true(cx, last)?,
        None => false,
    };
    let key = bytes(cx, key, "key", most)?;
    Ok(Parameters {
        digest_size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner_size,
        last_node,
    })
}

macro_rules! state {
    ($library:ident, $parameters:expr) => {{
        let parameters = $parameters;
        $library::Params::new()
            .hash_length(parameters.digest_size)
            .key(&parameters.key)
            .salt(&parameters.salt)
            .personal(&parameters.person)
            .fanout(parameters.fanout)
            .max_depth(parameters.depth)
            .max_leaf_length(parameters.leaf_size)
            .node_offset(parameters.node_offset)
            .node_depth(parameters.node_depth)
            .inner_hash_length(parameters.inner_size)
            .last_node(parameters.last_node)
            .to_state()
    }};
}

fn construct(
    cx: &Cx,
    class: Ref<TypeObject>,
    family: &'static Family,
    values: [Option<Value>; 14],
    make: fn(&Parameters) -> Box<dyn Algorithm>,
) -> PyResult {
    let [data, .., secure, string] = values;
    if let Some(secure) = secure {
        object::is_true(cx, secure)?;
    }
    let data = constructor_data(cx, data, string)?;
    let parameters = parameters(cx, family, values)?;
    let hash = new_hash(cx, class, family, parameters.digest_size, make(&parameters));
    if let Some(data) = data {
        hash.add(cx, &data_of(cx, data)?)?;
    }
    Ok(hash.value())
}

fn new_wide(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    construct(cx, class, &WIDE, NEW_WIDE.bind(cx, args)?, |parameters| Box::new(Wide(state!(blake2b_simd, parameters))))
}

fn new_narrow(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    construct(cx, class, &NARROW, NEW_NARROW.bind(cx, args)?, |parameters| {
        Box::new(Narrow(state!(blake2s_simd, parameters)))
    })
}

fn add_sizes(cx: &Cx, class: Ref<TypeObject>, digest_size: usize) -> PyResult<()> {
    let small = digest_size / 4;
    let sizes =
        [("SALT_SIZE", small), ("PERSON_SIZE", small), ("MAX_KEY_SIZE", digest_size), ("MAX_DIGEST_SIZE", digest_size)];
    for (name, size) in sizes {
        class.dict().set_name(cx, cx.intern_str(name), Value::length(size))?;
    }
    Ok(())
}

static WIDE_LAYOUT: Layout = Layout::of::<Hash>("blake2b", TypeId::FREE, Some(&LAYOUT)).with_drop(drop_cell::<Hash>);
static NARROW_LAYOUT: Layout = Layout::of::<Hash>("blake2s", TypeId::FREE, Some(&LAYOUT)).with_drop(drop_cell::<Hash>);

macro_rules! doc {
    ($name:literal) => {
        concat!(
            $name,
            "(data=b'', *, digest_size=_blake2.",
            $name,
            ".MAX_DIGEST_SIZE,\n        key=b'', salt=b'', person=b'', ",
            "fanout=1, depth=1, leaf_size=0,\n        node_offset=0, node_depth=0, inner_size=0, last_node=False,\n",
            "        usedforsecurity=True, string=None)\n--\n\nA new hash object, fed with the data."
        )
    };
}

static WIDE_TYPE: TypeDef = TypeDef {
    module: "_blake2",
    doc: doc!("blake2b"),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_wide), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    finish: Some(|cx, class| add_sizes(cx, class, 64)),
    ..TypeDef::new("blake2b", &WIDE_LAYOUT)
};

static NARROW_TYPE: TypeDef = TypeDef {
    module: "_blake2",
    doc: doc!("blake2s"),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_narrow), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    finish: Some(|cx, class| add_sizes(cx, class, 32)),
    ..TypeDef::new("blake2s", &NARROW_LAYOUT)
};

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let constants = [
        ("BLAKE2B_SALT_SIZE", 16),
        ("BLAKE2B_PERSON_SIZE", 16),
        ("BLAKE2B_MAX_KEY_SIZE", 64),
        ("BLAKE2B_MAX_DIGEST_SIZE", 64),
        ("BLAKE2S_SALT_SIZE", 8),
        ("BLAKE2S_PERSON_SIZE", 8),
        ("BLAKE2S_MAX_KEY_SIZE", 32),
        ("BLAKE2S_MAX_DIGEST_SIZE", 32),
        ("_GIL_MINSIZE", 2048),
    ];
    for (name, value) in constants {
        cx.add_to_module(module, name, Value::int(value))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_blake2",
    doc: "_blake2b provides BLAKE2b for hashlib\n",
    functions: &[],
    types: &[&WIDE_TYPE, &NARROW_TYPE],
    execute: Some(execute),
};
