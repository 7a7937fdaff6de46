//! Threads that allocate, store, lock, detach and collect at once; forks; panics.

mod toy;

use countless_gc::{HeapConfig, Slot, Zeal, interrupt, lock, lock_two};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use toy::{Node, ROOTS, Random, Thread, Toy, checked};

const SHARED: usize = 32;
/// Miri is slow.
const SCALE: usize = if cfg!(miri) { 100 } else { 1 };

/// Moves nodes about between shared and own roots, and checks that every node that is reached is
/// intact.
fn churn(toy: &Toy, thread: &Thread, seed: u64, steps: usize) {
    let mut random = Random::new(seed);
    let mutator = &*thread.mutator;
    let shared = Node::from_bits(toy.globals.0[0].load()).unwrap();
    for step in 0..steps {
        let own = &thread.roots.0[random.below(ROOTS)];
        let place = shared.slot(random.below(SHARED));
        match random.below(8) {
            0..3 => {
                let node = thread.node(1 + random.below(20), step as u64);
                node.slot(0).init(own.load());
                own.init(if random.below(6) == 0 { 0 } else { node.bits() });
            }
            3 => place.store(mutator, own.load()),
            4 => own.init(place.load()),
            5 => own.init(place.swap(mutator, own.load())),
            6 => {
                let old = place.load();
                if place.compare_exchange(mutator, old, own.load()).is_ok() {
                    own.init(old);
                }
            }
            _ => {
                if let Some(node) = Node::from_bits(place.load()) {
                    let index = random.below(node.len());
                    node.slot(index).store(mutator, own.load());
                }
            }
        }
        check(own);
        if mutator.poll_requested() != 0 {
            mutator.safepoint();
        }
        if random.below(4000) == 0 {
            mutator.collect();
        }
        if random.below(500) == 0 {
            mutator.detached(std::thread::yield_now);
        }
        if random.below(50) == 0 {
            own.init(0);
        }
    }
}

/// Tells other threads that the test is over, also when it fails.
struct Ended<'test>(&'test AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Walks a little from a slot: poisoned or reused cells do not look like nodes.
fn check(from: &Slot) {
    let mut at = Node::from_bits(from.load());
    for _ in 0..8 {
        let Some(node) = at else { return };
        // SAFETY: the node is reachable.
        assert_eq!(unsafe { node.0.as_ref() }.type_id(), toy::NODE);
        assert!((1..=SHARED).contains(&node.len()), "length {}", node.len());
        at = node.get(0);
    }
}

fn run_threads(config: HeapConfig, threads: usize, steps: usize) -> Toy {
    let toy = Toy::new(config);
    let main = toy.thread();
    toy.globals.0[0].init(main.node(SHARED, 0).bits());
    main.mutator.detached(|| {
        std::thread::scope(|scope| {
            for seed in 0..threads {
                let toy = &toy;
                scope.spawn(move || {
                    let thread = toy.thread();
                    churn(toy, &thread, seed as u64 + 1, steps / SCALE);
                });
            }
        });
    });
    // Nothing but the shared node and what hangs on it is left.
    toy.globals.0[0].init(0);
    main.collect_precisely();
    assert_eq!(toy.heap.stats().live_cells, 0);
    drop(main);
    toy
}

#[test]
fn threads_share_a_heap() {
    let toy = run_threads(checked(), 4, 60_000);
    assert!(toy.heap.stats().cycles > 10 / SCALE as u64 && toy.heap.has_many_threads());
}

#[test]
fn threads_share_a_heap_that_paces_itself() {
    let config =
        HeapConfig { automatic: true, initial_goal: 256 << 10, workers: 2, parallel_threshold: 0, ..checked() };
    run_threads(config, 4, 60_000);
}

#[test]
fn threads_share_a_heap_under_zeal() {
    run_threads(HeapConfig { zeal: Zeal::AllocN(101), ..checked() }, 3, 20_000);
    let toy = run_threads(HeapConfig { zeal: Zeal::Incremental(5), ..checked() }, 3, 40_000);
    let (stats, scale) = (toy.heap.stats(), SCALE as u64);
    assert!(stats.cycles > 100 / scale && stats.barrier_slow_paths > 1000 / scale);
}

