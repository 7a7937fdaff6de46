//! The atomics that `handshake` is written against. Its model under loom supplies others in the
//! same place.

pub(crate) use std::sync::atomic::{AtomicU32, Ordering, fence};
