//! Between the end of marking and the end of the cycle: what the program sees while weak places are cleared.
//!
//! `Zeal::Incremental` with one step per safepoint lets a test stop wherever it likes. Native stacks are scanned, so some of
//! the dead may be kept: tests make many and want most.

mod toy;

use countless_gc::{HeapConfig, WeakTable, Zeal};
use std::sync::Mutex;
use toy::{Node, ROOTS, Thread, Toy, Weak, checked};

const MANY: usize = 200;
const MOST: usize = MANY - 20;

fn stepwise() -> HeapConfig {
    HeapConfig { zeal: Zeal::Incremental(1), ..checked() }
}

/// A row of nodes in a root, and for each a weak cell in another, with notification.
#[inline(never)]
fn build(thread: &Thread, finalizable: bool) {
    let nodes = thread.node(MANY, 0);
    thread.roots.0[0].init(nodes.bits());
    let weak_cells = thread.node(MANY, 0);
    thread.roots.0[1].init(weak_cells.bits());
    for index in 0..MANY {
        let node = thread.node(1, index as u64);
        nodes.set(&thread.mutator, index, Some(node));
        let child = thread.node(0, 1000 + index as u64);
        node.set(&thread.mutator, 0, Some(child));
        if finalizable {
            thread.mutator.register_finalizable(node.bits());
        }
        let weak = thread.weak(node, true);
        weak_cells.slot(index).store(&thread.mutator, weak.bits());
    }
}

/// Overwrites what calls left on the stack.
#[inline(never)]
fn wipe_stack() {
    std::hint::black_box(&mut [0u64; 4096]);
}

fn weak_cells(thread: &Thread) -> Vec<Weak> {
    let row = Node::from_bits(thread.roots.0[1].load()).unwrap();
    (0..MANY).map(|index| Weak(row.get(index).unwrap().0)).collect()
}

/// Goes on until a cycle that began after this call has ended marking.
fn until_clearing(thread: &Thread) {
    wipe_stack();
    let cycles = thread.mutator.heap().stats().cycles;
    while !thread.mutator.is_clearing() || thread.mutator.heap().stats().cycles < cycles + 1 {
        thread.mutator.safepoint();
    }
}

fn until_cleared(thread: &Thread) {
    while thread.mutator.is_clearing() {
        thread.mutator.safepoint();
    }
}

#[test]
fn weak_slots_read_dead_before_they_are_emptied() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    build(&thread, false);
    let kept = thread.node(0, 7);
    thread.roots.0[2].init(kept.bits());
    let to_kept = thread.weak(kept, true);
    thread.roots.0[3].init(to_kept.bits());
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    let cells = weak_cells(&thread);
    let full = cells.iter().filter(|weak| weak.slot().peek().is_some()).count();
    let readable = cells.iter().filter(|weak| weak.slot().get(&thread.mutator).is_some()).count();
    assert!(full > MOST && readable < MANY - MOST, "{full} are full, {readable} readable");
    assert_eq!(to_kept.slot().get(&thread.mutator), Some(kept.bits()));
    // A slot that is made now refers to what is alive.
    let late = thread.weak(kept, true);
    thread.roots.0[4].init(late.bits());
    assert_eq!(toy.heap.weak_notifications_ready(), 0, "nothing is published before the end");
    until_cleared(&thread);
    assert!(toy.heap.weak_notifications_ready() > MOST);
    assert!(cells.iter().filter(|weak| weak.slot().peek().is_none()).count() > MOST);
    assert_eq!(late.slot().get(&thread.mutator), Some(kept.bits()));
}

#[test]
fn finalizable_cells_are_out_of_reach_until_the_cycle_ends() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    build(&thread, true);
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    let cells = weak_cells(&thread);
    while thread.mutator.is_clearing() {
        // Neither before nor after their marking for the finalizers.
        let readable = cells.iter().filter(|weak| weak.slot().get(&thread.mutator).is_some()).count();
        assert!(readable < MANY - MOST, "{readable} are readable");
        assert_eq!((toy.heap.finalizable_ready(), thread.mutator.take_finalizable()), (0, None));
        // Cells that are made and registered meanwhile are none of this cycle's business.
        let node = thread.node(1, 1);
        thread.mutator.register_finalizable(node.bits());
        thread.roots.0[8].init(node.bits());
        thread.mutator.safepoint();
    }
    let mut found = Vec::new();
    while let Some(word) = thread.mutator.take_finalizable() {
        let node = Node::from_bits(word).unwrap();
        let index = node.tag();
        if node.get(0).is_some_and(|child| child.tag() == 1000 + index) {
            found.push(index);
        }
    }
    assert!(found.len() > MOST && found.is_sorted(), "{found:?}");
}

