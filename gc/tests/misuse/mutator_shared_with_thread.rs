//! fails with E0277: cannot be shared between threads safely
//! A mutator is not shared with other threads, by reference either.

pub fn share(mutator: &countless_gc::Mutator) {
    std::thread::scope(|scope| {
        scope.spawn(|| mutator.collect());
    });
}
