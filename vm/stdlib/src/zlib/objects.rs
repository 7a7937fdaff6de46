//! `Compress`, `Decompress` and `_ZlibDecompressor`.

use std::sync::Mutex;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::ByteView;
use countless_vm::types::type_object::TypeObject;

use super::stream::{Stream, Z_BUF_ERROR, Z_FINISH, Z_MEM_ERROR, Z_OK, Z_STREAM_END, Z_STREAM_ERROR, Z_SYNC_FLUSH};
use super::work::{self, Problem};
use super::{fail, run};
use crate::support::native::{lock, optional_int};

native_cell! {
    /// A compressor. The lock is held for computations only.
    pub struct Compress("zlib.Compress", COMPRESS_LAYOUT) {
        traced {}
        plain { stream: Option<Box<Mutex<Stream>>>, }
    }
}

/// A decompressor's state.
struct Inflater {
    stream: Stream,
    dictionary: Vec<u8>,
    /// Input behind the end of the stream.
    unused: Vec<u8>,
    /// Input that waits for room in the output.
    tail: Vec<u8>,
    ended: bool,
    needs_input: bool,
}

native_cell! {
    /// A decompressor.
    pub struct Decompress("zlib.Decompress", DECOMPRESS_LAYOUT) {
        traced {}
        plain { state: Option<Box<Mutex<Inflater>>>, }
    }
}

native_cell! {
    /// A decompressor that keeps its input.
    pub struct Decompressor("zlib._ZlibDecompressor", DECOMPRESSOR_LAYOUT) {
        traced {}
        plain { state: Option<Box<Mutex<Inflater>>>, }
    }
}

#[cold]
fn uninitialized(cx: &Cx) -> Raised {
    cx.runtime_error("the object is not initialized")
}

#[cold]
fn inconsistent(cx: &Cx) -> Raised {
    cx.value_error("Inconsistent stream state")
}

fn bad_options(cx: &Cx, code: i32, what: &str) -> Raised {
    match code {
        Z_MEM_ERROR => raise!(cx, MemoryError, "Can't allocate memory for {what} object"),
        Z_STREAM_ERROR => cx.value_error("Invalid initialization option"),
        code => fail(cx, Problem::Library(code, None, "while creating object")),
    }
}

// ---- compressing

static COMPRESSOBJ: Signature<6> =
    Signature::new("compressobj", ["level", "method", "wbits", "memLevel", "strategy", "zdict"]);

/// `zlib.compressobj(…)`.
pub fn compressobj(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [level, method, window_bits, memory, strategy, dictionary] = COMPRESSOBJ.bind(cx, args)?;
    let options = [
        optional_int(cx, level, -1)?,
        optional_int(cx, method, 8)?,
        optional_int(cx, window_bits, 15)?,
        optional_int(cx, memory, 8)?,
        optional_int(cx, strategy, 0)?,
    ];
    let dictionary = dictionary.map(|dictionary| ByteView::new(cx, dictionary)).transpose()?;
    let [level, method, window_bits, memory, strategy] = options;
    let mut stream = Stream::deflate(level, method, window_bits, memory, strategy)
        .map_err(|code| bad_options(cx, code, "compression"))?;
    if let Some(dictionary) = dictionary {
        match stream.set_dictionary(&dictionary) {
            Z_OK => {}
            Z_STREAM_ERROR => return Err(cx.value_error("Invalid dictionary")),
            _ => return Err(cx.value_error("deflateSetDictionary()")),
        }
    }
    new_compress(cx, stream)
}

fn new_compress(cx: &Cx, stream: Stream) -> PyResult {
    native_type(cx, &COMPRESS_TYPE)?;
    let stream = Some(Box::new(Mutex::new(stream)));
    Ok(cx.allocate(Compress { header: Default::default(), stream }).value())
}

impl Compress {
    fn stream(&self, cx: &Cx) -> PyResult<&Mutex<Stream>> {
        match &self.stream {
            Some(stream) => Ok(stream),
            None => Err(uninitialized(cx)),
        }
    }
}

fn compress(cx: &Cx, object: Ref<Compress>, data: Value) -> PyResult {
    let data = ByteView::new(cx, data)?;
    let mut stream = lock(cx, object.stream(cx)?);
    let stream = &mut *stream;
    let out = run(cx, &data, |data| work::compress(stream, data, 0, "while compressing data"));
    out.map_err(|problem| fail(cx, problem)).and_then(|out| Ok(cx.try_new_bytes(&out)?.value()))
}

