//! Any bytes as a source file: the compiler must accept or refuse them, and nothing else.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = fuzz_replay::parse_compile(data);
});
