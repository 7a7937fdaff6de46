//! What several native modules need: paths, file descriptors.

pub mod path;
pub mod native;
