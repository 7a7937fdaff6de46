//! What is allowed where, and why: the only place for exceptions.

/// Which of our crates a crate may use. A crate that is missing here is a finding.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("countless-gc", &[]),
    ("countless-common", &[]),
    // The compiler for the build script alone.
    ("countless-pylib", &["countless-compiler"]),
    ("countless-compiler", &["countless-common"]),
    ("countless-vm", &["countless-gc", "countless-common", "countless-compiler", "countless-pylib"]),
    // The compiler for the modules that expose it: `_ast`, `_symtable`, `_tokenize`.
    ("countless-stdlib", &["countless-vm", "countless-common", "countless-compiler"]),
    ("countless-compat", &["countless-vm"]),
    (
        "countless",
        &[
            "countless-gc",
            "countless-common",
            "countless-pylib",
            "countless-compiler",
            "countless-vm",
            "countless-stdlib",
            "countless-compat",
        ],
    ),
    // Outside the product. The snapshots link it, so that they always test the current sources.
    ("snapshots", &["countless"]),
    ("bench", &[]),
    ("conformance", &[]),
    ("tidy", &[]),
    ("fuzz-replay", &["countless-compiler"]),
];

/// Crates that may name the parser they are built on.
pub const PARSER_USERS: &[&str] = &["vm/compiler/"];

/// The crate that must not know what it collects for, and the words it must not know.
pub const VALUE_FREE: &str = "gc/";
pub const FOREIGN_WORDS: &[&str] = &["python", "pyobject", "dunder", "interpreter", "bytecode", "__del__", "refcount"];

/// Where `unsafe` may stand (a folder or a file), and why there.
pub const UNSAFE_PLACES: &[(&str, &str)] = &[
    ("gc/", "raw cells, mappings, stacks"),
    ("compat/", "the C API is pointers"),
    ("vm/common/src/wtf8.rs", "a transparent wrapper of bytes, as `str` is"),
    ("vm/core/src/object/", "layouts of heap cells"),
    ("vm/core/src/types/", "each type's file owns the layout of its cells"),
    ("vm/core/src/native/", "arguments are a window of registers"),
    ("vm/core/src/interp/", "register windows and instruction words"),
    ("vm/core/src/runtime/", "mappings, signals, threads"),
    ("vm/stdlib/src/abc/class_set.rs", "a cell of weak slots"),
    ("vm/stdlib/src/collections/default_dict.rs", "a cell that begins with a dict"),
    ("vm/stdlib/src/posix/", "system calls"),
    ("vm/stdlib/src/io/", "system calls, and cells of files"),
    ("vm/stdlib/src/thread/", "threads and locks of the system"),
    ("vm/stdlib/src/support/", "what the modules with system calls share"),
    ("vm/stdlib/src/signal.rs", "system calls"),
    ("vm/stdlib/src/fcntl.rs", "system calls"),
    ("vm/stdlib/src/grp.rs", "system calls"),
    ("vm/stdlib/src/locale.rs", "functions of the C library"),
    ("vm/stdlib/src/posixsubprocess.rs", "what runs between fork and exec"),
    ("vm/stdlib/src/pwd.rs", "system calls"),
    ("vm/stdlib/src/select/", "system calls"),
    ("vm/stdlib/src/socket/", "system calls, records of addresses and messages"),
    ("vm/stdlib/src/termios.rs", "system calls"),
    ("vm/stdlib/src/time/", "functions of the C library"),
    ("vm/stdlib/src/zlib/stream.rs", "the compression library's C interface"),
    ("vm/stdlib/src/resource.rs", "system calls"),
    ("vm/stdlib/src/math/c.rs", "functions of the C library"),
    ("vm/stdlib/src/gc/", "looks at every cell of the heap"),
    ("vm/stdlib/src/faulthandler/", "handlers of signals"),
];

/// Code that is not part of the product: its unsafe functions need no written contract.
pub const HARNESSES: &[&str] = &["/tests/", "/examples/", "/benches/"];

/// Crates whose code holds values, where a Rust collection of them would be invisible to the collector.
pub const VALUE_HOLDERS: &[&str] = &["vm/core/src/", "vm/stdlib/src/", "compat/src/", "repl/src/"];

/// Folders of a developer's machine that must not leak into the sources: the first part of an absolute path.
pub const MACHINE_FOLDERS: &[&str] = &["work", "root", "farm", "home", "Users"];

pub const MAX_FILE_LINES: usize = 1000;
pub const MAX_FUNCTION_LINES: usize = 60;

/// The rules that can have exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    FileSize,
    FunctionSize,
    ValueCollection,
}

/// One exception: a rule, the file, for functions and collections the function it is in (or `""` for the whole file), and the reason.
pub struct Exception {
    pub rule: Rule,
    pub path: &'static str,
    pub item: &'static str,
    pub reason: &'static str,
}

/// Every exception; one that no longer excuses anything is a finding itself.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        rule: Rule::FileSize,
        path: "vm/common/src/unicode/tables.rs",
        item: "",
        reason: "Unicode property tables",
    },
    Exception {
        rule: Rule::FunctionSize,
        path: "vm/core/src/interp/mod.rs",
        item: "execute",
        reason: "the dispatch loop",
    },
];
