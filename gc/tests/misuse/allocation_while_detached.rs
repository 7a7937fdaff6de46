//! fails with E0277: cannot be shared between threads safely
//! A detached thread does not touch the heap.

use countless_gc::{Mutator, TypeId};

pub fn allocate(mutator: &Mutator) {
    mutator.detached(|| {
        mutator.allocate(TypeId(1), 16);
    });
}
