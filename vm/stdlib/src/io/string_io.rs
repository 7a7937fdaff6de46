//! `_io.StringIO` (text half of `_io`).
