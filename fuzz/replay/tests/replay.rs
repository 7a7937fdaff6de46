//! A bounded run of the fuzz target on stable: seeds as they are, then mutations of them.
//!
//! `COUNTLESS_FUZZ_INPUTS` sets how many mutations (default below), `COUNTLESS_FUZZ_SEED` where the sequence starts. The input at
//! work is kept in the target folder, for the case that it ends the process.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, panic, thread};

use fuzz_replay::mutate::{Random, mutate};
use fuzz_replay::parse_compile;

const DEFAULT_INPUTS: u64 = 3000;
/// What a thread of a program may have: walks over the tree must manage with it.
const STACK_BYTES: usize = 512 * 1024;
/// Far above what any of these inputs takes; an input beyond it is as bad as a hang.
const LONGEST: Duration = Duration::from_secs(20);

fn scripts_below(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            scripts_below(&path, seeds);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            seeds.extend(fs::read(&path));
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seeds = Vec::new();
    scripts_below(&workspace.join("fuzz/seeds"), &mut seeds);
    scripts_below(&workspace.join("snapshots/scripts"), &mut seeds);
    assert!(seeds.len() > 10, "the seed corpus is missing");
    seeds
}

/// Runs one input on a small stack, and says whether it compiled; the input is on disk before it runs.
fn check(input: Vec<u8>, label: &str) -> bool {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parse_compile-input");
    fs::write(&kept, &input).expect("the target folder can be written");
    let started = Instant::now();
    let worker = thread::Builder::new().stack_size(STACK_BYTES);
    let result = worker.spawn(move || panic::catch_unwind(|| parse_compile(&input))).expect("a thread starts").join();
    let Ok(Ok(compiled)) = result else { panic!("{label} fails: the input is {}", kept.display()) };
    let elapsed = started.elapsed();
    assert!(elapsed < LONGEST, "{label} takes {elapsed:?}: the input is {}", kept.display());
    compiled
}

#[test]
fn seeds_and_mutations() {
    let seeds = seeds();
    let good =
        seeds.iter().enumerate().filter(|(number, seed)| check(seed.to_vec(), &format!("seed {number}"))).count();
    // A few scripts are there for their syntax errors; if more fail, nothing deep is reached.
    assert!(good * 10 > seeds.len() * 9, "only {good} of {} seeds compile", seeds.len());
    let setting = |name, default| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let first = setting("COUNTLESS_FUZZ_SEED", 1);
    let inputs = setting("COUNTLESS_FUZZ_INPUTS", DEFAULT_INPUTS);
    let compiled = (first..first + inputs)
        .filter(|&number| check(mutate(&mut Random::new(number), &seeds), &format!("mutation {number}")))
        .count();
    println!("fuzz-replay: {good} of {} seeds and {compiled} of {inputs} mutations compile", seeds.len());
}
