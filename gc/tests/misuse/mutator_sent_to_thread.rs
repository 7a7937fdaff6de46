//! fails with E0277: `NonNull<Mutator>` cannot be sent between threads safely
//! A mutator belongs to its thread.

pub fn send(mutator: countless_gc::AttachedMutator) {
    std::thread::spawn(move || drop(mutator));
}
