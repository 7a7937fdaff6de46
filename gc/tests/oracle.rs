//! Random graphs, step by step against `gc-arena` as the reference.
//!
//! The same operations run on both: nodes with edges, weak cells, roots, finalizers and
//! resurrection. After each collection the sets of living nodes and of readable weak slots, and the
//! nodes ready for finalization, must be the same. The reference has no finalizer queue: it is
//! spelled out with `gc-arena`'s finalization phase.
//!
//! Reachability is compared with precise roots only, so "gone" means gone. `verify` and `poison`
//! are on throughout, and every other graph runs under a zeal.

mod toy;

use countless_gc::{Header, HeapConfig, Zeal};
use gc_arena::{Arena, Collect, Finalization, Gc, GcWeak, Mutation, RefLock, Rootable};
use std::collections::{BTreeMap, BTreeSet};
use std::ptr::NonNull;
use toy::{NODE, Node, ROOTS, Random, Thread, Toy, WEAK, Weak, checked};

const GRAPHS: u64 = if cfg!(miri) { 4 } else { 200 };
const STEPS: usize = if cfg!(miri) { 400 } else { 10_000 };
const SLOTS: usize = 6;

type ShadowRef<'gc> = Gc<'gc, RefLock<Shadow<'gc>>>;

/// A node of the reference.
#[derive(Collect)]
#[collect(no_drop)]
struct Shadow<'gc> {
    tag: u64,
    edges: [Option<ShadowRef<'gc>>; SLOTS - 1],
    weak: Option<Gc<'gc, ShadowWeak<'gc>>>,
}

/// A weak cell of the reference. Which ones read dead is noted beside the arena, since they must
/// also do so after a resurrection.
#[derive(Collect)]
#[collect(no_drop)]
struct ShadowWeak<'gc> {
    referent: GcWeak<'gc, RefLock<Shadow<'gc>>>,
}

#[derive(Collect)]
#[collect(no_drop)]
struct Reference<'gc> {
    roots: Vec<Option<ShadowRef<'gc>>>,
    /// Everything ever made, to ask what became of it.
    nodes: BTreeMap<u64, GcWeak<'gc, RefLock<Shadow<'gc>>>>,
    weak_cells: BTreeMap<u64, GcWeak<'gc, ShadowWeak<'gc>>>,
    ready: Gc<'gc, RefLock<Vec<ShadowRef<'gc>>>>,
}

type ReferenceArena = Arena<Rootable![Reference<'_>]>;

/// Both sides of the comparison.
struct Pair {
    toy: Toy,
    thread: Thread,
    arena: ReferenceArena,
    /// Tags of nodes registered for finalization, in order.
    registered: Vec<u64>,
    /// Tags of weak cells whose slot reads dead in the reference.
    cleared: BTreeSet<u64>,
    next_tag: u64,
    random: Random,
    seen: Seen,
}

/// What was compared, to be sure that it was not nothing.
#[derive(Default, Debug)]
struct Seen {
    compared: usize,
    nodes: usize,
    weak: usize,
    cleared: usize,
    finalized: usize,
    cycles: u64,
    barriers: u64,
}

/// The reference's half of a walk: a root, then edges.
fn walk<'gc>(root: &Reference<'gc>, path: &[usize]) -> ShadowRef<'gc> {
    let first = root.roots[path[0]].expect("a root that is empty in the reference only");
    path[1..]
        .iter()
        .fold(first, |at, edge| at.borrow().edges[*edge].expect("an edge that is missing in the reference only"))
}

fn new_shadow<'gc>(mc: &Mutation<'gc>, root: &mut Reference<'gc>, tag: u64) -> ShadowRef<'gc> {
    let shadow = Gc::new(mc, RefLock::new(Shadow { tag, edges: [None; SLOTS - 1], weak: None }));
    root.nodes.insert(tag, Gc::downgrade(shadow));
    shadow
}

impl Pair {
    fn new(seed: u64) -> Pair {
        let zeal = match seed % 4 {
            1 => Zeal::AllocN(509),
            3 if seed % 8 == 3 || cfg!(miri) => Zeal::Incremental(3),
            3 => Zeal::Concurrent(4),
            _ => Zeal::Off,
        };
        let workers = if seed % 8 == 4 { 2 } else { 1 };
        // Zealous cycles run with conservative stacks between the compared ones; they may keep
        // more, and find finalizable cells at other times, so graphs with zeal do without
        // finalizers.
        let toy =
            Toy::new(HeapConfig { zeal, workers, parallel_threshold: 0, automatic: zeal != Zeal::Off, ..checked() });
        let thread = toy.thread();
        let arena = ReferenceArena::new(|mc| Reference {
            roots: vec![None; ROOTS],
            nodes: BTreeMap::new(),
            weak_cells: BTreeMap::new(),
            ready: Gc::new(mc, RefLock::new(Vec::new())),
        });
        Pair {
            toy,
            thread,
            arena,
            registered: Vec::new(),
            cleared: BTreeSet::new(),
            next_tag: 1,
            random: Random::new(seed + 1),
            seen: Seen::default(),
        }
    }

