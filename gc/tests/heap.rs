//! The heap seen through the toy: allocation, reachability, weak slots, finalizers, large cells,
//! limits, statistics.

mod toy;

use countless_gc::{HeapConfig, Slot, TempRoots, TypeOps, WeakTable, Zeal, copy_slots, fill_slots, lock, lock_two};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use toy::{NODE, Node, Random, Thread, Toy, checked};

fn count(thread: &Thread) -> usize {
    let mut cells = 0;
    thread.mutator.for_each_cell(&mut |_| cells += 1);
    cells
}

/// A list of `length` nodes in root 0.
fn build_list(thread: &Thread, length: usize) {
    thread.roots.0[0].init(0);
    for tag in 0..length {
        let node = thread.node(1, tag as u64);
        node.set(&thread.mutator, 0, Node::from_bits(thread.roots.0[0].load()));
        thread.roots.0[0].init(node.bits());
    }
}

fn check_list(thread: &Thread, length: usize) {
    let mut at = Node::from_bits(thread.roots.0[0].load());
    for tag in (0..length).rev() {
        let node = at.expect("the list is too short");
        assert_eq!(node.tag(), tag as u64);
        at = node.get(0);
    }
    assert!(at.is_none());
}

#[test]
fn cells_arrive_zeroed_in_every_size() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    for round in 0..3 {
        for size in (16..20_000).step_by(if round == 0 { 8 } else { 232 }) {
            let cell = thread.mutator.allocate(NODE, size);
            // SAFETY: the cell is fresh and has at least `size` bytes.
            unsafe {
                let usable = thread.mutator.cell_size(cell);
                assert!(usable >= size && usable == countless_gc::Mutator::rounded_size(size));
                assert_eq!(cell.as_ptr().addr() % 16, 0);
                let bytes = cell.as_ptr().cast::<u8>();
                assert!((8..usable).all(|index| *bytes.add(index) == 0), "size {size}");
                // Leave dirt for the next round, but no pointers.
                bytes.add(16).write_bytes(0xff, usable - 16);
            }
        }
        thread.collect_precisely();
        assert_eq!(count(&thread), 0);
    }
}

#[test]
fn what_is_reachable_stays_and_the_rest_goes() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    build_list(&thread, 100_000);
    thread.collect_precisely();
    check_list(&thread, 100_000);
    assert_eq!(count(&thread), 100_000);
    let before = toy.heap.stats();
    assert_eq!(before.live_cells, 100_000);
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert_eq!(count(&thread), 0);
    let after = toy.heap.stats();
    // The run in the buffer of the thread keeps its block.
    assert!(after.live_cells == 0 && after.blocks <= 1);
    assert!(after.bytes_swept >= 3_200_000);
}

#[test]
fn free_memory_goes_back_to_the_system_when_idle() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    build_list(&thread, 500_000);
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    let returned = || toy.heap.stats().bytes_returned;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while returned() < 13 << 20 && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(returned() >= 13 << 20, "{}", returned());
}

#[test]
fn words_on_the_native_stack_keep_cells() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let node = thread.node(3, 7);
    let child = thread.node(0, 8);
    node.set(&thread.mutator, 2, Some(child));
    let interior: *const Slot = node.slot(1);
    let hidden = std::hint::black_box(interior);
    thread.mutator.collect();
    assert_eq!(node.tag(), 7);
    assert_eq!(node.get(2).map(Node::tag), Some(8));
    assert!(std::ptr::eq(hidden, interior));
    let roots = TempRoots::new(&thread.mutator);
    roots.push(node.bits());
    thread.collect_precisely();
    assert_eq!(roots.get(0), Some(node.bits()));
    assert_eq!(count(&thread), 2);
    drop(roots);
    thread.collect_precisely();
    assert_eq!(count(&thread), 0);
}

