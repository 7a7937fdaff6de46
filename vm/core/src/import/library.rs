//! The library that the embedder hands in: files by path, wherever they are kept.

use std::borrow::Cow;

use countless_compiler::bytecode::image::PackedCode;

/// A read-only tree of files. Paths are relative, with `/` between the parts.
pub trait Library: Send + Sync {
    /// The content of a file.
    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>>;
    /// The code of a source file at a level of optimization, if it is at hand.
    fn code(&self, path: &str, optimize: u8) -> Option<PackedCode<'static>>;
    /// Whether the path is a file.
    fn is_file(&self, path: &str) -> bool;
    /// Whether the path is a folder.
    fn is_folder(&self, path: &str) -> bool;
    /// The names of what is in a folder.
    fn list(&self, path: &str) -> Vec<String>;
}