    fn zealous(&self) -> bool {
        self.toy.heap.config().zeal != Zeal::Off
    }

    /// A random path from a root that holds a node.
    fn path(&mut self) -> Option<(Vec<usize>, Node)> {
        let root = self.random.below(ROOTS / 4);
        let mut node = Node::from_bits(self.thread.roots.0[root].load())?;
        let mut path = vec![root];
        for _ in 0..self.random.below(8) {
            let edge = self.random.below(SLOTS - 1);
            let Some(next) = node.get(edge) else { break };
            path.push(edge);
            node = next;
        }
        Some((path, node))
    }

    fn tag(&mut self) -> u64 {
        self.next_tag += 1;
        self.next_tag - 1
    }

    /// A new node in a random root.
    fn new_root(&mut self) {
        let (tag, index) = (self.tag(), self.random.below(ROOTS / 4));
        let node = self.thread.node(SLOTS, tag);
        self.thread.roots.0[index].init(node.bits());
        self.arena.mutate_root(|mc, root| {
            let shadow = new_shadow(mc, root, tag);
            root.roots[index] = Some(shadow);
        });
    }

    /// A new node in an edge of an old one.
    fn new_child(&mut self) {
        let Some((path, parent)) = self.path() else {
            return;
        };
        let (tag, edge) = (self.tag(), self.random.below(SLOTS - 1));
        let node = self.thread.node(SLOTS, tag);
        parent.set(&self.thread.mutator, edge, Some(node));
        self.arena.mutate_root(|mc, root| {
            let shadow = new_shadow(mc, root, tag);
            walk(root, &path).borrow_mut(mc).edges[edge] = Some(shadow);
        });
    }

    /// An edge between two old nodes, or its removal.
    fn link(&mut self) {
        let Some((path, from)) = self.path() else {
            return;
        };
        let edge = self.random.below(SLOTS - 1);
        let target = if self.random.below(4) == 0 { None } else { self.path() };
        from.set(&self.thread.mutator, edge, target.as_ref().map(|target| target.1));
        self.arena.mutate(|mc, root| {
            let shadow = target.map(|target| walk(root, &target.0));
            walk(root, &path).borrow_mut(mc).edges[edge] = shadow;
        });
    }

    fn drop_root(&mut self) {
        let index = self.random.below(ROOTS / 4);
        self.thread.roots.0[index].init(0);
        self.arena.mutate_root(|_, root| root.roots[index] = None);
    }

    /// A weak cell in the last slot of a node.
    fn new_weak(&mut self) {
        let (Some((path, holder)), Some((target, referent))) = (self.path(), self.path()) else {
            return;
        };
        let tag = self.tag();
        let weak = self.thread.weak(referent, true);
        // Its second word is its name.
        Node(weak.0).name(tag);
        holder.slot(SLOTS - 1).store(&self.thread.mutator, weak.bits());
        self.arena.mutate_root(|mc, root| {
            let weak = Gc::new(mc, ShadowWeak { referent: Gc::downgrade(walk(root, &target)) });
            root.weak_cells.insert(tag, Gc::downgrade(weak));
            walk(root, &path).borrow_mut(mc).weak = Some(weak);
        });
    }

