//! Mistakes of a user that the verifier must find. Each is made in a child process, which must end
//! with the right message.

mod toy;

use countless_gc::{HeapConfig, Zeal};
use std::process::Command;
use toy::{Node, Thread, Toy, checked};

const ENVIRONMENT: &str = "GC_FAULT";

/// Runs the test `name` of this file in a child that makes the mistake, and returns what it wrote
/// to standard error.
fn child_dies(name: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(ENVIRONMENT, "1")
        .output()
        .unwrap();
    assert!(!output.status.success(), "the mistake was not noticed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn is_child() -> bool {
    std::env::var_os(ENVIRONMENT).is_some()
}

/// Moves a node from an unmarked place to a marked one, without the barrier.
#[test]
fn a_store_without_barrier_is_found() {
    if !is_child() {
        let message = child_dies("a_store_without_barrier_is_found");
        assert!(message.contains("a reachable node") && message.contains("is unmarked"), "{message}");
        return;
    }
    let toy = Toy::new(HeapConfig { zeal: Zeal::Incremental(1), ..checked() });
    let thread = toy.thread();
    // The end of a long list is marked late, so that there is time for the mistake.
    let holder = thread.node(1, 0);
    thread.roots.0[0].init(holder.bits());
    let last = thread.node(1, 0);
    thread.roots.0[1].init(last.bits());
    // Hidden from the scan of this stack, which would mark it at once.
    let last = std::hint::black_box(!last.bits());
    for tag in 0..300 {
        let node = thread.node(1, tag);
        node.slot(0).init(thread.roots.0[1].load());
        thread.roots.0[1].init(node.bits());
    }
    for _ in 0..1_000 {
        plant(&thread, last);
        scrub();
        for _ in 0..50 {
            thread.mutator.safepoint();
        }
        transplant(&thread, last, holder);
        for _ in 0..700 {
            thread.mutator.safepoint();
        }
    }
}

/// Overwrites what earlier calls left on the stack, where the collector might find it.
#[inline(never)]
fn scrub() {
    std::hint::black_box([0u64; 2048]);
}

fn reveal(hidden: u64) -> Node {
    Node::from_bits(!hidden).unwrap()
}

/// Hangs a node where it is marked late.
#[inline(never)]
fn plant(thread: &Thread, last: u64) {
    let far = thread.node(1, 1);
    thread.roots.0[2].init(far.bits());
    far.slot(0).init(thread.node(1, 2).bits());
    reveal(last).set(&thread.mutator, 0, Some(far));
    thread.roots.0[2].init(0);
}

/// Takes it away without the barrier and hangs it on a node that is born black.
#[inline(never)]
fn transplant(thread: &Thread, last: u64, holder: Node) {
    let fresh = thread.node(1, 3);
    if let Some(far) = reveal(last).get(0) {
        fresh.slot(0).init(far.slot(0).load());
        far.slot(0).init(0);
    }
    holder.set(&thread.mutator, 0, Some(fresh));
}

/// Uses a cell that precise roots do not hold after a collection that was told not to look at
/// stacks.
#[test]
fn a_dead_cell_in_a_root_is_found() {
    if !is_child() {
        let message = child_dies("a_dead_cell_in_a_root_is_found");
        assert!(message.contains("is no live cell"), "{message}");
        return;
    }
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let lost: Node = thread.node(1, 1);
    thread.collect_precisely();
    thread.roots.0[0].init(lost.bits());
    thread.collect_precisely();
}
