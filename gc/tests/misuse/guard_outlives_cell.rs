//! fails with E0515: cannot return value referencing function parameter `cell`
//! A lock's guard borrows the header that it locks.

use countless_gc::{Header, LockGuard, Mutator, lock};

pub fn outlive<'cell>(mutator: &Mutator, cell: Box<Header>) -> LockGuard<'cell> {
    lock(mutator, &cell)
}
