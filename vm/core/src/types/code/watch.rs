//! What watching the program does to a code object: see `interp::monitor`.

use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{Op, Opcode};

use super::{CodeObject, registry};
use crate::interp::monitor::instrument::WatchTable;
use crate::object::cell::Ref;
use crate::runtime::context::Cx;

impl Cx {
    /// Adds a code object that has just been loaded to the list of all.
    pub(super) fn register_code(&self, code: Ref<CodeObject>) {
        registry::lock().add(code.as_ptr());
        if self.vm().monitoring.watches_places() {
            code.make_stale();
        }
    }
}

impl CodeObject {
    /// Where what the program wrote begins.
    pub(crate) fn entry(&self) -> usize {
        self.body().entry as usize
    }

    /// Whether a frame may go on here after a yield.
    pub(crate) fn is_resumption(&self, index: usize) -> bool {
        self.body().resumptions.contains(&(index as u32))
    }

    /// Has whoever begins the code, or goes on in it, look at its table.
    pub(crate) fn make_stale(&self) {
        let body = self.body();
        self.instrument(body.entry as usize);
        body.resumptions.iter().for_each(|&index| self.instrument(index as usize));
    }

    /// Whether somebody wants to be told of something in this code.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    pub(crate) fn set_watched(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }

    /// The table of what is told, if there ever was anything.
    pub(crate) fn watch_table(&self) -> Option<&'static WatchTable> {
        // SAFETY: the table is made once and freed with the code object, which whoever runs it or looks at it keeps; the
        // longer lifetime spares a borrow of the cell over calls.
        unsafe { self.body.load(Ordering::Acquire).as_ref()?.watch_table.load(Ordering::Acquire).as_ref() }
    }

    /// The same, made if need be. The list of code objects is locked, so that nobody else does.
    pub(crate) fn make_watch_table(&self) -> &'static WatchTable {
        if let Some(table) = self.watch_table() {
            return table;
        }
        let table: &'static mut WatchTable = Box::leak(Box::new(WatchTable::new(self.unit_count())));
        self.body().watch_table.store(table, Ordering::Release);
        table
    }

    /// Has the instruction's place tell what happens there.
    pub(crate) fn instrument(&self, index: usize) {
        self.body().units[index].instruction.store(Op::Instrumented {}.encode().0, Ordering::Relaxed);
    }

    /// Puts the instruction back where it was `Instrumented`.
    pub(crate) fn restore(&self, index: usize) {
        let body = self.body();
        let word = &body.units[index].instruction;
        if word.load(Ordering::Relaxed) as u8 == Opcode::Instrumented as u8 {
            word.store(self.code().instructions[index].0, Ordering::Relaxed);
        }
    }

    pub(super) fn set_registry_index(&self, index: usize) {
        self.body().registry_index.store(index, Ordering::Relaxed);
    }
}