#[test]
fn a_chain_of_a_million_needs_no_native_stack() {
    let toy = Toy::new(HeapConfig { verify: false, ..checked() });
    std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(move || {
            let thread = toy.thread();
            build_list(&thread, 1_000_000);
            thread.collect_precisely();
            check_list(&thread, 1_000_000);
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn large_cells_are_traced_moved_between_and_freed() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let big = thread.node(50_000, 1);
    thread.roots.0[0].init(big.bits());
    for index in 0..50_000 {
        let leaf = thread.node(0, index as u64);
        big.set(&thread.mutator, index, Some(leaf));
    }
    thread.collect_precisely();
    assert_eq!(toy.heap.stats().live_cells, 50_001);
    let other = thread.node(50_000, 2);
    thread.roots.0[1].init(other.bits());
    // SAFETY: both are live nodes with as many slots.
    unsafe {
        copy_slots(&thread.mutator, big.slot(0), other.slot(10_000), 40_000);
        copy_slots(&thread.mutator, other.slot(10_000), other.slot(9_999), 40_000);
        copy_slots(&thread.mutator, other.slot(9_999), other.slot(10_001), 39_999);
        fill_slots(&thread.mutator, big.slot(0), 50_000, 0);
    }
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert_eq!(other.get(10_001).map(Node::tag), Some(0));
    assert_eq!(other.get(49_999).map(Node::tag), Some(39_998));
    // Counting waits for the sweep.
    count(&thread);
    assert_eq!(toy.heap.stats().large_cells, 1);
    thread.roots.0[1].init(0);
    thread.collect_precisely();
    assert_eq!((count(&thread), toy.heap.stats().large_cells), (0, 0));
}

#[test]
fn impossible_sizes_are_errors() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    for size in [1 << 31, 1 << 45, usize::MAX / 2, usize::MAX - 3, usize::MAX] {
        assert!(thread.mutator.try_allocate(NODE, size).is_err(), "{size:#x}");
    }
}

#[test]
fn a_full_heap_is_an_error_and_recovers() {
    let toy = Toy::new(HeapConfig { max_bytes: 4 << 20, ..checked() });
    let thread = toy.thread();
    let mut held = 0;
    while let Ok(cell) = thread.mutator.try_allocate(NODE, 4096) {
        let node = Node(cell);
        // SAFETY: a fresh cell of 4096 bytes.
        unsafe { (*cell.as_ptr().cast::<Slot>().add(1)).init(1 << 3 | 1) };
        node.set(&thread.mutator, 0, Node::from_bits(thread.roots.0[0].load()));
        thread.roots.0[0].init(node.bits());
        held += 1;
    }
    assert!((900..=1024).contains(&held), "{held}");
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert!(thread.mutator.try_allocate(NODE, 1 << 20).is_ok());
}

#[test]
fn weak_slots_read_dead_after_their_referent() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let referent = thread.node(0, 5);
    thread.roots.0[0].init(referent.bits());
    let quiet = thread.weak(referent, false);
    let loud = thread.weak(referent, true);
    let unheard = thread.weak(referent, true);
    thread.roots.0[1].init(quiet.bits());
    thread.roots.0[2].init(loud.bits());
    thread.collect_precisely();
    assert_eq!(quiet.slot().get(&thread.mutator), Some(referent.bits()));
    assert!(thread.mutator.take_weak_notification().is_none());
    let _ = unheard;
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert_eq!(quiet.slot().get(&thread.mutator), None);
    assert_eq!(loud.slot().peek(), None);
    assert_eq!(thread.mutator.take_weak_notification(), Some(loud.0));
    assert!(thread.mutator.take_weak_notification().is_none());
    assert!(!loud.slot().clear());
}

#[test]
fn finalizable_cells_come_once_with_what_they_reach() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let first = thread.node(1, 1);
    let second = thread.node(1, 2);
    first.set(&thread.mutator, 0, Some(second));
    second.set(&thread.mutator, 0, Some(first));
    thread.roots.0[0].init(first.bits());
    let weak = thread.weak(second, true);
    thread.roots.0[1].init(weak.bits());
    thread.mutator.register_finalizable(second.bits());
    thread.mutator.register_finalizable(first.bits());
    thread.mutator.register_finalizable(first.bits());
    thread.collect_precisely();
    assert_eq!(thread.mutator.take_finalizable(), None);
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    // The weak slot is cleared although its referent comes back.
    assert_eq!(weak.slot().peek(), None);
    assert_eq!(thread.mutator.take_weak_notification(), Some(weak.0));
    assert_eq!(toy.heap.finalizable_ready(), 2);
    thread.collect_precisely();
    assert_eq!(thread.mutator.take_finalizable(), Some(second.bits()));
    assert_eq!(thread.mutator.take_finalizable(), Some(first.bits()));
    assert_eq!(thread.mutator.take_finalizable(), None);
    // Resurrected, and registered anew.
    thread.roots.0[0].init(second.bits());
    thread.mutator.register_finalizable(second.bits());
    thread.collect_precisely();
    assert_eq!(first.get(0), Some(second));
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert_eq!(thread.mutator.take_finalizable(), Some(second.bits()));
    assert_eq!(thread.mutator.take_finalizable(), None);
    thread.collect_precisely();
    assert_eq!(count(&thread), 1);
}

#[test]
fn dead_owners_are_dropped_once() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let before = toy::OWNERS_DROPPED.load(Ordering::Relaxed);
    let kept = thread.owner(100);
    thread.roots.0[0].init(countless_gc::word_of(kept));
    for _ in 0..5000 {
        thread.owner(10);
    }
    assert_eq!(toy.heap.stats().external_bytes, 50_100);
    thread.collect_precisely();
    assert_eq!(toy.heap.stats().external_bytes, 100);
    assert_eq!(toy::OWNERS_DROPPED.load(Ordering::Relaxed) - before, 5000);
    thread.collect_precisely();
    assert_eq!(toy.heap.stats().external_bytes, 100);
}

