//! The heap: what all threads share, and what is not tied to one of them.
//!
//! Invariants: a heap is never freed, so `&'static Heap` is handed out freely. Locks are taken in
//! the order in which fields that hold them are listed, and never while waiting for anything but a
//! lock; none is held across a safepoint.

use crate::OutOfMemory;
use crate::block::BlockTable;
use crate::collector::Collector;
use crate::config::{HeapConfig, HeapHooks, Zeal};
use crate::cycle::CycleState;
use crate::finalize::Queue;
use crate::header::{Header, TypeId};
use crate::large::LargeSpace;
use crate::lock::ParkingTable;
use crate::mutator::{AttachedMutator, Mutator, barrier};
use crate::pacer::Pacer;
use crate::safepoint::{ThreadHandle, World, interrupt};
use crate::stats::{Counters, Stats};
use crate::sweep::Sweeper;
use crate::types::{MAX_TYPES, TypeEntry, TypeTable};
use crate::weak::WeakTable;
use crate::word::address_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A heap. Lives as long as the process.
pub struct Heap {
    pub(crate) config: HeapConfig,
    pub(crate) hooks: Box<dyn HeapHooks>,
    pub(crate) world: World,
    /// The cycle under way between two pauses, if there is one.
    pub(crate) cycle: Mutex<CycleState>,
    /// Counts cycles from 1 on; changed in pauses only. Large cells carry the number of the cycle
    /// that marked them.
    cycle_number: AtomicU32,
    /// The barrier byte of all threads. Changed in stops of the world only.
    pub(crate) barrier: AtomicU8,
    types: TypeTable,
    /// Words recorded by the store barriers of threads that are gone.
    pub(crate) deletions: Mutex<Vec<u64>>,
    /// Registered finalizable words, oldest first, in pieces that are never empty.
    pub(crate) finalizable: Mutex<Vec<Vec<u64>>>,
    /// Dead finalizable words that nobody took yet. A root.
    pub(crate) ready: Queue,
    /// Owners of weak slots with notification whose referents died. A root.
    pub(crate) notifications: Queue,
    /// Roots for ever.
    pub(crate) immortals: Mutex<Vec<u64>>,
    pub(crate) weak_tables: Mutex<Vec<&'static dyn WeakTable>>,
    pub(crate) sweeper: Sweeper,
    pub(crate) blocks: BlockTable,
    pub(crate) large: LargeSpace,
    /// Bytes of blocks in use and of large cells.
    pub(crate) footprint: AtomicUsize,
    pub(crate) pacer: Pacer,
    pub(crate) counters: Counters,
    pub(crate) parking: ParkingTable,
    /// Whether there ever were two threads at once. Set in a stop of the world, with the threads'
    /// own flags.
    pub(crate) many_threads: AtomicBool,
    pub(crate) collector: Collector,
    /// The processors that this process may use.
    pub(crate) processors: usize,
    /// Threads that help in large collections, made when the first one comes.
    pool: Mutex<Option<Arc<rayon::ThreadPool>>>,
}

