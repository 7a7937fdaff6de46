//! The programs: a table of pyperformance's, and whatever lies in `programs/`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::fetch;
use crate::options::Options;

/// Kinds of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// One construct in a loop.
    Small,
    /// How long a start takes, and the imports that many programs begin with.
    Startup,
    /// Bytes instead of seconds.
    Memory,
    /// Programs that others wrote.
    Pyperformance,
}

impl Group {
    /// The name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Group::Small => "small",
            Group::Startup => "startup",
            Group::Memory => "memory",
            Group::Pyperformance => "pyperformance",
        }
    }

    /// Alternating runs where none are asked for.
    pub fn default_runs(self) -> u32 {
        match self {
            Group::Small | Group::Startup => 20,
            Group::Memory => 1,
            Group::Pyperformance => 3,
        }
    }
}

/// One program.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub group: Group,
    /// The interpreter's arguments.
    pub arguments: Vec<OsString>,
    /// Loops per timed repeat: enough for CPython to take a good part of a tenth of a second.
    pub loops: u32,
}

/// Starts: names and arguments.
const STARTS: &[(&str, &[&str])] = &[
    ("startup", &["-c", "pass"]),
    ("startup_no_site", &["-S", "-c", "pass"]),
    ("import_json", &["-c", "import json"]),
    ("import_re", &["-c", "import re"]),
    ("import_typing", &["-c", "import typing"]),
    ("import_unittest", &["-c", "import unittest"]),
];

/// pyperformance's programs that are run, with their loops.
const PYPERFORMANCE: &[(&str, u32)] = &[
    ("nbody", 1),
    ("fannkuch", 1),
    ("float", 2),
    ("richards", 3),
    ("richards_super", 3),
    ("deltablue", 40),
    ("chaos", 2),
    ("raytrace", 1),
    ("spectral_norm", 1),
    ("nqueens", 2),
    ("hexiom", 20),
    ("go", 1),
    ("meteor_contest", 1),
    ("pyflate", 1),
    ("mdp", 1),
    ("unpack_sequence", 4000),
    ("comprehensions", 4000),
    ("generators", 5),
    ("coroutines", 6),
    ("json_loads", 250),
    ("regex_effbot", 4),
    ("deepcopy", 400),
    ("logging", 1000),
    ("pidigits", 1),
];

/// The programs that the options ask for.
pub fn choose(options: &Options) -> io::Result<Vec<Program>> {
    let start = |&(name, arguments): &(&str, &[&str])| Program {
        name: name.to_owned(),
        group: Group::Startup,
        arguments: arguments.iter().map(OsString::from).collect(),
        loops: 1,
    };
    let mut programs: Vec<Program> = STARTS.iter().map(start).collect();
    programs.extend(own()?);
    let wanted = |name: &str, group: Group| {
        options.group.as_ref().is_none_or(|wanted| wanted == group.name())
            && (options.words.is_empty() || options.words.iter().any(|word| name.contains(word.as_str())))
    };
    programs.retain(|program| wanted(&program.name, program.group));
    let theirs: Vec<_> = PYPERFORMANCE.iter().filter(|(name, _)| wanted(name, Group::Pyperformance)).collect();
    if !theirs.is_empty() {
        let folder = if options.list { PathBuf::new() } else { fetch::pyperformance()? };
        programs.extend(theirs.into_iter().map(|&(name, loops)| Program {
            name: name.to_owned(),
            group: Group::Pyperformance,
            arguments: vec![folder.join(format!("bm_{name}")).join("run_benchmark.py").into()],
            loops,
        }));
    }
    if programs.is_empty() {
        return Err(io::Error::other("no program matches (--list shows them)"));
    }
    Ok(programs)
}

fn own() -> io::Result<Vec<Program>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("programs"))? {
        let script = entry?.path();
        let Some(name) = script.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        if script.extension().is_some_and(|extension| extension == "py") {
            let group = if name.starts_with("memory") { Group::Memory } else { Group::Small };
            programs.push(Program { name: name.to_owned(), group, arguments: vec![script.clone().into()], loops: 1 });
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}
