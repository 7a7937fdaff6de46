//! `zlib`: compression by the zlib library's port to Rust.

mod objects;
mod stream;
mod work;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::ByteView;
use countless_vm::types::module::Module;

use crate::binascii::{crc32_of, low_u32};
use crate::support::native::{define_exception, optional_int, raise_own};
use stream::{Stream, Z_BUF_ERROR, Z_DATA_ERROR, Z_FINISH, Z_MEM_ERROR, Z_STREAM_ERROR};
use work::Problem;

const ERROR: &str = "zlib.error";

/// Input of more bytes is worked on detached.
const LONG: usize = 1 << 14;

/// The exception for a problem.
#[cold]
fn fail(cx: &Cx, problem: Problem) -> Raised {
    let (code, message, doing) = match problem {
        Problem::Memory => return raise!(cx, MemoryError, "Out of memory"),
        Problem::Library(code, message, doing) => (code, message, doing),
    };
    let message = message.or(match code {
        Z_BUF_ERROR => Some("incomplete or truncated stream"),
        Z_STREAM_ERROR => Some("inconsistent stream state"),
        Z_DATA_ERROR => Some("invalid input data"),
        _ => None,
    });
    match message {
        Some(message) => raise_own(cx, ERROR, format_args!("Error {code} {doing}: {message}")),
        None => raise_own(cx, ERROR, format_args!("Error {code} {doing}")),
    }
}

/// Runs work on input: detached, on a copy, if it is long (cells must not be read while detached).
fn run<R: Send>(cx: &Cx, input: &[u8], work: impl FnOnce(&[u8]) -> R + Send) -> R {
    if input.len() <= LONG {
        return work(input);
    }
    let input = input.to_vec();
    cx.mutator().detached(move || work(&input))
}

static COMPRESS: Signature<3> = Signature::new("compress", ["data", "level", "wbits"]).required(1).positional_only(1);

fn compress(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, level, window_bits] = COMPRESS.bind(cx, args)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let (level, window_bits) = (optional_int(cx, level, -1)?, optional_int(cx, window_bits, 15)?);
    let mut stream = match Stream::deflate(level, 8, window_bits, 8, 0) {
        Ok(stream) => stream,
        Err(Z_MEM_ERROR) => return Err(raise!(cx, MemoryError, "Out of memory while compressing data")),
        Err(Z_STREAM_ERROR) => return Err(raise_own(cx, ERROR, "Bad compression level")),
        Err(code) => return Err(fail(cx, Problem::Library(code, None, "while compressing data"))),
    };
    let out = run(cx, &data, |data| work::compress(&mut stream, data, Z_FINISH, "while compressing data"));
    let out = out.map_err(|problem| fail(cx, problem))?;
    Ok(cx.try_new_bytes(&out)?.value())
}

static DECOMPRESS: Signature<3> =
    Signature::new("decompress", ["data", "wbits", "bufsize"]).required(1).positional_only(1);

fn decompress(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, window_bits, size] = DECOMPRESS.bind(cx, args)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let window_bits = optional_int(cx, window_bits, 15)?;
    if let Some(size) = size
        && number::index_i64(cx, size)? < 0
    {
        return Err(cx.value_error("bufsize must be non-negative"));
    }
    let mut stream = match Stream::inflate(window_bits) {
        Ok(stream) => stream,
        Err(Z_MEM_ERROR) => return Err(raise!(cx, MemoryError, "Out of memory while decompressing data")),
        Err(code) => return Err(fail(cx, Problem::Library(code, None, "while preparing to decompress data"))),
    };
    let out = run(cx, &data, |data| work::decompress(&mut stream, data)).map_err(|problem| fail(cx, problem))?;
    Ok(cx.try_new_bytes(&out)?.value())
}

fn adler32(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, start] = args.between::<2>(cx, "adler32", 1)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let start = start.map_or(Ok(1), |start| low_u32(cx, start))?;
    Ok(Value::int(run(cx, &data, |data| stream::adler32(data, start)).into()))
}

fn crc32(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, start] = args.between::<2>(cx, "crc32", 1)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let start = start.map_or(Ok(0), |start| low_u32(cx, start))?;
    Ok(Value::int(crc32_of(cx, &data, start).into()))
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "adler32",
        adler32,
        "adler32($module, data, value=1, /)\n--\n\nAn Adler-32 checksum of the data, going on from an earlier one.",
    ),
    Method::many(
        "compress",
        compress,
        "compress($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)\n--\n\nThe data, compressed.\n\n  level\n    Compression level, from 0 to 9, or -1.\n  wbits\n    Size of the window, and the format of the container.",
    ),
    Method::many(
        "compressobj",
        objects::compressobj,
        "compressobj($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)\n--\n\nA compressor.",
    ),
    Method::many(
        "crc32",
        crc32,
        "crc32($module, data, value=0, /)\n--\n\nA CRC-32 checksum of the data, going on from an earlier one.",
    ),
    Method::many(
        "decompress",
        decompress,
        "decompress($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)\n--\n\nThe data, decompressed.\n\n  wbits\n    Size of the window, and the format of the container.\n  bufsize\n    A first guess of the output's size.",
    ),
    Method::many(
        "decompressobj",
        objects::decompressobj,
        "decompressobj($module, /, wbits=MAX_WBITS, zdict=b'')\n--\n\nA decompressor.",
    ),
];

const CONSTANTS: &[(&str, i64)] = &[
    ("MAX_WBITS", 15),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for definition in [&objects::COMPRESS_TYPE, &objects::DECOMPRESS_TYPE] {
        native_type(cx, definition)?;
    }
    define_exception(cx, module, ERROR, ("zlib", "error"), ExceptionKind::Exception, "")?;
    for &(name, value) in CONSTANTS {
        cx.add_to_module(module, name, Value::int(value))?;
    }
    let version = cx.new_str(&stream::version_text()).value();
    cx.add_to_module(module, "ZLIB_VERSION", version)?;
    cx.add_to_module(module, "ZLIB_RUNTIME_VERSION", version)?;
    cx.add_to_module(module, "__version__", cx.new_str("1.0").value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "zlib",
    doc: "Compression and decompression in the formats of the zlib library.",
    functions: FUNCTIONS,
    types: &[&objects::DECOMPRESSOR_TYPE],
    execute: Some(execute),
};
