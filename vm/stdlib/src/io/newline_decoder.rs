//! `_io.IncrementalNewlineDecoder` (text half of `_io`).