fn compress_flush(cx: &Cx, object: Ref<Compress>, mode: Option<Value>) -> PyResult {
    let mode = optional_int(cx, mode, Z_FINISH)?;
    if mode == 0 {
        return Ok(cx.new_bytes(b"").value());
    }
    let out = {
        let mut stream = lock(cx, object.stream(cx)?);
        let out = work::compress(&mut stream, &[], mode, "while flushing");
        if mode == Z_FINISH && out.is_ok() {
            stream.end();
        }
        out
    };
    out.map_err(|problem| fail(cx, problem)).and_then(|out| Ok(cx.try_new_bytes(&out)?.value()))
}

fn compress_copy(cx: &Cx, object: Ref<Compress>) -> PyResult {
    let copy = lock(cx, object.stream(cx)?).duplicate();
    match copy {
        Ok(stream) => new_compress(cx, stream),
        Err(_) => Err(inconsistent(cx)),
    }
}

fn compress_deepcopy(cx: &Cx, object: Ref<Compress>, _memo: Value) -> PyResult {
    compress_copy(cx, object)
}

/// `zlib.Compress`.
pub static COMPRESS_TYPE: TypeDef = TypeDef {
    module: "zlib",
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::one(
            "compress",
            compress,
            "compress($self, data, /)\n--\n\nCompressed data, of this and earlier input as far as it is ready.\n\nCall flush() at the end.",
        ),
        Method::optional(
            "flush",
            compress_flush,
            "flush($self, mode=zlib.Z_FINISH, /)\n--\n\nWhat is left of the compressed data.\n\nUnless mode is another than Z_FINISH, the object cannot be used any more.",
        ),
        Method::none("copy", compress_copy, "copy($self, /)\n--\n\nA copy of the compression object."),
        Method::none("__copy__", compress_copy, "__copy__($self, /)\n--\n\n"),
        Method::one("__deepcopy__", compress_deepcopy, "__deepcopy__($self, memo, /)\n--\n\n"),
    ],
    ..TypeDef::new("Compress", &COMPRESS_LAYOUT)
};

// ---- decompressing

fn new_inflater(cx: &Cx, window_bits: Option<Value>, dictionary: Option<Value>) -> PyResult<Box<Mutex<Inflater>>> {
    let window_bits = optional_int(cx, window_bits, 15)?;
    let dictionary = match dictionary {
        Some(dictionary) => match ByteView::of_buffer(cx, dictionary)? {
            Some(bytes) => bytes.to_vec(),
            None => return Err(cx.type_error("zdict argument must support the buffer protocol")),
        },
        None => Vec::new(),
    };
    let mut stream = Stream::inflate(window_bits).map_err(|code| bad_options(cx, code, "decompression"))?;
    if window_bits < 0 && !dictionary.is_empty() {
        // Raw streams do not ask for it.
        let code = stream.set_dictionary(&dictionary);
        if code != Z_OK {
            return Err(fail(cx, Problem::Library(code, None, "while setting zdict")));
        }
    }
    let state = Inflater { stream, dictionary, unused: Vec::new(), tail: Vec::new(), ended: false, needs_input: true };
    Ok(Box::new(Mutex::new(state)))
}

static DECOMPRESSOBJ: Signature<2> = Signature::new("decompressobj", ["wbits", "zdict"]);

/// `zlib.decompressobj(…)`.
pub fn decompressobj(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [window_bits, dictionary] = DECOMPRESSOBJ.bind(cx, args)?;
    native_type(cx, &DECOMPRESS_TYPE)?;
    let state = Some(new_inflater(cx, window_bits, dictionary)?);
    Ok(cx.allocate(Decompress { header: Default::default(), state }).value())
}

fn state_of<'a>(cx: &Cx, state: &'a Option<Box<Mutex<Inflater>>>) -> PyResult<&'a Mutex<Inflater>> {
    match state {
        Some(state) => Ok(state),
        None => Err(uninitialized(cx)),
    }
}

