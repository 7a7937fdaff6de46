//! fails with E0505: cannot move out of `mutator` because it is borrowed
//! A list of roots does not outlive the mutator that it is registered with.

use countless_gc::{AttachedMutator, TempRoots};

pub fn leak(mutator: AttachedMutator) {
    let roots = TempRoots::new(&mutator);
    drop(mutator);
    roots.push(1);
}
