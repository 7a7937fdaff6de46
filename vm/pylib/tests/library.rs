//! The packed library as the import system will use it.

use countless_pylib::{Entry, code, file, file_count, files, get, is_folder, is_package, list, module};

#[test]
fn every_file_unpacks_and_is_found_by_its_path() {
    assert!(file_count() > 500);
    for packed in files() {
        assert_eq!(packed.read().len(), packed.size(), "{}", packed.path());
        assert_eq!(file(packed.path()), Some(packed));
    }
}

#[test]
fn every_source_has_code_and_nothing_else_has() {
    for packed in files() {
        assert_eq!(code(packed.path(), 0).is_some(), packed.path().ends_with(".py"), "{}", packed.path());
    }
    assert!(code("no.py", 0).is_none() && code("json", 0).is_none());
}

#[test]
fn code_is_shared_by_the_levels_of_optimization_that_do_not_tell() {
    let levels = |path: &str| (0..3).filter(|&optimize| code(path, optimize).is_some()).count();
    // Assertions; docstrings alone; neither.
    assert_eq!((levels("statistics.py"), levels("stat.py"), levels("this.py")), (1, 2, 3));
}

#[test]
fn sources_are_text_and_name_no_other_implementation() {
    for packed in files().filter(|packed| packed.path().ends_with(".py")) {
        let text = String::from_utf8_lossy(&packed.read()).to_lowercase();
        assert!(!text.contains("rustpython"), "{}", packed.path());
    }
}

#[test]
fn paths_that_are_not_there() {
    for path in ["", "no.py", "os", "json", "json/", "/os.py", "zzz", "os.py/x"] {
        assert!(get(path).is_none(), "{path}");
    }
    assert!(!is_folder("os.py") && !is_folder("jso") && is_folder("json") && is_folder(""));
}

#[test]
fn listing_walks_to_every_file() {
    fn walk(folder: &str, found: &mut usize) {
        for entry in list(folder) {
            let path = if folder.is_empty() { entry.name().to_owned() } else { format!("{folder}/{}", entry.name()) };
            match entry {
                Entry::File(_) => {
                    assert!(file(&path).is_some(), "{path}");
                    *found += 1;
                }
                Entry::Folder(_) => walk(&path, found),
            }
        }
    }
    let mut found = 0;
    walk("", &mut found);
    assert_eq!(found, file_count());
    assert_eq!(list("nothing").count(), 0);
}

#[test]
fn modules_and_packages() {
    assert_eq!(module("os").map(|module| module.file.path()), Some("os.py"));
    assert_eq!(module("json.decoder").map(|module| module.file.path()), Some("json/decoder.py"));
    assert!(is_package("collections") && is_package("importlib.resources") && !is_package("os"));
    for name in ["", ".", "a..b", "no_such_module", "json/decoder"] {
        assert_eq!(module(name), None, "{name}");
    }
}

#[test]
fn the_licence_is_packed() {
    let licence = get("LICENSE.txt").expect("the library's licence travels with it");
    assert!(String::from_utf8_lossy(&licence).contains("PYTHON SOFTWARE FOUNDATION LICENSE"));
}
