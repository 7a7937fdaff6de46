//! The tracer: what trace entries and root providers report to.
//!
//! A tracer marks, or only shows the words it is told of to a visitor. A cell is marked when it is
//! first reported and then waits on an explicit stack, so the stack is bounded by the number of
//! cells, duplicates never wait, and no native recursion depends on the shape of the graph. What is
//! popped is prefetched and passes through a short queue first, so that its memory arrives before
//! it is traced. Long rows of slots are traced in pieces.

use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::slot::Slot;
use crate::types::TypeEntry;
use crate::weak::WeakSlot;
use crate::word::{address_of, is_pointer, word_of};
use std::ptr::NonNull;

/// How many slots are traced at a time.
const PIECE: usize = if cfg!(any(test, miri, feature = "stress")) { 4 } else { 256 };
/// How many cells a new stack has room for: more than roots usually refer to.
const FIRST_STACK: usize = 1 << 14;
/// Stacks with more room do not stay from one cycle to the next.
const LARGE_STACK: usize = 1 << 16;
/// How many cells wait for their memory.
const PREFETCH: usize = 8;

/// A row of slots that is still to be traced.
#[derive(Clone, Copy)]
struct Row {
    first: *const Slot,
    count: usize,
}

/// A reported weak slot and the cell it lies in.
#[derive(Clone, Copy)]
pub(crate) struct WeakEdge {
    pub(crate) owner: NonNull<Header>,
    pub(crate) slot: *const WeakSlot,
}

// SAFETY: the pointers are to cells of the heap, which whoever works on the cycle may touch.
unsafe impl Send for WeakEdge {}

/// The memory of a tracer's stack, empty.
pub(crate) struct MarkStack(Vec<*const Header>);

impl MarkStack {
    /// One without memory.
    pub(crate) fn none() -> MarkStack {
        MarkStack(Vec::new())
    }
}

impl Default for MarkStack {
    fn default() -> MarkStack {
        MarkStack(Vec::with_capacity(FIRST_STACK))
    }
}

// SAFETY: it is empty.
unsafe impl Send for MarkStack {}

/// Work that can go to another thread.
#[derive(Default)]
pub(crate) struct Packet {
    cells: Vec<*const Header>,
    rows: Vec<Row>,
}

// SAFETY: the pointers are to cells of the heap, which every marking thread may trace.
unsafe impl Send for Packet {}

/// Collects the edges that a trace entry or a root provider reports.
pub struct Tracer<'heap> {
    pub(crate) heap: &'heap Heap,
    types_base: *const TypeEntry,
    visit: Option<&'heap mut dyn FnMut(u64)>,
    /// Whether `visit` or `log` is there.
    observed: bool,
    /// Whether others may set mark bits at the same time.
    pub(crate) shared: bool,
    /// Whether rows of slots stay valid until the end of the cycle, so that they may wait.
    pub(crate) rows_may_wait: bool,
    /// Every word reported, if the verifier wants to know.
    log: Option<Vec<u64>>,
    stack: Vec<*const Header>,
    rows: Vec<Row>,
    pub(crate) weak_edges: Vec<WeakEdge>,
    queue: [*const Header; PREFETCH],
    queue_position: usize,
    pub(crate) marked_cells: usize,
    pub(crate) marked_bytes: usize,
}

// SAFETY: a tracer owns its lists; what they point to is traced under the rules of the cycle it
// belongs to.
unsafe impl Send for Tracer<'static> {}

impl<'heap> Tracer<'heap> {
    /// A tracer that marks. `shared`: the program or other tracers set mark bits at the same time.
    pub(crate) fn marking(heap: &'heap Heap, shared: bool) -> Tracer<'heap> {
        Tracer::with_stack(heap, shared, MarkStack::none())
    }

    /// The same with a stack that has some memory already: in a pause the allocator may be slow.
    pub(crate) fn with_stack(heap: &'heap Heap, shared: bool, stack: MarkStack) -> Tracer<'heap> {
        Tracer {
            heap,
            types_base: heap.types().base(),
            visit: None,
            observed: false,
            shared,
            rows_may_wait: false,
            log: None,
            stack: stack.0,
            rows: Vec::new(),
            weak_edges: Vec::new(),
            queue: [std::ptr::null(); PREFETCH],
            queue_position: 0,
            marked_cells: 0,
            marked_bytes: 0,
        }
    }

    /// A tracer that shows every pointer word to `visit`.
    pub(crate) fn visiting(heap: &'heap Heap, visit: &'heap mut dyn FnMut(u64)) -> Tracer<'heap> {
        let mut tracer = Tracer::marking(heap, false);
        tracer.visit = Some(visit);
        tracer.observed = true;
        tracer
    }

    /// The row of a type.
    #[inline(always)]
    pub fn type_entry(&self, id: TypeId) -> &'heap TypeEntry {
        self.heap.types().entry(id)
    }