    fn register(&mut self) {
        let Some((_, node)) = self.path() else { return };
        if !self.zealous() && !self.registered.contains(&node.tag()) {
            self.thread.mutator.register_finalizable(node.bits());
            self.registered.push(node.tag());
        }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0 => self.new_root(),
            1..11 => self.new_child(),
            11..15 => self.link(),
            15 => {
                if self.random.below(8) == 0 {
                    self.drop_root();
                }
            }
            16..19 => self.new_weak(),
            _ => self.register(),
        }
        self.thread.mutator.safepoint();
    }

    /// A cycle of the reference: weak slots of the dead are cleared, dead registered nodes revived,
    /// weak slots again.
    fn collect_reference(&mut self) {
        let registered = std::mem::take(&mut self.registered);
        let mut dead = Vec::new();
        self.arena.finish_marking().unwrap().finalize(|fc, root| {
            note_cleared(fc, root, &mut self.cleared);
            for tag in registered {
                if root.nodes[&tag].is_dead(fc) { dead.push(tag) } else { self.registered.push(tag) }
            }
            for tag in &dead {
                let node = root.nodes[tag].resurrect(fc).unwrap();
                root.ready.borrow_mut(fc).push(node);
            }
        });
        self.arena.finish_marking().unwrap().finalize(|fc, root| {
            note_cleared(fc, root, &mut self.cleared);
        });
        self.arena.finish_cycle();
    }

    /// The tags of living nodes, and of living weak cells with whether they read dead, in the
    /// reference.
    fn reference_state(&mut self) -> (BTreeSet<u64>, BTreeMap<u64, bool>) {
        let cleared = &self.cleared;
        self.arena.mutate_root(|_, root| {
            root.nodes.retain(|_, node| !node.is_dropped());
            root.weak_cells.retain(|_, weak| !weak.is_dropped());
            let nodes = root.nodes.keys().copied().collect();
            let weak = root.weak_cells.keys().map(|tag| (*tag, cleared.contains(tag))).collect();
            (nodes, weak)
        })
    }

    fn heap_state(&self) -> (BTreeSet<u64>, BTreeMap<u64, bool>) {
        let (mut nodes, mut weak) = (BTreeSet::new(), BTreeMap::new());
        self.thread.mutator.for_each_cell(&mut |cell: NonNull<Header>| {
            // SAFETY: the world is stopped and the cell is allocated.
            match unsafe { cell.as_ref() }.type_id() {
                NODE => assert!(nodes.insert(Node(cell).tag())),
                WEAK => {
                    let dead = Weak(cell).slot().peek().is_none();
                    assert!(weak.insert(Node(cell).tag(), dead).is_none());
                }
                other => unreachable!("{other:?}"),
            }
        });
        (nodes, weak)
    }

    fn compare(&mut self) {
        self.thread.collect_precisely();
        self.collect_reference();
        while self.thread.mutator.take_weak_notification().is_some() {}
        if self.zealous() {
            // What zealous cycles kept for the sake of native stacks is gone now.
            self.thread.collect_precisely();
            while self.thread.mutator.take_weak_notification().is_some() {}
        }
        let (nodes, weak) = self.heap_state();
        let (expected_nodes, expected_weak) = self.reference_state();
        assert_eq!(nodes, expected_nodes);
        assert_eq!(weak, expected_weak);
        self.seen.compared += 1;
        self.seen.nodes += nodes.len();
        self.seen.weak += weak.len();
        self.seen.cleared += weak.values().filter(|dead| **dead).count();
        self.finalize();
    }

    /// Takes what is ready on both sides; some of it is resurrected, registered anew, or dropped.
    fn finalize(&mut self) {
        let mut expected: Vec<u64> = Vec::new();
        self.arena.mutate(|_, root| expected.extend(root.ready.borrow().iter().map(|node| node.borrow().tag)));
        for tag in expected {
            let word = self.thread.mutator.take_finalizable().expect("too few are ready");
            let node = Node::from_bits(word).unwrap();
            assert_eq!(node.tag(), tag);
            self.seen.finalized += 1;
            let index = self.random.below(ROOTS / 4);
            let resurrect = self.random.below(2) == 0;
            if resurrect {
                self.thread.roots.0[index].init(word);
                if self.random.below(3) == 0 {
                    self.thread.mutator.register_finalizable(word);
                    self.registered.push(tag);
                }
            }
            self.arena.mutate_root(|mc, root| {
                let node = root.ready.borrow_mut(mc).remove(0);
                if resurrect {
                    root.roots[index] = Some(node);
                }
            });
        }
        assert_eq!(self.thread.mutator.take_finalizable(), None);
    }

    /// All roots dropped: the first collection finds what is to be finalized; when that was dropped
    /// too, everything is gone after the second.
    fn finish(mut self) -> Seen {
        for index in 0..ROOTS {
            self.thread.roots.0[index].init(0);
        }
        self.thread.collect_precisely();
        while self.thread.mutator.take_finalizable().is_some() {}
        while self.thread.mutator.take_weak_notification().is_some() {}
        self.thread.collect_precisely();
        assert_eq!(self.heap_state(), (BTreeSet::new(), BTreeMap::new()));
        let stats = self.toy.heap.stats();
        self.seen.cycles = stats.cycles;
        self.seen.barriers = stats.barrier_slow_paths;
        self.seen
    }
}

/// Notes the weak cells that live and whose referents do not.
fn note_cleared<'gc>(fc: &Finalization<'gc>, root: &Reference<'gc>, cleared: &mut BTreeSet<u64>) {
    for (tag, weak) in &root.weak_cells {
        if !weak.is_dead(fc) && weak.upgrade(fc).is_some_and(|weak| weak.referent.is_dead(fc)) {
            cleared.insert(*tag);
        }
    }
}

#[test]
fn random_graphs_agree_with_the_reference() {
    let mut total = Seen::default();
    for seed in 0..GRAPHS {
        let mut pair = Pair::new(seed);
        let interval = [100, 357, 1000, 2500][seed as usize % 4];
        for step in 1..=STEPS {
            pair.step();
            if step % interval == 0 {
                pair.compare();
            }
        }
        let seen = pair.finish();
        total.compared += seen.compared;
        total.nodes += seen.nodes;
        total.weak += seen.weak;
        total.cleared += seen.cleared;
        total.finalized += seen.finalized;
        total.cycles += seen.cycles;
        total.barriers += seen.barriers;
    }
    println!("{total:?}");
    if cfg!(miri) {
        return;
    }
    assert!(total.nodes > 50 * total.compared && total.cleared > 1000 && total.finalized > 1000);
    assert!(total.barriers > 1000 && total.cycles > 10 * GRAPHS);
}