struct Interned(Mutex<Vec<u64>>);

impl WeakTable for Interned {
    fn purge(&self, _part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize {
        let mut words = self.0.lock().unwrap();
        let count = words.len();
        words.retain(|word| !is_dead(*word));
        count
    }
}

#[test]
fn weak_tables_lose_dead_entries() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let table: &'static Interned = Box::leak(Box::new(Interned(Mutex::default())));
    toy.heap.register_weak_table(table);
    for tag in 0..10 {
        let node = thread.node(0, tag);
        table.0.lock().unwrap().push(node.bits());
        thread.roots.0[tag as usize].init(if tag % 2 == 0 { node.bits() } else { 1 });
    }
    thread.collect_precisely();
    let left: Vec<u64> = table.0.lock().unwrap().iter().map(|word| Node::from_bits(*word).unwrap().tag()).collect();
    assert_eq!(left, [0, 2, 4, 6, 8]);
}

#[test]
fn types_die_with_their_owner_and_ids_come_back_a_cycle_later() {
    static DYNAMIC: TypeOps = TypeOps { name: "dynamic", trace: trace_nothing, drop: None };
    unsafe fn trace_nothing(_: *const countless_gc::Header, _: &mut countless_gc::Tracer<'_>) {}
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let shape = thread.node(0, 1);
    let id = toy.heap.types().register(&DYNAMIC, shape.bits()).unwrap();
    let instance = thread.mutator.allocate(id, 16);
    thread.roots.0[0].init(countless_gc::word_of(instance));
    thread.collect_precisely();
    assert_eq!(count(&thread), 2, "the instance keeps its type's owner");
    thread.roots.0[0].init(0);
    thread.collect_precisely();
    assert_eq!(count(&thread), 0);
    let other = thread.node(0, 2);
    thread.roots.0[0].init(other.bits());
    let next = toy.heap.types().register(&DYNAMIC, other.bits()).unwrap();
    assert_ne!(next, id, "the id is not reused before the next cycle");
    thread.collect_precisely();
    let reused = toy.heap.types().register(&DYNAMIC, other.bits()).unwrap();
    assert_eq!(reused, id);
}

#[test]
fn census_counts_by_type() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    build_list(&thread, 10);
    let weak = thread.weak(Node::from_bits(thread.roots.0[0].load()).unwrap(), false);
    thread.roots.0[1].init(weak.bits());
    let mut rows = Vec::new();
    thread.mutator.census(&mut |type_id, cells, bytes| rows.push((type_id.0, cells, bytes)));
    assert_eq!(rows, [(1, 10, 320), (2, 1, 32)]);
}

#[test]
fn immortal_cells_stay() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let node = thread.node(1, 3);
    let child = thread.node(0, 4);
    node.set(&thread.mutator, 0, Some(child));
    thread.mutator.make_immortal(node.0);
    thread.mutator.make_immortal(node.0);
    thread.collect_precisely();
    assert_eq!((count(&thread), node.get(0).map(Node::tag)), (2, Some(4)));
}

#[test]
fn memory_of_small_cells_is_dense() {
    let toy = Toy::new(HeapConfig { poison: false, verify: false, ..checked() });
    let thread = toy.thread();
    build_list(&thread, 682 * 100);
    // 24 + 8 bytes are a cell of 32.
    let stats = toy.heap.stats();
    assert!(stats.blocks as usize * 32_768 <= 682 * 100 * 32 + 32_768, "{} blocks", stats.blocks);
}

#[test]
fn locks_of_one_thread_are_skipped_and_nest() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let (one, other) = (thread.node(0, 1), thread.node(0, 2));
    // SAFETY: both nodes are on this thread's stack.
    let (first, second) = unsafe { (one.0.as_ref(), other.0.as_ref()) };
    drop(lock(&thread.mutator, first));
    drop(lock_two(&thread.mutator, second, first));
    drop(lock_two(&thread.mutator, first, first));
    assert!(!toy.heap.has_many_threads());
}

#[test]
fn fragmented_blocks_are_refilled() {
    for zeal in [Zeal::Off, Zeal::AllocN(97)] {
        let toy = Toy::new(HeapConfig { zeal, verify: false, ..checked() });
        let thread = toy.thread();
        let table = thread.node(5000, 0);
        thread.roots.0[0].init(table.bits());
        let mut random = Random::new(3);
        for step in 0..40_000 {
            let index = random.below(5000);
            let node = thread.node(random.below(6), step);
            table.set(&thread.mutator, index, (step % 3 != 0).then_some(node));
            if step % 10_000 == 9_999 {
                thread.collect_precisely();
            }
        }
        let held = (0..5000).filter(|index| table.get(*index).is_some()).count();
        thread.collect_precisely();
        assert_eq!(count(&thread), held + 1);
        assert!(toy.heap.stats().blocks < 5000 * 72 / 32_768 + 24, "{}", toy.heap.stats().blocks);
    }
}
