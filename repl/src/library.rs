//! The standard library as the VM wants it: the one in the binary, or a folder.

use std::borrow::Cow;
use std::path::PathBuf;

use countless_compiler::bytecode::image::{self, PackedCode};
use countless_vm::import::library::Library;

/// The library in the binary.
pub struct Packed;

/// The one there is.
pub static PACKED: Packed = Packed;

impl Library for Packed {
    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        countless_pylib::get(path)
    }

    fn code(&self, path: &str, optimize: u8) -> Option<PackedCode<'static>> {
        let image = countless_pylib::code(path, optimize)?;
        Some(image::open(image).expect("the packed library and its reader are of one build"))
    }

    fn is_file(&self, path: &str) -> bool {
        countless_pylib::file(path).is_some()
    }

    fn is_folder(&self, path: &str) -> bool {
        countless_pylib::is_folder(path)
    }

    fn list(&self, path: &str) -> Vec<String> {
        countless_pylib::list(path).map(|entry| entry.name().to_owned()).collect()
    }
}

/// A library on the disk (`COUNTLESS_LIB`). What only the packed one has, the import machinery's own parts, is read from
/// there.
pub struct Folder {
    /// The library's root.
    pub root: PathBuf,
}

impl Library for Folder {
    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match std::fs::read(self.root.join(path)) {
            Ok(content) => Some(Cow::Owned(content)),
            Err(_) => PACKED.read(path),
        }
    }

    fn code(&self, path: &str, optimize: u8) -> Option<PackedCode<'static>> {
        if self.is_file(path) { None } else { PACKED.code(path, optimize) }
    }

    fn is_file(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    fn is_folder(&self, path: &str) -> bool {
        self.root.join(path).is_dir()
    }

    fn list(&self, path: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join(path)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}
