//! `_sha3`: the Keccak family.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, ModuleDef, TypeDef, TypeFlags};
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Layout, TypeId, drop_cell};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::type_object::TypeObject;
use digest::{Digest, ExtendableOutput, Update, XofReader};

use super::object::{Algorithm, Family, Hash, LAYOUT, METHODS, VARIABLE_METHODS, construct};

struct Fixed<D>(D);

impl<D: Digest + Clone + Send + 'static> Algorithm for Fixed<D> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn digest(&self, _length: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }

    fn duplicate(&self) -> Box<dyn Algorithm> {
        Box::new(Fixed(self.0.clone()))
    }
}

struct Variable<D>(D);

impl<D: ExtendableOutput + Update + Clone + Send + 'static> Algorithm for Variable<D> {
    fn update(&mut self, data: &[u8]) {
        Update::update(&mut self.0, data);
    }

    fn digest(&self, length: usize) -> Vec<u8> {
        let mut digest = vec![0; length];
        self.0.clone().finalize_xof().read(&mut digest);
        digest
    }

    fn duplicate(&self) -> Box<dyn Algorithm> {
        Box::new(Variable(self.0.clone()))
    }
}

/// Bits of the sponge's state.
const STATE_BITS: usize = 1600;

fn rate_bits(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    Ok(Value::length(hash.family(cx)?.block_size * 8))
}

fn capacity_bits(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    Ok(Value::length(STATE_BITS - hash.family(cx)?.block_size * 8))
}

fn suffix(cx: &Cx, hash: Ref<Hash>) -> PyResult {
    let suffix: &[u8] = if hash.family(cx)?.digest_size == 0 { b"\x1f" } else { b"\x06" };
    Ok(cx.new_bytes(suffix).value())
}

static SPONGE_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("block_size", |cx, hash: Ref<Hash>| Ok(Value::length(hash.family(cx)?.block_size)), ""),
    GetSet::read_only("name", |cx, hash: Ref<Hash>| Ok(cx.new_str(hash.family(cx)?.name).value()), ""),
    GetSet::read_only("digest_size", |cx, hash: Ref<Hash>| Ok(Value::length(hash.family(cx)?.digest_size)), ""),
    GetSet::read_only("_capacity_bits", capacity_bits, ""),
    GetSet::read_only("_rate_bits", rate_bits, ""),
    GetSet::read_only("_suffix", suffix, ""),
];

macro_rules! algorithms {
    ($($make:expr => $new:ident, $name:literal, $size:literal, $block:literal, $methods:expr,
        $layout:ident, $type:ident, $family:ident, $signature:ident;)*) => {
        $(
            static $layout: Layout =
                Layout::of::<Hash>($name, TypeId::FREE, Some(&LAYOUT)).with_drop(drop_cell::<Hash>);

            static $type: TypeDef = TypeDef {
                module: "_sha3",
                doc: concat!($name, "(data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new hash object, fed with the data."),
                slots: Slots { new: Some($new), ..Slots::NONE },
                flags: TypeFlags::MUTABLE,
                methods: $methods,
                attributes: SPONGE_ATTRIBUTES,
                ..TypeDef::new($name, &$layout)
            };

            static $family: Family =
                Family { name: $name, digest_size: $size, block_size: $block, make: || Box::new($make) };

            static $signature: Signature<3> =
                Signature::new($name, ["data", "usedforsecurity", "string"]).keyword_only_from(1);

            fn $new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
                construct(cx, &$type, &$family, &$signature, args)
            }
        )*
    };
}

algorithms! {
    Fixed(sha3::Sha3_224::new()) => new_224, "sha3_224", 28, 144, METHODS, LAYOUT_224, TYPE_224, FAMILY_224, SIGNATURE_224;
    Fixed(sha3::Sha3_256::new()) => new_256, "sha3_256", 32, 136, METHODS, LAYOUT_256, TYPE_256, FAMILY_256, SIGNATURE_256;
    Fixed(sha3::Sha3_384::new()) => new_384, "sha3_384", 48, 104, METHODS, LAYOUT_384, TYPE_384, FAMILY_384, SIGNATURE_384;
    Fixed(sha3::Sha3_512::new()) => new_512, "sha3_512", 64, 72, METHODS, LAYOUT_512, TYPE_512, FAMILY_512, SIGNATURE_512;
    Variable(shake::Shake128::default()) => new_shake128, "shake_128", 0, 168, VARIABLE_METHODS, LAYOUT_SHAKE128, TYPE_SHAKE128, FAMILY_SHAKE128, SIGNATURE_SHAKE128;
    Variable(shake::Shake256::default()) => new_shake256, "shake_256", 0, 136, VARIABLE_METHODS, LAYOUT_SHAKE256, TYPE_SHAKE256, FAMILY_SHAKE256, SIGNATURE_SHAKE256;
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "_GIL_MINSIZE", Value::int(2048))?;
    cx.add_to_module(module, "implementation", cx.new_str("RustCrypto").value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_sha3",
    doc: "",
    functions: &[],
    types: &[&TYPE_224, &TYPE_256, &TYPE_384, &TYPE_512, &TYPE_SHAKE128, &TYPE_SHAKE256],
    execute: Some(execute),
};
