//! `_md5`, `_sha1` and `_sha2`.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Layout, TypeId, drop_cell};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use digest::Digest;

use super::object::{ATTRIBUTES, Algorithm, Family, Hash, LAYOUT, METHODS, construct};

/// An algorithm of the `digest` family of crates.
struct Plain<D>(D);

impl<D: Digest + Clone + Send + 'static> Algorithm for Plain<D> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn digest(&self, _length: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }

    fn duplicate(&self) -> Box<dyn Algorithm> {
        Box::new(Plain(self.0.clone()))
    }
}

macro_rules! algorithms {
    ($($algorithm:ty => $function:ident, $name:literal, $class:literal, $module:literal, $size:literal, $block:literal,
        $layout:ident, $type:ident, $family:ident, $signature:ident;)*) => {
        $(
            static $layout: Layout =
                Layout::of::<Hash>($name, TypeId::FREE, Some(&LAYOUT)).with_drop(drop_cell::<Hash>);

            static $type: TypeDef = TypeDef {
                module: $module,
                flags: TypeFlags::NO_NEW.with(TypeFlags::MUTABLE),
                methods: METHODS,
                attributes: ATTRIBUTES,
                ..TypeDef::new($class, &$layout)
            };

            static $family: Family = Family {
                name: $name,
                digest_size: $size,
                block_size: $block,
                make: || Box::new(Plain(<$algorithm>::new())),
            };

            static $signature: Signature<3> =
                Signature::new($name, ["data", "usedforsecurity", "string"]).keyword_only_from(1);

            fn $function(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
                construct(cx, &$type, &$family, &$signature, args)
            }
        )*
    };
}

algorithms! {
    md5::Md5 => md5_new, "md5", "md5", "_md5", 16, 64, MD5_LAYOUT, MD5_TYPE, MD5_FAMILY, MD5_SIGNATURE;
    sha1::Sha1 => sha1_new, "sha1", "sha1", "_sha1", 20, 64, SHA1_LAYOUT, SHA1_TYPE, SHA1_FAMILY, SHA1_SIGNATURE;
    sha2::Sha224 => sha224_new, "sha224", "SHA224Type", "_sha2", 28, 64, SHA224_LAYOUT, SHA224_TYPE, SHA224_FAMILY, SHA224_SIGNATURE;
    sha2::Sha256 => sha256_new, "sha256", "SHA256Type", "_sha2", 32, 64, SHA256_LAYOUT, SHA256_TYPE, SHA256_FAMILY, SHA256_SIGNATURE;
    sha2::Sha384 => sha384_new, "sha384", "SHA384Type", "_sha2", 48, 128, SHA384_LAYOUT, SHA384_TYPE, SHA384_FAMILY, SHA384_SIGNATURE;
    sha2::Sha512 => sha512_new, "sha512", "SHA512Type", "_sha2", 64, 128, SHA512_LAYOUT, SHA512_TYPE, SHA512_FAMILY, SHA512_SIGNATURE;
}

/// Data shorter than this is hashed without letting other threads run, in CPython; a constant of the modules.
const GIL_MINSIZE: i64 = 2048;

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "_GIL_MINSIZE", Value::int(GIL_MINSIZE))
}

fn execute_named(cx: &Cx, module: Ref<Module>, attribute: &str, class: &'static TypeDef) -> PyResult<()> {
    let class = countless_vm::runtime::bootstrap::native_type(cx, class)?;
    cx.add_to_module(module, attribute, class.value())?;
    execute(cx, module)
}

/// `_md5`.
pub static MD5: ModuleDef = ModuleDef {
    name: "_md5",
    doc: "",
    functions: &[Method::many(
        "md5",
        md5_new,
        "md5($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new MD5 hash object, fed with the data.",
    )],
    types: &[],
    execute: Some(|cx, module| execute_named(cx, module, "MD5Type", &MD5_TYPE)),
};

/// `_sha1`.
pub static SHA1: ModuleDef = ModuleDef {
    name: "_sha1",
    doc: "",
    functions: &[Method::many(
        "sha1",
        sha1_new,
        "sha1($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new SHA1 hash object, fed with the data.",
    )],
    types: &[],
    execute: Some(|cx, module| execute_named(cx, module, "SHA1Type", &SHA1_TYPE)),
};

/// `_sha2`.
pub static SHA2: ModuleDef = ModuleDef {
    name: "_sha2",
    doc: "",
    functions: &[
        Method::many(
            "sha224",
            sha224_new,
            "sha224($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new SHA-224 hash object, fed with the data.",
        ),
        Method::many(
            "sha256",
            sha256_new,
            "sha256($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new SHA-256 hash object, fed with the data.",
        ),
        Method::many(
            "sha384",
            sha384_new,
            "sha384($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new SHA-384 hash object, fed with the data.",
        ),
        Method::many(
            "sha512",
            sha512_new,
            "sha512($module, /, data=b'', *, usedforsecurity=True, string=None)\n--\n\nA new SHA-512 hash object, fed with the data.",
        ),
    ],
    types: &[&SHA224_TYPE, &SHA256_TYPE, &SHA384_TYPE, &SHA512_TYPE],
    execute: Some(execute),
};