impl Heap {
    /// Makes a heap.
    pub fn create(config: HeapConfig, hooks: Box<dyn HeapHooks>) -> Result<&'static Heap, OutOfMemory> {
        let blocks = reserve(config.small_reserve, BlockTable::new)?;
        let large = reserve(config.large_reserve, LargeSpace::new)?;
        let types = MAX_TYPES as usize * size_of::<TypeEntry>();
        let types = reserve(types, TypeTable::new)?;
        let heap = Heap {
            pacer: Pacer::new(&config),
            config,
            hooks,
            world: World::default(),
            cycle: Mutex::default(),
            cycle_number: AtomicU32::new(1),
            barrier: AtomicU8::new(barrier::NONE),
            types,
            deletions: Mutex::default(),
            finalizable: Mutex::default(),
            ready: Queue::default(),
            notifications: Queue::default(),
            immortals: Mutex::default(),
            weak_tables: Mutex::default(),
            sweeper: Sweeper::new(),
            blocks,
            large,
            footprint: AtomicUsize::new(0),
            counters: Counters::default(),
            parking: ParkingTable::new(),
            many_threads: AtomicBool::new(false),
            collector: Collector::default(),
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            pool: Mutex::default(),
        };
        Ok(Box::leak(Box::new(heap)))
    }

    /// Makes the calling thread a mutator. `thread_data` is handed to `HeapHooks::trace_thread`;
    /// null means that there is none yet.
    pub fn attach(&'static self, thread_data: *const ()) -> AttachedMutator {
        let zealous = matches!(self.config.zeal, Zeal::Incremental(_));
        let handle = Arc::new(ThreadHandle::new(if zealous { interrupt::COLLECTOR } else { 0 }));
        let mutator = AttachedMutator::new(self, handle, thread_data);
        if mutator.join() > 1 {
            mutator.note_many_threads();
        }
        mutator
    }

    /// The types of this heap's cells.
    #[inline(always)]
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// The settings the heap was made with.
    pub fn config(&self) -> &HeapConfig {
        &self.config
    }

    /// Has `table` purged in every cycle.
    pub fn register_weak_table(&self, table: &'static dyn WeakTable) {
        self.weak_tables.lock().unwrap().push(table);
    }

    /// Sets the user's interrupt bits of every attached thread.
    pub fn interrupt_all(&self, bits: u32) {
        for record in &self.world.state.lock().unwrap().threads {
            record.handle.interrupt(bits);
        }
    }

    /// The handles of all threads.
    pub fn thread_handles(&self) -> Vec<Arc<ThreadHandle>> {
        let state = self.world.state.lock().unwrap();
        state.threads.iter().map(|record| Arc::clone(&record.handle)).collect()
    }

    /// Whether there ever were two threads at once, so that cells' locks are taken.
    pub fn has_many_threads(&self) -> bool {
        self.many_threads.load(Ordering::Relaxed)
    }

    /// Bytes outside the heap were allocated for a cell.
    pub fn external_allocated(&self, bytes: usize) {
        self.pacer.external(bytes as i64);
    }

    /// Bytes outside the heap that belonged to a cell were freed: for drop entries, which have no
    /// mutator.
    pub fn external_freed(&self, bytes: usize) {
        self.pacer.external(-(bytes as i64));
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            bytes_allocated: self.pacer.total_allocated(),
            live_bytes: self.pacer.live_bytes() as u64,
            external_bytes: self.pacer.external_bytes() as u64,
            goal_bytes: self.pacer.goal() as u64,
            blocks: self.blocks.in_use() as u64,
            large_cells: self.large.count() as u64,
            ..Stats::default()
        };
        self.counters.fill(&mut stats);
        stats
    }

    /// The usable bytes of a cell, its header included: at least what was asked for.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap.
    pub unsafe fn cell_size(&self, cell: *const Header) -> usize {
        let address = cell.addr();
        if self.blocks.contains(address) {
            crate::class::kind_size(self.blocks.kind_at(address))
        } else {
            self.large.size(address)
        }
    }

    /// Calls `visit` with every word that a cell refers to.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap, reachable until this returns.
    pub unsafe fn referents(&self, cell: *const Header, visit: &mut dyn FnMut(u64)) {
        // SAFETY: the caller's contract.
        let type_id: TypeId = unsafe { (*cell).type_id() };
        if let Some(ops) = self.types.entry(type_id).ops() {
            let mut tracer = crate::trace::Tracer::visiting(self, visit);
            // SAFETY: the cell is live and has these operations.
            unsafe { (ops.trace)(cell, &mut tracer) };
        }
    }

    /// Whether the address lies in the heap's ranges. Pointer words to elsewhere are taken for
    /// cells that live for ever.
    #[inline]
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.blocks.contains(address) || self.large.contains(address)
    }

    /// The allocated cell that contains the address. All is swept and the world is stopped.
    pub(crate) fn live_cell_at(&self, address: usize) -> Option<NonNull<Header>> {
        let start = self.blocks.live_cell_at(address).or_else(|| self.large.live_cell_at(address))?;
        let cell = NonNull::new(std::ptr::with_exposed_provenance_mut::<Header>(start))?;
        // SAFETY: claimed memory begins with a header, whose type is zero until the cell is
        // allocated.
        (unsafe { cell.as_ref() }.type_id() != TypeId::FREE).then_some(cell)
    }

    /// Whether a pointer word's cell is marked in this cycle.
    pub(crate) fn is_marked(&self, word: u64) -> bool {
        let address = address_of(word);
        if self.blocks.contains(address) {
            self.blocks.mark_bit(address).0.is_set()
        } else {
            !self.large.contains(address) || self.large.is_marked(address, self.cycle_number())
        }
    }

    /// Marks a pointer word's cell, which no tracer is told of; true if it was not marked.
    pub(crate) fn mark_apart(&self, word: u64) -> bool {
        let address = address_of(word);
        if self.blocks.contains(address) {
            self.blocks.mark_bit(address).0.set(true)
        } else {
            self.large.contains(address) && self.large.mark(address, self.cycle_number())
        }
    }

    /// Whether a word is a pointer to a cell that this cycle did not mark. Meaningful between the
    /// end of marking and the sweep.
    pub(crate) fn is_dead(&self, word: u64) -> bool {
        crate::word::is_pointer(word) && !self.is_marked(word)
    }

    #[inline(always)]
    pub(crate) fn cycle_number(&self) -> u32 {
        self.cycle_number.load(Ordering::Relaxed)
    }

    pub(crate) fn next_cycle_number(&self) {
        // When a cycle begins every large cell carries the last one's number, so the counter may
        // wrap.
        self.cycle_number.store(self.cycle_number().wrapping_add(1), Ordering::Relaxed);
    }

    pub(crate) fn footprint(&self) -> usize {
        self.footprint.load(Ordering::Relaxed)
    }

    /// Takes over what a stopped thread, or one that is gone, has gathered.
    pub(crate) fn take_over(&self, mutator: &Mutator) {
        let registered = mutator.finalizable.take();
        if !registered.is_empty() {
            self.finalizable.lock().unwrap().push(registered);
        }
        let mut deletions = std::mem::take(&mut *mutator.handle().deletions.lock().unwrap());
        self.deletions.lock().unwrap().append(&mut deletions);
        mutator.flush_accounts();
    }

    /// The threads that help in large collections, or `None` if one thread is enough or none can be
    /// had.
    pub(crate) fn workers(&self) -> Option<Arc<rayon::ThreadPool>> {
        let wanted = match self.config.workers {
            0 => self.processors.min(8),
            count => count,
        };
        if wanted < 2 || cfg!(miri) {
            return None;
        }
        let mut pool = self.pool.lock().unwrap();
        if pool.is_none() {
            *pool = with_signals_blocked(|| {
                let builder = rayon::ThreadPoolBuilder::new().num_threads(wanted - 1);
                builder.thread_name(|index| format!("collector-{index}")).build().ok().map(Arc::new)
            });
        }
        pool.clone()
    }

    /// In the child of a fork, where the workers do not exist.
    pub(crate) fn forget_workers(&self) {
        std::mem::forget(self.pool.lock().unwrap().take());
    }
}

/// Reserves address space, less of it where the system (or a limit of the user's) does not give as
/// much.
fn reserve<T>(size: usize, make: impl Fn(usize) -> Result<T, OutOfMemory>) -> Result<T, OutOfMemory> {
    // Under a limit on address space, some must be left for everything else.
    let mut size = size.min((address_space() / 8).next_power_of_two());
    loop {
        match make(size) {
            Err(_) if size > 16 << 20 => size /= 2,
            result => return result,
        }
    }
}

/// The bytes of address space that the process may use.
fn address_space() -> usize {
    #[cfg(not(miri))]
    {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: fills the structure.
        if unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } == 0 && limit.rlim_cur != libc::RLIM_INFINITY {
            return limit.rlim_cur as usize;
        }
    }
    1 << 47
}

/// Runs `body` with all signals blocked, so that threads it starts never run a handler.
pub(crate) fn with_signals_blocked<R>(body: impl FnOnce() -> R) -> R {
    // SAFETY: the sets are initialised by the calls that write them.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        let mut before = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let result = body();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}
