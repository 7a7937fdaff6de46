# Thin shortcuts over cargo: everything works without `just`, too.

# List the recipes.
default:
    @just --list

# Run a script, or anything else that the command line takes.
run *ARGS:
    cargo run --release -- {{ARGS}}

# Start the interactive session.
repl:
    cargo run --release

# Run every test of the workspace.
test *ARGS:
    cargo test --workspace {{ARGS}}

# Check format, lints and house rules; builds nothing that runs.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo run --quiet -p tidy

# Bless the output of scripts (all, or those whose path contains a word) after comparing it with a real CPython.
bless *WORDS:
    cargo run -p snapshots --bin bless -- {{WORDS}}

# Run the snapshots with a collection at every Nth allocation, then with marking in steps of K objects.
zeal N="500" K="20":
    COUNTLESS_ZEAL=alloc:{{N}} cargo test -p snapshots
    COUNTLESS_ZEAL=incremental:{{K}} cargo test -p snapshots

# Compare the speed with the other Pythons found (options: `just bench --help`).
bench *ARGS:
    cargo build --profile dist
    cargo run --release -p bench -- {{ARGS}}

# Run CPython 3.14's own tests (all with expectations, or some modules) and compare with what is expected of each.
conformance *ARGS:
    cargo build --release
    cargo run --release -p conformance -- {{ARGS}}

# Install CPython 3.14 and PyPy into DIR, to compare with (Debian family, as root).
peers DIR:
    bench/get-peers {{DIR}}

# Fuzz the parser and the compiler (needs a nightly toolchain and cargo-fuzz).
fuzz *ARGS:
    mkdir -p fuzz/corpus/parse_compile
    cargo +nightly fuzz run parse_compile fuzz/corpus/parse_compile fuzz/seeds snapshots/scripts {{ARGS}}
