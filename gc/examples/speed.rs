//! How fast the heap is, beside `gc-arena` and plain boxes where they can do the same. Run with
//! `--release`.
//!
//! `binary_trees` allocates and drops many trees; `list_churn` keeps a large live heap and replaces
//! parts of it; `mark` times full collections of a live graph; `allocate` is the bare allocation of
//! small cells that die at once.

use countless_gc::{AttachedMutator, Header, Heap, HeapConfig, HeapHooks, Mutator, Slot, Tracer, TypeId, TypeOps};
use gc_arena::{Arena, Collect, Gc, Mutation, Rootable};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAIR: TypeId = TypeId(1);
static PAIR_OPS: TypeOps = TypeOps { name: "pair", trace: trace_pair, drop: None };

unsafe fn trace_pair(cell: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: a pair is a header and two slots.
    unsafe {
        let words = cell.cast::<Slot>();
        tracer.slot(&*words.add(1));
        tracer.slot(&*words.add(2));
    }
}

struct Roots(Vec<Slot>);

struct Hooks(Arc<Roots>);

impl HeapHooks for Hooks {
    fn trace_globals(&self, tracer: &mut Tracer<'_>) {
        for slot in &self.0.0 {
            tracer.slot(slot);
        }
    }

    unsafe fn trace_thread(&self, _thread_data: *const (), _tracer: &mut Tracer<'_>) {}
}

fn new_heap(workers: usize) -> (AttachedMutator, Arc<Roots>) {
    let roots = Arc::new(Roots((0..1024).map(|_| Slot::new(0)).collect()));
    let config = HeapConfig { workers, ..HeapConfig::default() };
    let heap = Heap::create(config, Box::new(Hooks(Arc::clone(&roots)))).unwrap();
    heap.types().register_at(PAIR, &PAIR_OPS, 0).unwrap();
    (heap.attach(std::ptr::null()), roots)
}

fn slot(cell: NonNull<Header>, index: usize) -> &'static Slot {
    // SAFETY: callers hold a pair.
    unsafe { &*cell.as_ptr().cast::<Slot>().add(1 + index) }
}

#[inline(always)]
fn pair(mutator: &Mutator, left: u64, right: u64) -> NonNull<Header> {
    let cell = mutator.allocate(PAIR, 24);
    slot(cell, 0).init(left);
    slot(cell, 1).init(right);
    cell
}

fn tree(mutator: &Mutator, depth: usize) -> NonNull<Header> {
    if depth == 0 {
        return pair(mutator, 0, 0);
    }
    let left = tree(mutator, depth - 1);
    let right = tree(mutator, depth - 1);
    pair(mutator, countless_gc::word_of(left), countless_gc::word_of(right))
}

#[derive(Collect)]
#[collect(no_drop)]
struct ArenaTree<'gc>(Option<(Gc<'gc, ArenaTree<'gc>>, Gc<'gc, ArenaTree<'gc>>)>);

fn arena_tree<'gc>(mc: &Mutation<'gc>, depth: usize) -> Gc<'gc, ArenaTree<'gc>> {
    let children = (depth > 0).then(|| (arena_tree(mc, depth - 1), arena_tree(mc, depth - 1)));
    Gc::new(mc, ArenaTree(children))
}

#[allow(dead_code)]
struct BoxTree(Option<(Box<BoxTree>, Box<BoxTree>)>);

fn box_tree(depth: usize) -> Box<BoxTree> {
    Box::new(BoxTree((depth > 0).then(|| (box_tree(depth - 1), box_tree(depth - 1)))))
}

fn time(name: &str, units: usize, body: impl FnOnce()) -> Duration {
    let start = Instant::now();
    body();
    let elapsed = start.elapsed();
    let each = elapsed.as_nanos() as f64 / units as f64;
    println!("{name:<32} {:>9.1} ms {each:>8.2} ns each", elapsed.as_secs_f64() * 1000.0);
    elapsed
}

fn binary_trees() {
    const DEPTH: usize = 14;
    const TREES: usize = 200;
    let cells = TREES * ((2 << DEPTH) - 1);
    let (mutator, roots) = new_heap(0);
    roots.0[0].init(countless_gc::word_of(tree(&mutator, 18)));
    time("binary_trees", cells, || {
        for _ in 0..TREES {
            std::hint::black_box(tree(&mutator, DEPTH));
        }
    });
    print_stats(&mutator);
    let mut arena = Arena::<Rootable![Gc<'_, ArenaTree<'_>>]>::new(|mc| arena_tree(mc, 18));
    time("binary_trees, gc-arena", cells, || {
        for _ in 0..TREES {
            arena.mutate(|mc, _| {
                std::hint::black_box(arena_tree(mc, DEPTH));
            });
            arena.collect_debt();
        }
    });
    time("binary_trees, boxes", cells, || (0..TREES).for_each(|_| drop(box_tree(DEPTH))));
}

fn list_churn() {
    const STEPS: usize = 20_000_000;
    let (mutator, roots) = new_heap(0);
    time("list_churn", STEPS, || {
        for step in 0..STEPS {
            let place = &roots.0[step * 7 % 1024];
            let rest = if step % 1000 < 20 { 0 } else { place.load() };
            place.init(countless_gc::word_of(pair(&mutator, rest, 1)));
        }
    });
    print_stats(&mutator);
}

fn allocate() {
    const STEPS: usize = 100_000_000;
    let (mutator, _roots) = new_heap(0);
    time("allocate", STEPS, || {
        for _ in 0..STEPS {
            std::hint::black_box(pair(&mutator, 1, 9));
        }
    });
    print_stats(&mutator);
}

fn mark() {
    for workers in [1, 2] {
        let (mutator, roots) = new_heap(workers);
        for index in 0..40 {
            roots.0[index].init(countless_gc::word_of(tree(&mutator, 16)));
        }
        // Shuffled edges: a graph whose order in memory says nothing.
        let mut cells = Vec::new();
        mutator.for_each_cell(&mut |cell| cells.push(cell));
        let mut random = 1u64;
        for index in 0..cells.len() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let other = (random >> 33) as usize % cells.len();
            cells.swap(index, other);
        }
        for window in cells.windows(2) {
            slot(window[0], 0).store(&mutator, countless_gc::word_of(window[1]));
            let far = cells[(countless_gc::word_of(window[0]) as usize >> 5).wrapping_mul(31) % cells.len()];
            slot(window[0], 1).store(&mutator, countless_gc::word_of(far));
        }
        for index in 0..40 {
            roots.0[index].init(countless_gc::word_of(cells[index * 1000]));
        }
        mutator.collect();
        for _ in 0..3 {
            time(&format!("mark, {workers} tracers"), cells.len(), || mutator.collect());
        }
        print_stats(&mutator);
    }
}

fn print_stats(mutator: &Mutator) {
    let stats = mutator.heap().stats();
    println!(
        "    {} cycles, pauses p50 {} us, max {} us; live {} cells, {} KiB; {} blocks; returned {} MiB",
        stats.cycles,
        stats.pause.p50_ns / 1000,
        stats.pause.max_ns / 1000,
        stats.live_cells,
        stats.live_bytes >> 10,
        stats.blocks,
        stats.bytes_returned >> 20,
    );
}

fn main() {
    allocate();
    binary_trees();
    list_churn();
    mark();
}