#[test]
fn threads_share_a_heap_that_is_marked_beside_them() {
    let config = HeapConfig { automatic: true, zeal: Zeal::Concurrent(32), ..checked() };
    let toy = run_threads(config, 4, 200_000);
    let (stats, scale) = (toy.heap.stats(), SCALE as u64);
    assert!(stats.cycles > 100 / scale && stats.barrier_slow_paths > 100 / scale, "{stats:?}");
}

#[test]
fn threads_share_a_heap_without_checks() {
    let config = HeapConfig { poison: false, verify: false, automatic: true, initial_goal: 1 << 20, ..checked() };
    run_threads(config, 4, 300_000);
}

#[test]
fn a_detached_thread_does_not_hold_up_the_world() {
    let toy = Toy::new(checked());
    let main = toy.thread();
    let (start, stop) = (Arc::new(Barrier::new(2)), Arc::new(AtomicBool::new(false)));
    let handle = std::thread::spawn({
        let (start, stop) = (Arc::clone(&start), Arc::clone(&stop));
        let (heap, globals) = (toy.heap, Arc::clone(&toy.globals));
        move || {
            let thread = Toy { heap, globals }.thread();
            let node = thread.node(1, 42);
            thread.mutator.detached(|| {
                start.wait();
                while !stop.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            // The node was held by this stack only.
            assert_eq!(node.tag(), 42);
        }
    });
    main.mutator.detached(|| start.wait());
    for _ in 0..20 {
        main.mutator.collect();
    }
    assert_eq!(toy.heap.stats().live_cells, 1);
    stop.store(true, Ordering::Relaxed);
    main.mutator.detached(|| handle.join().unwrap());
}

#[test]
fn a_panic_in_a_detached_section_or_a_stop_leaves_the_world_in_order() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let quiet = std::panic::AssertUnwindSafe(|| thread.mutator.detached(|| std::panic::resume_unwind(Box::new(1))));
    assert!(std::panic::catch_unwind(quiet).is_err());
    let quiet =
        std::panic::AssertUnwindSafe(|| thread.mutator.stop_the_world(|| std::panic::resume_unwind(Box::new(1))));
    assert!(std::panic::catch_unwind(quiet).is_err());
    let (heap, globals) = (toy.heap, Arc::clone(&toy.globals));
    let panicked = std::thread::spawn(move || {
        let thread = Toy { heap, globals }.thread();
        thread.node(1, 1);
        std::panic::resume_unwind(Box::new(1));
    });
    assert!(thread.mutator.detached(|| panicked.join()).is_err());
    thread.mutator.collect();
}

#[test]
fn stops_nest_and_collect() {
    let toy = Toy::new(checked());
    let main = toy.thread();
    let running = AtomicBool::new(true);
    let moving = AtomicUsize::new(0);
    main.mutator.detached(|| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let thread = toy.thread();
                    while running.load(Ordering::Relaxed) {
                        moving.fetch_add(1, Ordering::Relaxed);
                        thread.node(1, 1);
                        if thread.mutator.poll_requested() != 0 {
                            thread.mutator.safepoint();
                        }
                    }
                });
            }
            let _ended = Ended(&running);
            let thread = toy.thread();
            for _ in 0..50 {
                thread.mutator.stop_the_world(|| {
                    let before = moving.load(Ordering::Relaxed);
                    let node = thread.node(1, 9);
                    thread.mutator.stop_the_world(|| thread.mutator.collect());
                    assert_eq!(node.tag(), 9);
                    std::thread::yield_now();
                    assert_eq!(moving.load(Ordering::Relaxed), before);
                });
            }
        });
    });
}

