//! Streams of the zlib library, owned and safe to use: the only code that talks to the library.

use std::ffi::{CStr, c_char, c_int};

use libz_rs_sys as library;

pub use library::{
    Z_BUF_ERROR, Z_DATA_ERROR, Z_FINISH, Z_MEM_ERROR, Z_NEED_DICT, Z_OK, Z_STREAM_END, Z_STREAM_ERROR, Z_SYNC_FLUSH,
};

/// What a call of the library ended with.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// The library's number.
    pub code: c_int,
    /// Its message, if it has one.
    pub message: Option<&'static str>,
    /// How much input was taken.
    pub consumed: usize,
}

const STREAM_SIZE: c_int = size_of::<library::z_stream>() as c_int;

fn version() -> *const c_char {
    library::zlibVersion()
}

/// The library's version.
pub fn version_text() -> String {
    // SAFETY: the library returns a static string.
    unsafe { CStr::from_ptr(version()) }.to_string_lossy().into_owned()
}

/// Which way a stream goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Deflate,
    Inflate,
}

/// A stream of the library. Invariant: the library's state belongs to the structure at this very address (hence the
/// box), until it is ended on drop.
pub struct Stream {
    raw: Box<library::z_stream>,
    direction: Direction,
    live: bool,
}

// SAFETY: the library's streams are not tied to a thread; they are used by one at a time, through `&mut`.
unsafe impl Send for Stream {}

impl Stream {
    fn blank(direction: Direction) -> Stream {
        Stream { raw: Box::default(), direction, live: false }
    }

    /// A stream that compresses; the library's number if it refuses.
    pub fn deflate(
        level: c_int,
        method: c_int,
        window_bits: c_int,
        memory: c_int,
        strategy: c_int,
    ) -> Result<Stream, c_int> {
        let mut stream = Stream::blank(Direction::Deflate);
        // SAFETY: the structure is a blank one, whose allocators the library fills in; version and size are its own.
        let code = unsafe {
            library::deflateInit2_(
                &raw mut *stream.raw,
                level,
                method,
                window_bits,
                memory,
                strategy,
                version(),
                STREAM_SIZE,
            )
        };
        stream.live = code == Z_OK;
        if stream.live { Ok(stream) } else { Err(code) }
    }

    /// A stream that decompresses.
    pub fn inflate(window_bits: c_int) -> Result<Stream, c_int> {
        let mut stream = Stream::blank(Direction::Inflate);
        // SAFETY: as above.
        let code = unsafe { library::inflateInit2_(&raw mut *stream.raw, window_bits, version(), STREAM_SIZE) };
        stream.live = code == Z_OK;
        if stream.live { Ok(stream) } else { Err(code) }
    }

    /// Sets the dictionary.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> c_int {
        let length = u32::try_from(dictionary.len()).unwrap_or(u32::MAX);
        if !self.live {
            return Z_STREAM_ERROR;
        }
        // SAFETY: the stream is a live one of that direction; the dictionary has at least `length` bytes.
        unsafe {
            match self.direction {
                Direction::Deflate => library::deflateSetDictionary(&raw mut *self.raw, dictionary.as_ptr(), length),
                Direction::Inflate => library::inflateSetDictionary(&raw mut *self.raw, dictionary.as_ptr(), length),
            }
        }
    }

    /// One step: takes from `input` and appends to `out` as much as its spare room holds.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, flush: c_int) -> Status {
        if !self.live {
            return Status { code: Z_STREAM_ERROR, message: None, consumed: 0 };
        }
        let given = u32::try_from(input.len()).unwrap_or(u32::MAX);
        let spare = out.spare_capacity_mut();
        let room = u32::try_from(spare.len()).unwrap_or(u32::MAX);
        self.raw.next_in = input.as_ptr().cast_mut();
        self.raw.avail_in = given;
        self.raw.next_out = spare.as_mut_ptr().cast();
        self.raw.avail_out = room;
        self.raw.msg = std::ptr::null_mut();
        // SAFETY: the stream is a live one of that direction; its pointers have just been set to memory of those sizes,
        // of which the library only reads the input and only writes the output.
        let code = unsafe {
            match self.direction {
                Direction::Deflate => library::deflate(&raw mut *self.raw, flush),
                Direction::Inflate => library::inflate(&raw mut *self.raw, flush),
            }
        };
        let written = (room - self.raw.avail_out) as usize;
        // SAFETY: the library has written so many bytes from the start of the spare room.
        unsafe { out.set_len(out.len() + written) };
        let message = match self.raw.msg.is_null() {
            true => None,
            // SAFETY: messages of the library are static strings.
            false => unsafe { CStr::from_ptr::<'static>(self.raw.msg) }.to_str().ok(),
        };
        let status = Status { code, message, consumed: (given - self.raw.avail_in) as usize };
        self.raw.next_in = std::ptr::null_mut();
        self.raw.next_out = std::ptr::null_mut();
        status
    }

    /// Ends the stream; later steps fail.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.live) {
            // SAFETY: the stream is a live one of that direction, and is not used again.
            unsafe {
                match self.direction {
                    Direction::Deflate => library::deflateEnd(&raw mut *self.raw),
                    Direction::Inflate => library::inflateEnd(&raw mut *self.raw),
                };
            }
        }
    }

    /// A stream in the same state.
    pub fn duplicate(&mut self) -> Result<Stream, c_int> {
        if !self.live {
            return Err(Z_STREAM_ERROR);
        }
        // The library copies only streams whose pointers are set, be it to nothing.
        self.raw.next_in = std::ptr::NonNull::dangling().as_ptr();
        self.raw.next_out = std::ptr::NonNull::dangling().as_ptr();
        (self.raw.avail_in, self.raw.avail_out) = (0, 0);
        let mut copy = Stream::blank(self.direction);
        // SAFETY: the source is a live stream of that direction, the target a blank structure.
        let code = unsafe {
            match self.direction {
                Direction::Deflate => library::deflateCopy(&raw mut *copy.raw, &raw mut *self.raw),
                Direction::Inflate => library::inflateCopy(&raw mut *copy.raw, &raw const *self.raw),
            }
        };
        copy.live = code == Z_OK;
        if copy.live { Ok(copy) } else { Err(code) }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end();
    }
}

/// Adler-32, going on from an earlier one.
pub fn adler32(data: &[u8], start: u32) -> u32 {
    // SAFETY: the pointer and the length are those of the slice.
    unsafe { library::adler32_z(start.into(), data.as_ptr(), data.len()) as u32 }
}
