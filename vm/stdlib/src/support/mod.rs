//! What several native modules need: paths, file descriptors.

pub mod futex;
pub mod guarded;
pub mod locale;
pub mod native;
pub mod path;
pub mod short_lock;
pub mod system;
