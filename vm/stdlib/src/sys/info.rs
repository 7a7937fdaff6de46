//! What does not change: version, limits, flags, the implementation.

use countless_vm::native::definition::TypeDef;
use countless_vm::object::attribute;
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, field};

const MAJOR: i64 = 3;
const MINOR: i64 = 14;
const MICRO: i64 = 10;
const RELEASE_LEVEL: &str = "final";
const HEX_VERSION: i64 = MAJOR << 24 | MINOR << 16 | MICRO << 8 | 0xf0;

/// A struct sequence type; `closed` ones cannot be called.
macro_rules! struct_type {
    (closed $name:ident, $($rest:tt)*) => {
        struct_type!(@structseq::without_new, $name, $($rest)*);
    };
    (@$finish:path, $(#[$meta:meta])* $name:ident, $layout:ident, $python:literal, $visible:literal, $doc:literal, [$($index:literal: $field:literal,)*]) => {
        static $layout: Layout = structseq::layout($python);
        $(#[$meta])*
        pub(super) static $name: TypeDef = $finish(structseq::definition(
            "sys",
            $python,
            $doc,
            &$layout,
            &[$(field::<$index>($field, ""),)*],
            |cx, class| structseq::finish(cx, class, $visible),
        ));
    };
    ($($all:tt)*) => {
        struct_type!(@std::convert::identity, $($all)*);
    };
}

struct_type!(closed VERSION_INFO, VERSION_INFO_LAYOUT, "version_info", 5, "The version of the language, as a tuple.",
    [0: "major", 1: "minor", 2: "micro", 3: "releaselevel", 4: "serial",]);
struct_type!(closed FLAGS, FLAGS_LAYOUT, "flags", 18, "What the command line and the environment set.",
    [0: "debug", 1: "inspect", 2: "interactive", 3: "optimize", 4: "dont_write_bytecode", 5: "no_user_site", 6: "no_site",
     7: "ignore_environment", 8: "verbose", 9: "bytes_warning", 10: "quiet", 11: "hash_randomization", 12: "isolated", 13: "dev_mode",
     14: "utf8_mode", 15: "warn_default_encoding", 16: "safe_path", 17: "int_max_str_digits", 18: "gil", 19: "thread_inherit_context",
     20: "context_aware_warnings",]);
struct_type!(FLOAT_INFO, FLOAT_INFO_LAYOUT, "float_info", 11, "The limits of floats.",
    [0: "max", 1: "max_exp", 2: "max_10_exp", 3: "min", 4: "min_exp", 5: "min_10_exp", 6: "dig", 7: "mant_dig", 8: "epsilon", 9: "radix",
     10: "rounds",]);
struct_type!(INT_INFO, INT_INFO_LAYOUT, "int_info", 4, "How ints are kept.",
    [0: "bits_per_digit", 1: "sizeof_digit", 2: "default_max_str_digits", 3: "str_digits_check_threshold",]);
struct_type!(HASH_INFO, HASH_INFO_LAYOUT, "hash_info", 9, "How hashes are computed.",
    [0: "width", 1: "modulus", 2: "inf", 3: "nan", 4: "imag", 5: "algorithm", 6: "hash_bits", 7: "seed_bits", 8: "cutoff",]);
struct_type!(THREAD_INFO, THREAD_INFO_LAYOUT, "thread_info", 3, "How threads are made.",
    [0: "name", 1: "lock", 2: "version",]);
struct_type!(
    /// The hooks of asynchronous generators.
    ASYNCGEN_HOOKS, ASYNCGEN_HOOKS_LAYOUT, "asyncgen_hooks", 2, "The hooks of asynchronous generators.",
    [0: "firstiter", 1: "finalizer",]);

/// The installation's prefix: what is above `lib/…` in the library's path.
pub(super) fn prefix(library_path: &str) -> String {
    match library_path.rfind("/lib/") {
        Some(end) => library_path[..end].to_owned(),
        None => library_path.to_owned(),
    }
}

/// `sys.stdlib_module_names`: what is at the top of the library, and the native modules.
pub(super) fn library_names(cx: &Cx) -> PyResult {
    let list = cx.new_list();
    for name in cx.vm().config.library.list("") {
        let module = name.strip_suffix(".py").unwrap_or(&name);
        let is_module =
            !module.contains('.') && !module.contains('-') && module != "__pycache__" && module != "site-packages";
        if is_module {
            list.push(cx, cx.intern_str(module).value())?;
        }
    }
    for definition in cx.vm().config.modules {
        list.push(cx, cx.intern_str(definition.name).value())?;
    }
    let class = cx.builtin_type(countless_vm::types::ids::FROZENSET);
    cx.call(class.value(), &[list.value()])
}

fn flag_values(cx: &Cx) -> [Value; 21] {
    let config = &cx.vm().config;
    let flags = &config.command_line.flags;
    let number = |flag: u8| Value::int(i64::from(flag));
    [
        number(flags.debug),
        number(flags.inspect),
        number(flags.interactive),
        number(config.optimize),
        number(flags.dont_write_bytecode),
        number(flags.no_user_site),
        number(flags.no_site),
        number(flags.ignore_environment),
        number(flags.verbose),
        number(flags.bytes_warning),
        number(flags.quiet),
        Value::int(i64::from(config.hash_seed != Some(0))),
        number(flags.isolated),
        Value::bool(flags.dev_mode),
        number(flags.utf8_mode),
        number(flags.warn_default_encoding),
        Value::bool(flags.safe_path),
        Value::int(i64::from(cx.vm().int_max_str_digits.load(std::sync::atomic::Ordering::Relaxed))),
        Value::int(0),
        number(flags.thread_inherit_context),
        number(flags.context_aware_warnings),
    ]
}

/// Adds the constants to the module.
pub(super) fn fill(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let text = |text: &str| cx.new_str(text).value();
    let add = |name: &str, value: Value| cx.add_to_module(module, name, value);
    let version_parts = [Value::int(MAJOR), Value::int(MINOR), Value::int(MICRO), text(RELEASE_LEVEL), Value::int(0)];
    let version_info = cx.new_struct_sequence(&VERSION_INFO, &version_parts)?;
    add("version_info", version_info)?;
    add("hexversion", Value::int(HEX_VERSION))?;
    add("api_version", Value::int(1013))?;
    let own = env!("CARGO_PKG_VERSION");
    add("version", text(&format!("{MAJOR}.{MINOR}.{MICRO} (main, Nov 20 2026, 12:00:00) [Countless {own}, Rust]")))?;
    add(
        "copyright",
        text(
            "Copyright (c) the Countless contributors.\nThe standard library: Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved.",
        ),
    )?;
    add("platform", text("linux"))?;
    add("platlibdir", text("lib"))?;
    add("byteorder", text(if cfg!(target_endian = "little") { "little" } else { "big" }))?;
    add("maxsize", cx.new_int(i64::MAX))?;
    add("maxunicode", Value::int(0x10_ffff))?;
    add("float_repr_style", text("short"))?;
    add("abiflags", text(""))?;
    add("_framework", text(""))?;
    add("_git", cx.new_tuple(&[text("Countless"), text(""), text("")]).value())?;
    add("flags", cx.new_struct_sequence(&FLAGS, &flag_values(cx))?)?;
    numbers(cx, module)?;
    add("monitoring", cx.new_native_module(&super::monitoring::MODULE)?.value())?;
    add("_jit", cx.new_native_module(&super::jit::MODULE)?.value())?;
    implementation(cx, module, version_info)
}

fn numbers(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let text = |text: &str| cx.new_str(text).value();
    let float = |number: f64| cx.new_float(number);
    let int = Value::int;
    let float_info = [
        float(f64::MAX),
        int(1024),
        int(308),
        float(f64::MIN_POSITIVE),
        int(-1021),
        int(-307),
        int(15),
        int(53),
        float(f64::EPSILON),
        int(2),
        int(1),
    ];
    cx.add_to_module(module, "float_info", cx.new_struct_sequence(&FLOAT_INFO, &float_info)?)?;
    let int_info = [int(30), int(4), int(4300), int(640)];
    cx.add_to_module(module, "int_info", cx.new_struct_sequence(&INT_INFO, &int_info)?)?;
    let hash_info = [
        int(64),
        cx.new_int_from_u64((1 << 61) - 1),
        int(314_159),
        int(0),
        int(1_000_003),
        text("siphash13"),
        int(64),
        int(128),
        int(0),
    ];
    cx.add_to_module(module, "hash_info", cx.new_struct_sequence(&HASH_INFO, &hash_info)?)?;
    let thread_info = [text("pthread"), text("semaphore"), Value::NONE];
    cx.add_to_module(module, "thread_info", cx.new_struct_sequence(&THREAD_INFO, &thread_info)?)
}

fn implementation(cx: &Cx, module: Ref<Module>, version_info: Value) -> PyResult<()> {
    let class = cx.builtin_type(countless_vm::types::ids::SIMPLE_NAMESPACE);
    let namespace = cx.call(class.value(), &[])?;
    let text = |text: &str| cx.new_str(text).value();
    let fields = [
        ("name", text("countless")),
        ("cache_tag", text("countless-314")),
        ("version", version_info),
        ("hexversion", Value::int(HEX_VERSION)),
        ("_multiarch", text(&format!("{}-linux-gnu", std::env::consts::ARCH))),
        ("supports_isolated_interpreters", Value::FALSE),
    ];
    for (name, value) in fields {
        attribute::instance_set(cx, namespace, cx.intern_str(name), value)?;
    }
    cx.add_to_module(module, "implementation", namespace)
}