#[test]
fn a_walk_through_the_heap_ends_the_cycle_first() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    build(&thread, true);
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    let mut count = 0;
    thread.mutator.for_each_cell(&mut |_| count += 1);
    assert!(!thread.mutator.is_clearing());
    assert!(toy.heap.finalizable_ready() > MOST && count > MANY);
    build(&thread, true);
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    thread.mutator.finish_clearing();
    assert!(!thread.mutator.is_clearing() && toy.heap.finalizable_ready() > 2 * MOST);
}

/// A table of words with a lock for each part.
struct Table([Mutex<Vec<u64>>; 4]);

impl WeakTable for Table {
    fn parts(&self) -> usize {
        self.0.len()
    }

    fn purge(&self, part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize {
        let mut words = self.0[part].lock().unwrap();
        let count = words.len();
        words.retain(|word| !is_dead(*word));
        count
    }
}

#[test]
fn what_is_found_in_a_table_lives_also_if_it_was_dead() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    let table: &'static Table = Box::leak(Box::new(Table(std::array::from_fn(|_| Mutex::default()))));
    toy.heap.register_weak_table(table);
    build(&thread, false);
    let nodes = Node::from_bits(thread.roots.0[0].load()).unwrap();
    for index in 0..MANY {
        table.0[index % 4].lock().unwrap().push(nodes.get(index).unwrap().bits());
    }
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    // The third part is read before it is purged.
    let row = thread.node(MANY, 0);
    thread.roots.0[2].init(row.bits());
    {
        let words = table.0[2].lock().unwrap();
        assert_eq!(words.len(), MANY / 4);
        for (index, &word) in words.iter().enumerate() {
            thread.mutator.keep_from_table(word);
            row.slot(index).store(&thread.mutator, word);
        }
    }
    until_cleared(&thread);
    let left = |part: usize| table.0[part].lock().unwrap().len();
    assert_eq!(left(2), MANY / 4);
    assert!(left(0) + left(1) + left(3) < MANY - MOST);
    thread.collect_precisely();
    for index in 0..MANY / 4 {
        let node = row.get(index).unwrap();
        assert_eq!(node.get(0).unwrap().tag(), 1000 + node.tag());
    }
}

#[test]
fn threads_that_come_while_clearing_are_told() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    build(&thread, true);
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    thread.mutator.detached(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let other = toy.thread();
                assert!(other.mutator.is_clearing());
                let node = other.node(ROOTS, 5);
                other.mutator.register_finalizable(node.bits());
            });
        });
    });
    until_cleared(&thread);
    assert!(toy.heap.finalizable_ready() > MOST);
}

#[cfg(not(miri))]
#[test]
fn the_child_of_a_fork_ends_a_cycle_that_is_clearing() {
    let toy = Toy::new(stepwise());
    let thread = toy.thread();
    build(&thread, true);
    thread.roots.0[0].init(0);
    until_clearing(&thread);
    let pause = thread.mutator.prepare_fork();
    // SAFETY: the child uses the heap, which the pause makes safe, and leaves without unwinding or destructors.
    let child = unsafe { libc::fork() };
    if child == 0 {
        pause.resume_in_child();
        let ended = !thread.mutator.is_clearing() && toy.heap.finalizable_ready() > MOST;
        let notified = toy.heap.weak_notifications_ready() > MOST;
        thread.mutator.collect();
        // SAFETY: ends the child.
        unsafe { libc::_exit((!(ended && notified)).into()) };
    }
    pause.resume_in_parent();
    assert!(child > 0 && thread.mutator.is_clearing());
    let mut status = 0;
    // SAFETY: waits for the child made above.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed");
}
