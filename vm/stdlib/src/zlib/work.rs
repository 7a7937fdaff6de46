//! Whole operations on streams, free of the heap, so that they can run detached.

use super::stream::{
    Status, Stream, Z_BUF_ERROR, Z_FINISH, Z_MEM_ERROR, Z_NEED_DICT, Z_OK, Z_STREAM_END, Z_SYNC_FLUSH,
};

/// First size of an output buffer; each next part is as large as all before.
const FIRST_PART: usize = 16 * 1024;

/// Why an operation failed.
#[derive(Debug)]
pub enum Problem {
    /// The library's number and message, and what was being done.
    Library(i32, Option<&'static str>, &'static str),
    /// There is no room for the output.
    Memory,
}

/// Makes room for more output, at most `most` bytes in all; false if that is reached.
fn make_room(out: &mut Vec<u8>, most: usize) -> Result<bool, Problem> {
    if out.len() < out.capacity() {
        return Ok(true);
    }
    let more = out.len().max(FIRST_PART).min(most - out.len());
    if more == 0 {
        return Ok(false);
    }
    // `step` fills all spare room, so it must not exceed the limit.
    out.try_reserve_exact(more).map_err(|_| Problem::Memory)?;
    Ok(true)
}

/// Takes all input; with `Z_FINISH` up to the end of the stream.
pub fn compress(stream: &mut Stream, mut input: &[u8], flush: i32, doing: &'static str) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    loop {
        make_room(&mut out, usize::MAX)?;
        let status = stream.step(input, &mut out, flush);
        input = &input[status.consumed..];
        match status.code {
            Z_OK if out.len() < out.capacity() && input.is_empty() && flush != Z_FINISH => return Ok(out),
            // Nothing was left to be done.
            Z_BUF_ERROR if out.len() < out.capacity() => return Ok(out),
            Z_OK | Z_BUF_ERROR => {}
            Z_STREAM_END => return Ok(out),
            Z_MEM_ERROR => return Err(Problem::Memory),
            code => return Err(Problem::Library(code, status.message, doing)),
        }
    }
}

/// What a run of decompression gave.
pub struct Inflated {
    /// The output.
    pub out: Vec<u8>,
    /// How much input was taken.
    pub consumed: usize,
    /// Whether the stream has ended.
    pub ended: bool,
    /// Why it stopped before all input was taken, if not for the limit.
    pub status: Status,
}

/// Decompresses until the input is taken, the stream ends or there are `most` bytes of output.
pub fn inflate(
    stream: &mut Stream,
    input: &[u8],
    most: usize,
    flush: i32,
    dictionary: &[u8],
) -> Result<Inflated, Problem> {
    let mut out = Vec::new();
    let mut consumed = 0;
    loop {
        let room = make_room(&mut out, most)?;
        let mut status = Status { code: Z_OK, message: None, consumed: 0 };
        if room {
            status = stream.step(&input[consumed..], &mut out, flush);
            consumed += status.consumed;
        }
        // Room beyond the limit is never made: what the allocator gave in excess counts as full.
        let full = out.len() >= out.capacity();
        match status.code {
            Z_NEED_DICT if !dictionary.is_empty() => {
                let code = stream.set_dictionary(dictionary);
                if code != Z_OK {
                    return Err(Problem::Library(code, None, "while setting zdict"));
                }
                continue;
            }
            Z_OK if room && (full || consumed < input.len()) && out.len() < most => continue,
            Z_BUF_ERROR if full && out.len() < most && room => continue,
            Z_MEM_ERROR => return Err(Problem::Memory),
            _ => {}
        }
        return Ok(Inflated { out, consumed, ended: status.code == Z_STREAM_END, status });
    }
}

/// Decompresses a whole stream.
pub fn decompress(stream: &mut Stream, input: &[u8]) -> Result<Vec<u8>, Problem> {
    let result = inflate(stream, input, usize::MAX, Z_SYNC_FLUSH, &[])?;
    let doing = "while decompressing data";
    match result.status.code {
        Z_STREAM_END => Ok(result.out),
        Z_OK | Z_BUF_ERROR => Err(Problem::Library(Z_BUF_ERROR, result.status.message, doing)),
        code => Err(Problem::Library(code, result.status.message, doing)),
    }
}
