//! fails with E0277: cannot be sent between threads safely
//! A lock's guard stays on its thread.

use countless_gc::{Header, Mutator, lock};

pub fn detach(mutator: &Mutator, cell: &Header) {
    let guard = lock(mutator, cell);
    mutator.detached(move || drop(guard));
}
