//! fails with E0277: cannot be shared between threads safely
//! Lists of roots are read by the collector while their thread is detached, so they are not touched
//! there.

use countless_gc::TempRoots;

pub fn push(mutator: &countless_gc::Mutator, roots: &TempRoots<'_>) {
    mutator.detached(|| roots.push(1));
}