impl Inflater {
    /// Takes input: the output, with what is left of the input in `tail` or `unused`.
    fn feed(&mut self, input: &[u8], most: usize) -> Result<Vec<u8>, Problem> {
        if self.ended && !input.is_empty() && !self.unused.is_empty() {
            self.unused.extend_from_slice(input);
            return Ok(Vec::new());
        }
        let result = work::inflate(&mut self.stream, input, most, Z_SYNC_FLUSH, &self.dictionary)?;
        let rest = &input[result.consumed..];
        match result.status.code {
            Z_STREAM_END => {
                self.ended = true;
                self.unused.extend_from_slice(rest);
                self.tail.clear();
                self.stream.end();
            }
            Z_OK | Z_BUF_ERROR => self.tail = rest.to_vec(),
            code => {
                self.tail = rest.to_vec();
                return Err(Problem::Library(code, result.status.message, "while decompressing data"));
            }
        }
        Ok(result.out)
    }
}

static DECOMPRESS: Signature<2> = Signature::new("decompress", ["data", "max_length"]).required(1).positional_only(1);

fn decompress(cx: &Cx, object: Ref<Decompress>, args: Args<'_>) -> PyResult {
    let [data, most] = DECOMPRESS.bind(cx, args)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let most = match most {
        Some(most) => number::index_i64(cx, most)?,
        None => 0,
    };
    let most = match usize::try_from(most) {
        Ok(0) => usize::MAX,
        Ok(most) => most,
        Err(_) => return Err(cx.value_error("max_length must be non-negative")),
    };
    let out = {
        let mut state = lock(cx, state_of(cx, &object.state)?);
        let state = &mut *state;
        run(cx, &data, |data| state.feed(data, most))
    };
    out.map_err(|problem| fail(cx, problem)).and_then(|out| Ok(cx.try_new_bytes(&out)?.value()))
}

fn decompress_flush(cx: &Cx, object: Ref<Decompress>, length: Option<Value>) -> PyResult {
    if let Some(length) = length
        && number::index_i64(cx, length)? <= 0
    {
        return Err(cx.value_error("length must be greater than zero"));
    }
    let out = {
        let mut state = lock(cx, state_of(cx, &object.state)?);
        let state = &mut *state;
        let tail = std::mem::take(&mut state.tail);
        let result = work::inflate(&mut state.stream, &tail, usize::MAX, Z_FINISH, &state.dictionary);
        result.map(|result| {
            let rest = &tail[result.consumed..];
            if result.ended {
                state.ended = true;
                state.unused.extend_from_slice(rest);
                state.stream.end();
            } else {
                state.tail = rest.to_vec();
            }
            result.out
        })
    };
    out.map_err(|problem| fail(cx, problem)).and_then(|out| Ok(cx.try_new_bytes(&out)?.value()))
}

fn decompress_copy(cx: &Cx, object: Ref<Decompress>) -> PyResult {
    let copy = {
        let mut state = lock(cx, state_of(cx, &object.state)?);
        let state = &mut *state;
        state.stream.duplicate().map(|stream| Inflater {
            stream,
            dictionary: state.dictionary.clone(),
            unused: state.unused.clone(),
            tail: state.tail.clone(),
            ended: state.ended,
            needs_input: state.needs_input,
        })
    };
    match copy {
        Ok(copy) => {
            let state = Some(Box::new(Mutex::new(copy)));
            Ok(cx.allocate(Decompress { header: Default::default(), state }).value())
        }
        Err(_) => Err(inconsistent(cx)),
    }
}

fn decompress_deepcopy(cx: &Cx, object: Ref<Decompress>, _memo: Value) -> PyResult {
    decompress_copy(cx, object)
}

fn read<R>(cx: &Cx, state: &Option<Box<Mutex<Inflater>>>, get: impl FnOnce(&Inflater) -> R) -> PyResult<R> {
    Ok(get(&lock(cx, state_of(cx, state)?)))
}

fn get_unused(cx: &Cx, object: Ref<Decompress>) -> PyResult {
    let bytes = read(cx, &object.state, |state| state.unused.clone())?;
    Ok(cx.try_new_bytes(&bytes)?.value())
}

fn get_tail(cx: &Cx, object: Ref<Decompress>) -> PyResult {
    let bytes = read(cx, &object.state, |state| state.tail.clone())?;
    Ok(cx.try_new_bytes(&bytes)?.value())
}

fn get_eof(cx: &Cx, object: Ref<Decompress>) -> PyResult {
    Ok(Value::bool(read(cx, &object.state, |state| state.ended)?))
}