    /// The usable bytes of a cell, its header included.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap.
    pub unsafe fn cell_size(&self, cell: *const Header) -> usize {
        // SAFETY: the caller's contract.
        unsafe { self.heap.cell_size(cell) }
    }

    /// Reports a word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        if !is_pointer(word) {
            return;
        }
        let address = address_of(word);
        if self.observed && self.observe(word) {
            return;
        }
        if self.heap.blocks.contains(address) {
            let (bit, kind) = self.heap.blocks.mark_bit(address);
            if bit.set(self.shared) {
                self.marked_bytes += crate::class::kind_size(kind);
                self.push(address);
            }
        } else {
            self.large_word(address);
        }
    }

    /// Shows a word to the visitor or the log; true if it is not to be marked.
    #[cold]
    fn observe(&mut self, word: u64) -> bool {
        if let Some(log) = &mut self.log {
            log.push(word);
        }
        match &mut self.visit {
            Some(visit) => {
                visit(word);
                true
            }
            None => false,
        }
    }

    /// Notes every word that is reported from now on.
    pub(crate) fn start_log(&mut self) {
        self.log = Some(Vec::new());
        self.observed = true;
    }

    /// The words noted so far; ends noting.
    pub(crate) fn take_log(&mut self) -> Vec<u64> {
        self.observed = self.visit.is_some();
        self.log.take().unwrap_or_default()
    }

    #[cold]
    fn large_word(&mut self, address: usize) {
        let large = &self.heap.large;
        if large.contains(address) && large.mark(address, self.heap.cycle_number()) {
            self.marked_bytes += large.size(address);
            self.push(address);
        }
    }

    #[inline(always)]
    fn push(&mut self, address: usize) {
        self.marked_cells += 1;
        self.stack.push(std::ptr::with_exposed_provenance(address));
    }

    /// Reports a slot.
    #[inline]
    pub fn slot(&mut self, slot: &Slot) {
        self.word(slot.load_relaxed());
    }

    /// Reports `count` slots in a row. Long rows are traced in pieces.
    ///
    /// # Safety
    /// The slots belong to the cell being traced, or, if a root provider reports them, are readable
    /// during the call.
    #[inline]
    pub unsafe fn slots(&mut self, first: *const Slot, count: usize) {
        if count > PIECE && self.rows_may_wait {
            self.rows.push(Row { first, count });
            return;
        }
        for index in 0..count {
            // SAFETY: the caller's contract.
            self.slot(unsafe { &*first.add(index) });
        }
    }

    /// Reports a weak slot of the cell `owner`, which is the cell being traced: its referent is not
    /// kept alive, and the slot reads dead once the referent is.
    #[inline]
    pub fn weak(&mut self, owner: *const Header, slot: &WeakSlot) {
        if self.visit.is_none()
            && slot.peek().is_some()
            && let Some(owner) = NonNull::new(owner.cast_mut())
        {
            self.weak_edges.push(WeakEdge { owner, slot });
        }
    }

    /// Reports every word in the range of addresses that could be the address of a cell or of
    /// anything inside one.
    ///
    /// # Safety
    /// The range is readable and the world is stopped: only root providers (not trace entries) call
    /// this.
    pub unsafe fn conservative_range(&mut self, low: *const u8, high: *const u8) {
        let mut at = low.addr().next_multiple_of(size_of::<usize>());
        while at + size_of::<usize>() <= high.addr() {
            let pointer = low.with_addr(at).cast::<usize>();
            // SAFETY: the caller's contract. Volatile, since the memory belongs to frames that the
            // compiler knows of.
            let candidate = unsafe { pointer.read_volatile() };
            self.candidate(candidate);
            at += size_of::<usize>();
        }
    }

    /// Reports the cell that a word found on a native stack may refer to: one that contains the
    /// address, or ends at it.
    fn candidate(&mut self, candidate: usize) {
        if let Some(cell) = self.heap.live_cell_at(candidate) {
            self.word(word_of(cell));
        }
        if self.heap.config.scan_one_past_end
            && let Some(cell) = self.heap.live_cell_at(candidate.wrapping_sub(1))
        {
            self.word(word_of(cell));
        }
    }

    /// Whether a type's owner died in the last cycle. Trace entries of caches drop such ids: after
    /// this cycle they are given out anew.
    pub fn is_dying(&self, id: TypeId) -> bool {
        self.heap.types().is_dying(id)
    }

    /// Gives the memory of the empty stack back, but for what the next cycle begins with.
    pub(crate) fn shrink_stack(&mut self) {
        debug_assert!(self.is_drained());
        if self.stack.capacity() > LARGE_STACK {
            self.stack = MarkStack::default().0;
        }
        self.rows = Vec::new();
    }

    /// The stack, for the next cycle.
    pub(crate) fn into_stack(self) -> MarkStack {
        debug_assert!(self.is_drained());
        MarkStack(self.stack)
    }

    /// Whether all that was reported has been traced.
    pub(crate) fn is_drained(&self) -> bool {
        self.stack.is_empty() && self.rows.is_empty() && self.queue.iter().all(|cell| cell.is_null())
    }

    /// Traces what waits, at most `budget` steps (cells or pieces of rows). True if nothing is
    /// left.
    pub(crate) fn drain(&mut self, budget: usize) -> bool {
        for _ in 0..budget {
            // Rows wait until few cells do, so a row of a million cells never has a million of them wait.
            if self.stack.len() < PREFETCH
                && let Some(row) = self.rows.pop()
            {
                self.piece(row);
                continue;
            }
            match self.stack.pop() {
                Some(cell) => {
                    prefetch(cell);
                    let position = self.queue_position;
                    self.queue_position = (position + 1) % PREFETCH;
                    let ready = std::mem::replace(&mut self.queue[position], cell);
                    if !ready.is_null() {
                        self.trace(ready);
                    }
                }
                None if self.flush_queue() => {}
                None => return true,
            }
        }
        self.is_drained()
    }

    /// Traces what waits in the queue; false if there was nothing.
    fn flush_queue(&mut self) -> bool {
        let mut any = false;
        for step in 0..PREFETCH {
            let position = (self.queue_position + step) % PREFETCH;
            let ready = std::mem::replace(&mut self.queue[position], std::ptr::null());
            if !ready.is_null() {
                any = true;
                self.trace(ready);
            }
        }
        any
    }

    fn piece(&mut self, row: Row) {
        let count = row.count.min(PIECE);
        if row.count > count {
            // SAFETY: the row has more slots than `count`.
            let first = unsafe { row.first.add(count) };
            self.rows.push(Row { first, count: row.count - count });
        }
        for index in 0..count {
            // SAFETY: rows belong to marked cells, which stay until the end of the cycle.
            self.slot(unsafe { &*row.first.add(index) });
        }
    }

    /// Reports the edges of a cell.
    #[inline]
    pub(crate) fn trace(&mut self, cell: *const Header) {
        // SAFETY: marked cells are live, so the header can be read.
        let type_id = unsafe { (*cell).type_id() };
        if type_id == TypeId::FREE {
            return;
        }
        // SAFETY: ids come from the table, which commits their rows and never takes them back.
        let entry = unsafe { &*self.types_base.add(type_id.0 as usize) };
        self.slot(&entry.owner);
        if let Some(ops) = entry.ops() {
            // SAFETY: the cell is live and of a type with these operations.
            unsafe { (ops.trace)(cell, self) };
        }
    }

    /// Cuts off about half of the waiting work, if there is enough to share.
    pub(crate) fn split(&mut self, least: usize) -> Option<Packet> {
        if self.stack.len() < least && self.rows.len() < 2 {
            return None;
        }
        let cells = self.stack.split_off(self.stack.len() / 2);
        let rows = self.rows.split_off(self.rows.len() / 2);
        Some(Packet { cells, rows })
    }

    /// Takes over work cut off elsewhere.
    pub(crate) fn adopt(&mut self, mut packet: Packet) {
        self.stack.append(&mut packet.cells);
        self.rows.append(&mut packet.rows);
    }
}

#[inline(always)]
fn prefetch(cell: *const Header) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch has no effect but on the cache, for any address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(cell.cast());
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: a prefetch has no effect but on the cache, for any address.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) cell, options(nostack, readonly, preserves_flags));
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let _ = cell;
}
