//! What several native modules need: paths, file descriptors.

pub mod path;
pub mod futex;
pub mod native;
pub mod system;