#[test]
fn locks_exclude_and_waiting_is_a_safepoint() {
    let toy = Toy::new(checked());
    let main = toy.thread();
    let cells = main.node(2, 0);
    toy.globals.0[0].init(cells.bits());
    for index in 0..2 {
        cells.set(&main.mutator, index, Some(main.node(1, 0)));
    }
    const ROUNDS: u64 = 20_000 / SCALE as u64;
    main.mutator.detached(|| {
        std::thread::scope(|scope| {
            for thread_index in 0..4u64 {
                let toy = &toy;
                scope.spawn(move || {
                    let thread = toy.thread();
                    let cells = Node::from_bits(toy.globals.0[0].load()).unwrap();
                    let (one, two) = (cells.get(0).unwrap(), cells.get(1).unwrap());
                    // SAFETY: the nodes are reachable.
                    let (first, second) = unsafe { (one.0.as_ref(), two.0.as_ref()) };
                    for round in 0..ROUNDS {
                        if thread_index % 2 == 0 {
                            let _guard = lock(&thread.mutator, first);
                            one.name(one.tag() + 1);
                        } else {
                            let (left, right) = if round % 2 == 0 { (first, second) } else { (second, first) };
                            let _guards = lock_two(&thread.mutator, left, right);
                            one.name(one.tag() + 1);
                            two.name(two.tag() + 1);
                        }
                        if round % 1000 == 0 {
                            thread.mutator.collect();
                        }
                        if thread.mutator.poll_requested() != 0 {
                            thread.mutator.safepoint();
                        }
                    }
                });
            }
        });
    });
    assert_eq!(cells.get(0).map(Node::tag), Some(4 * ROUNDS));
    assert_eq!(cells.get(1).map(Node::tag), Some(2 * ROUNDS));
}

#[test]
fn user_interrupts_reach_their_thread() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let handle = Arc::clone(thread.mutator.handle());
    std::thread::spawn(move || handle.interrupt(1 << 4)).join().unwrap();
    assert_eq!(thread.mutator.poll_requested(), 1 << 4);
    assert_eq!(thread.mutator.safepoint(), 1 << 4);
    toy.heap.interrupt_all(1 << 5 | interrupt::STOP);
    assert_eq!(thread.mutator.take_interrupts(!0), 1 << 4 | 1 << 5);
    assert_eq!(thread.mutator.poll_requested(), 0);
}

#[test]
fn reattached_sections_are_inside_detached_ones() {
    let toy = Toy::new(checked());
    let thread = toy.thread();
    let node = thread.node(1, 1);
    // SAFETY: the cells are touched in the reattached section only.
    unsafe {
        thread.mutator.detached_unchecked(|| {
            thread.mutator.reattached(|| {
                let other = thread.node(1, 2);
                thread.mutator.collect();
                assert_eq!(other.tag(), 2);
            });
        });
    }
    thread.mutator.collect();
    assert_eq!(node.tag(), 1);
}

#[test]
fn both_sides_of_a_fork_go_on() {
    for zeal in [Zeal::Incremental(2), Zeal::Concurrent(16)] {
        fork_beside_threads(HeapConfig { workers: 2, parallel_threshold: 0, automatic: true, zeal, ..checked() });
    }
}

fn fork_beside_threads(config: HeapConfig) {
    let toy = Toy::new(config);
    let main = toy.thread();
    toy.globals.0[0].init(main.node(SHARED, 0).bits());
    let running = AtomicBool::new(true);
    main.mutator.detached(|| {
        std::thread::scope(|scope| {
            for seed in 0..2 {
                let (toy, running) = (&toy, &running);
                scope.spawn(move || {
                    let thread = toy.thread();
                    while running.load(Ordering::Relaxed) {
                        churn(toy, &thread, seed + 1, 1000);
                    }
                });
            }
            let _ended = Ended(&running);
            let thread = toy.thread();
            for round in 0..10 {
                churn(&toy, &thread, 100 + round, 500);
                fork_and_churn(&toy, &thread);
            }
        });
    });
}

fn fork_and_churn(toy: &Toy, thread: &Thread) {
    let pause = thread.mutator.prepare_fork();
    // SAFETY: the child uses the heap, which the pause makes safe, and leaves without unwinding or
    // destructors.
    let child = unsafe { libc::fork() };
    if child == 0 {
        pause.resume_in_child();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            assert!(!toy.heap.has_many_threads());
            churn(toy, thread, 7, 2000);
            thread.mutator.collect();
        }));
        // SAFETY: ends the child.
        unsafe { libc::_exit(result.is_err().into()) };
    }
    pause.resume_in_parent();
    assert!(child > 0);
    let status = thread.mutator.detached(|| {
        let mut status = 0;
        // SAFETY: waits for the child made above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        status
    });
    assert_eq!(status, 0, "the child failed");
}
