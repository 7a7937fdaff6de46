//! A toy user of the heap: nodes with slots, leaves, weak cells and cells that own memory outside
//! the heap.
//!
//! A node's first word behind the header is the number of its slots, tagged as a small integer; the
//! second is free for the test (tagged likewise). Roots are a fixed row of slots for everyone and
//! one per thread.

#![allow(dead_code)]

use countless_gc::{
    AttachedMutator, Header, Heap, HeapConfig, HeapHooks, Mutator, Slot, Tracer, TypeId, TypeOps, WeakSlot,
};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const NODE: TypeId = TypeId(1);
pub const WEAK: TypeId = TypeId(2);
pub const OWNER: TypeId = TypeId(3);

/// The number of global roots, and of each thread's.
pub const ROOTS: usize = 64;

static NODE_OPS: TypeOps = TypeOps { name: "node", trace: trace_node, drop: None };
static WEAK_OPS: TypeOps = TypeOps { name: "weak", trace: trace_weak, drop: None };
static OWNER_OPS: TypeOps = TypeOps { name: "owner", trace: trace_nothing, drop: Some(drop_owner) };

/// How many owner cells were dropped in this process.
pub static OWNERS_DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Roots, precise.
pub struct Roots(pub Vec<Slot>);

impl Roots {
    pub fn new() -> Roots {
        Roots((0..ROOTS).map(|_| Slot::new(0)).collect())
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in &self.0 {
            tracer.slot(slot);
        }
    }
}

pub struct Hooks {
    pub globals: Arc<Roots>,
}

impl HeapHooks for Hooks {
    fn trace_globals(&self, tracer: &mut Tracer<'_>) {
        self.globals.trace(tracer);
    }

    unsafe fn trace_thread(&self, thread_data: *const (), tracer: &mut Tracer<'_>) {
        // SAFETY: `Thread` passes its roots.
        unsafe { &*thread_data.cast::<Roots>() }.trace(tracer);
    }
}

/// A heap with the toy's types.
pub struct Toy {
    pub heap: &'static Heap,
    pub globals: Arc<Roots>,
}

impl Toy {
    pub fn new(config: HeapConfig) -> Toy {
        let globals = Arc::new(Roots::new());
        let heap = Heap::create(config, Box::new(Hooks { globals: Arc::clone(&globals) })).unwrap();
        heap.types().register_at(NODE, &NODE_OPS, 0).unwrap();
        heap.types().register_at(WEAK, &WEAK_OPS, 0).unwrap();
        heap.types().register_at(OWNER, &OWNER_OPS, 0).unwrap();
        Toy { heap, globals }
    }

    pub fn thread(&self) -> Thread {
        let roots = Arc::new(Roots::new());
        let mutator = self.heap.attach(Arc::as_ptr(&roots).cast());
        Thread { mutator, roots }
    }
}

/// Small heaps, everything checked.
pub fn checked() -> HeapConfig {
    HeapConfig {
        poison: true,
        verify: true,
        automatic: false,
        workers: 1,
        small_reserve: if cfg!(miri) { 4 << 20 } else { 1 << 30 },
        large_reserve: if cfg!(miri) { 4 << 20 } else { 1 << 30 },
        ..HeapConfig::default()
    }
}

/// An attached thread with precise roots.
pub struct Thread {
    pub mutator: AttachedMutator,
    pub roots: Arc<Roots>,
}

impl Thread {
    /// A node; the value of its tag word is `tag`.
    pub fn node(&self, slots: usize, tag: u64) -> Node {
        let cell = self.mutator.allocate(NODE, Node::size(slots));
        let node = Node(cell);
        node.word(0).init((slots as u64) << 3 | 1);
        node.name(tag);
        node
    }

    pub fn weak(&self, referent: Node, notify: bool) -> Weak {
        let cell = self.mutator.allocate(WEAK, 32);
        let weak = Weak(cell);
        weak.slot().init(referent.bits(), notify);
        weak
    }

    /// A cell that owns `bytes` outside the heap.
    pub fn owner(&self, bytes: usize) -> NonNull<Header> {
        let cell = self.mutator.allocate_droppable(OWNER, 32);
        let memory = Box::into_raw(Box::new(Payload { heap: self.mutator.heap(), bytes }));
        Node(cell).word(0).init((memory as u64) << 3 | 1);
        self.mutator.external_allocated(bytes);
        cell
    }

    /// A collection that sees precise roots only, and its sweep.
    pub fn collect_precisely(&self) {
        // SAFETY: the tests that use this hold only cells that are in roots.
        unsafe { self.mutator.collect_without_stacks() };
    }
}

struct Payload {
    heap: &'static Heap,
    bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node(pub NonNull<Header>);

impl Node {
    pub fn size(slots: usize) -> usize {
        24 + 8 * slots
    }

    pub fn from_bits(word: u64) -> Option<Node> {
        countless_gc::cell_of(word).map(Node)
    }

    pub fn bits(self) -> u64 {
        countless_gc::word_of(self.0)
    }

    fn word(self, index: usize) -> &'static Slot {
        // SAFETY: the node is live while the test uses it, and this long.
        unsafe { &*self.0.as_ptr().cast::<Slot>().add(1 + index) }
    }

    pub fn len(self) -> usize {
        (self.word(0).load() >> 3) as usize
    }

    pub fn tag(self) -> u64 {
        self.word(1).load() >> 3
    }

    /// Sets the tag.
    pub fn name(self, tag: u64) {
        self.word(1).init(tag << 3 | 1);
    }

    pub fn slot(self, index: usize) -> &'static Slot {
        assert!(index < self.len());
        self.word(2 + index)
    }

    pub fn get(self, index: usize) -> Option<Node> {
        Node::from_bits(self.slot(index).load())
    }

    pub fn set(self, mutator: &Mutator, index: usize, value: Option<Node>) {
        self.slot(index).store(mutator, value.map_or(0, Node::bits));
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weak(pub NonNull<Header>);

impl Weak {
    pub fn bits(self) -> u64 {
        countless_gc::word_of(self.0)
    }

    pub fn slot(self) -> &'static WeakSlot {
        // SAFETY: the cell is live while the test uses it, and this long.
        unsafe { &*self.0.as_ptr().cast::<WeakSlot>().add(1) }
    }
}

unsafe fn trace_node(cell: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: the cell is a node, whose first word is its length, or still zero.
    unsafe {
        let words = cell.cast::<Slot>();
        let length = ((*words.add(1)).load_relaxed() >> 3) as usize;
        tracer.slots(words.add(3), length);
    }
}

unsafe fn trace_weak(cell: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: the cell is a weak cell.
    tracer.weak(cell, unsafe { &*cell.cast::<WeakSlot>().add(1) });
}

unsafe fn trace_nothing(_cell: *const Header, _tracer: &mut Tracer<'_>) {}

unsafe fn drop_owner(cell: *mut Header) {
    // SAFETY: the cell is an owner; its word was made from a box, or is still zero.
    unsafe {
        let word = (*cell.cast::<Slot>().add(1)).load();
        if word != 0 {
            let payload = Box::from_raw((word >> 3) as *mut Payload);
            payload.heap.external_freed(payload.bytes);
            OWNERS_DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A small generator of numbers that look random: xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % bound as u64) as usize
    }
}
