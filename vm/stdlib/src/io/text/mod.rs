//! `_io`, text half: `TextIOWrapper` over any binary buffer.