/// `zlib.Decompress`.
pub static DECOMPRESS_TYPE: TypeDef = TypeDef {
    module: "zlib",
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::many(
            "decompress",
            decompress,
            "decompress($self, data, /, max_length=0)\n--\n\nDecompressed data, of this and earlier input as far as it is ready.\n\n  max_length\n    The most bytes of output; input that is left then is in unconsumed_tail.",
        ),
        Method::optional(
            "flush",
            decompress_flush,
            "flush($self, length=zlib.DEF_BUF_SIZE, /)\n--\n\nWhat is left of the decompressed data.\n\n  length\n    A first guess of its size.",
        ),
        Method::none("copy", decompress_copy, "copy($self, /)\n--\n\nA copy of the decompression object."),
        Method::none("__copy__", decompress_copy, "__copy__($self, /)\n--\n\n"),
        Method::one("__deepcopy__", decompress_deepcopy, "__deepcopy__($self, memo, /)\n--\n\n"),
    ],
    attributes: &[
        GetSet::read_only("unused_data", get_unused, ""),
        GetSet::read_only("unconsumed_tail", get_tail, ""),
        GetSet::read_only("eof", get_eof, ""),
    ],
    ..TypeDef::new("Decompress", &DECOMPRESS_LAYOUT)
};

// ---- the decompressor that files use

static NEW_DECOMPRESSOR: Signature<2> = Signature::new("_ZlibDecompressor", ["wbits", "zdict"]);

fn new_decompressor(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [window_bits, dictionary] = NEW_DECOMPRESSOR.bind(cx, args)?;
    let state = Some(new_inflater(cx, window_bits, dictionary)?);
    Ok(cx.allocate_instance(class, Decompressor { header: Default::default(), state }).value())
}

static DECOMPRESSOR_DECOMPRESS: Signature<2> = Signature::new("decompress", ["data", "max_length"]).required(1);

fn decompressor_decompress(cx: &Cx, object: Ref<Decompressor>, args: Args<'_>) -> PyResult {
    let [data, most] = DECOMPRESSOR_DECOMPRESS.bind(cx, args)?;
    let data = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let most = match most {
        Some(most) => number::index_i64(cx, most)?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let state = state_of(cx, &object.state)?;
    if read(cx, &object.state, |state| state.ended)? {
        return Err(raise!(cx, EOFError, "End of stream already reached"));
    }
    let out = {
        let mut state = lock(cx, state);
        let state = &mut *state;
        run(cx, &data, |data| {
            let mut input = std::mem::take(&mut state.tail);
            input.extend_from_slice(data);
            let out = state.feed(&input, most)?;
            // Full output may hide more of it in the stream itself.
            state.needs_input = !state.ended && state.tail.is_empty() && out.len() < most;
            Ok(out)
        })
    };
    out.map_err(|problem| fail(cx, problem)).and_then(|out| Ok(cx.try_new_bytes(&out)?.value()))
}

/// `zlib._ZlibDecompressor`.
pub static DECOMPRESSOR_TYPE: TypeDef = TypeDef {
    module: "zlib",
    doc: "_ZlibDecompressor(wbits=15, zdict=b'')\n--\n\nA decompressor that keeps the input which it has not taken.\n\n  wbits = 15\n  zdict\n     The dictionary that the compressor had.",
    slots: Slots { new: Some(new_decompressor), ..Slots::NONE },
    methods: &[Method::many(
        "decompress",
        decompressor_decompress,
        "decompress($self, /, data, max_length=-1)\n--\n\nDecompressed data, at most max_length bytes of it unless that is negative.\n\nEOFError if the end of the stream is reached already.",
    )],
    attributes: &[
        GetSet::read_only(
            "eof",
            |cx, object: Ref<Decompressor>| Ok(Value::bool(read(cx, &object.state, |state| state.ended)?)),
            "True if the end-of-stream marker has been reached.",
        ),
        GetSet::read_only(
            "unused_data",
            |cx, object: Ref<Decompressor>| {
                let bytes = read(cx, &object.state, |state| state.unused.clone())?;
                Ok(cx.try_new_bytes(&bytes)?.value())
            },
            "Data found after the end of the compressed stream.",
        ),
        GetSet::read_only(
            "needs_input",
            |cx, object: Ref<Decompressor>| Ok(Value::bool(read(cx, &object.state, |state| state.needs_input)?)),
            "True if more input is needed before more decompressed data can be produced.",
        ),
    ],
    ..TypeDef::new("_ZlibDecompressor", &DECOMPRESSOR_LAYOUT)
};
