//! fails with E0382: use of moved value: `pause`
//! A fork is finished once.

pub fn fork(mutator: &countless_gc::Mutator) {
    let pause = mutator.prepare_fork();
    pause.resume_in_parent();
    pause.resume_in_child();
}
