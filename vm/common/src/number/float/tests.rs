//! Expectations computed by CPython 3.14.
