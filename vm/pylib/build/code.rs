//! Compiles the sources of the library, so that no start has to.

use std::sync::Arc;
use std::thread;

use countless_compiler::bytecode::{Code, image, verify_all};
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::{Mode, ParseOptions, SyntaxError, parse};

use crate::Files;

/// A source's code.
struct Compiled {
    image: Vec<u8>,
    /// For how many levels of optimization, from 0 on, it is the code: most sources have no assertions, few no docstrings.
    levels: u8,
}

/// The blob of code: for each file of the library, in its order, where its image starts, how long it is and for how many
/// levels of optimization it is right (u32 each; no levels for what is no source), then the images.
pub fn pack(files: &Files) -> Vec<u8> {
    let files: Vec<(&String, &Vec<u8>)> = files.iter().collect();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let share = files.len().div_ceil(workers).max(1);
    let images: Vec<Compiled> = thread::scope(|scope| {
        let one = |part: &[(&String, &Vec<u8>)]| part.iter().map(|(path, data)| image_of(path, data)).collect();
        let parts: Vec<_> =
            files.chunks(share).map(|part| scope.spawn(move || -> Vec<Compiled> { one(part) })).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the compiler does not panic")).collect()
    });
    let field = |value: usize| u32::try_from(value).expect("the packed code is far below 4 GiB").to_le_bytes();
    let mut start = images.len() * 12;
    let mut blob = Vec::new();
    for compiled in &images {
        blob.extend(field(start));
        blob.extend(field(compiled.image.len()));
        blob.extend(field(compiled.levels.into()));
        start += compiled.image.len();
    }
    images.iter().for_each(|compiled| blob.extend(&compiled.image));
    blob
}

/// The image of a source's code; nothing for other files. What does not compile stops the build.
fn image_of(path: &str, data: &[u8]) -> Compiled {
    if !path.ends_with(".py") {
        return Compiled { image: Vec::new(), levels: 0 };
    }
    let (code, image) = level(path, data, 0);
    if let Err(error) = verify_all(&code) {
        panic!("{path}: {error}");
    }
    // Images are read where they lie in the binary, for ever.
    let read = image::open(image.clone().leak()).expect("the image is of this build");
    assert!(image::check(read, &code), "{path}: the image says something else than the code");
    let levels = 1 + (1..=2).take_while(|&optimize| level(path, data, optimize).1 == image).count() as u8;
    Compiled { image, levels }
}

/// A source's code at a level of optimization, and its image.
fn level(path: &str, data: &[u8], optimize: u8) -> (Arc<Code>, Vec<u8>) {
    let code = code_of(path, data, optimize);
    let code = code.unwrap_or_else(|error| panic!("{path}: line {:?}: {}", error.line, error.message));
    let image = image::write(&code).unwrap_or_else(|| panic!("{path}: code is nested too deeply"));
    (code, image)
}

fn code_of(path: &str, data: &[u8], optimize: u8) -> Result<Arc<Code>, SyntaxError> {
    let mut no_codec = |name: &str, _: &[u8]| Err(format!("no codec {name} in a build"));
    let source = Arc::new(decode::decode(path, data, Origin::File, &mut no_codec)?);
    let mut module = parse(source, ParseOptions::new(Mode::Exec))?;
    let table = SymbolTable::check(&mut module)?;
    compile(&module, &table, CompileOptions { optimize, ..CompileOptions::default() })
}
