//! fails with E0061: takes 2 arguments but 1 argument was supplied
//! A store to a published slot needs the mutator, and so runs the barrier.

pub fn store(slot: &countless_gc::Slot) {
    slot.store(1);
}
