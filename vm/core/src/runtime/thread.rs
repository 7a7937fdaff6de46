//! Threads as the VM sees them: what it keeps for each beside the interpreter's stack, and which of them were started
//! by the program.
//!
//! A [`ThreadState`] is owner-only: the thread itself reads and writes it; the collector traces it while the thread is
//! stopped. The [`ThreadRegistry`] is shared; its mutex is held for a look-up or an insertion only, never across an
//! allocation, a safepoint or a call.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use countless_gc::Tracer;

use super::context::Cx;
use super::interrupt;
use super::vm::Vm;
use crate::object::value::Value;

/// One thread's state.
#[derive(Default)]
pub struct ThreadState {
    /// A number that no other thread of the process ever has.
    pub number: u64,
    /// How many frames a coroutine's origin records (`sys.set_coroutine_origin_tracking_depth`).
    pub origin_depth: Cell<u32>,
    /// Called with an asynchronous generator before its first step (`sys.set_asyncgen_hooks`).
    pub async_first_iteration: Cell<Option<Value>>,
    /// Called with an asynchronous generator that dies unfinished.
    pub async_finalizer: Cell<Option<Value>>,
    /// The current context of context variables; made when first asked for.
    pub context: Cell<Option<Value>>,
    /// A list of weak references to the thread-local objects that hold something of this thread.
    pub locals: Cell<Option<Value>>,
    /// `sys.settrace`; other threads set it while the world is stopped.
    pub(crate) trace_function: Cell<Option<Value>>,
    /// `sys.setprofile`; likewise.
    pub(crate) profile_function: Cell<Option<Value>>,
    /// How many callbacks of whoever watches are running: events are told only if none is.
    pub(crate) silent: Cell<u32>,
}

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

impl ThreadState {
    /// The state of a thread that has not run anything.
    pub fn new() -> ThreadState {
        ThreadState { number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed), ..ThreadState::default() }
    }

    /// Reports what the state holds.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        let held = [
            self.async_first_iteration.get(),
            self.async_finalizer.get(),
            self.context.get(),
            self.locals.get(),
            self.trace_function.get(),
            self.profile_function.get(),
        ];
        held.into_iter().flatten().for_each(|value| tracer.word(value.word()));
    }
}

/// A thread that the program started.
#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    /// What the thread is given: roots until it ends.
    words: [u64; WORDS],
    daemon: bool,
}

/// How many values a thread is given.
pub const WORDS: usize = 4;

/// The threads that the program started and that have not ended.
#[derive(Default)]
pub struct ThreadRegistry {
    entries: Mutex<Vec<Entry>>,
    next_key: AtomicU64,
}

impl ThreadRegistry {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Records a thread that is about to start, with what it is given; the key is for [`ThreadRegistry::take`].
    pub fn add(&self, values: [Option<Value>; WORDS], daemon: bool) -> u64 {
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        self.entries().push(Entry { key, words: values.map(|value| value.map_or(0, Value::word)), daemon });
        key
    }

    /// What the thread of the key was given.
    pub fn given(&self, cx: &Cx, key: u64) -> [Option<Value>; WORDS] {
        let words = self.entries().iter().find(|entry| entry.key == key).map_or([0; WORDS], |entry| entry.words);
        words.into_iter().filter(|&word| word != 0).for_each(|word| cx.mutator().keep_alive(word));
        words.map(Value::from_word)
    }

    /// Forgets a thread that has ended or never began.
    pub fn remove(&self, key: u64) {
        self.entries().retain(|entry| entry.key != key);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the threads were given: item `index` of each, of those that are no daemons if `waited_for`.
    pub fn held(&self, cx: &Cx, index: usize, waited_for: bool) -> Vec<u64> {
        let entries = self.entries();
        let chosen = entries.iter().filter(|entry| !(waited_for && entry.daemon));
        let words: Vec<u64> = chosen.map(|entry| entry.words[index]).filter(|&word| word != 0).collect();
        words.iter().for_each(|&word| cx.mutator().keep_alive(word));
        words
    }

    /// The key of the thread at a position in [`ThreadRegistry::held`] of all.
    pub fn key_at(&self, index: usize) -> Option<u64> {
        self.entries().get(index).map(|entry| entry.key)
    }

    /// Forgets all threads but the one of the key: in the child of a fork.
    pub fn keep_only(&self, key: Option<u64>) {
        self.entries().retain(|entry| Some(entry.key) == key);
    }

    /// Reports what the threads are given.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        for entry in self.entries().iter() {
            entry.words.iter().for_each(|&word| tracer.word(word));
        }
    }
}

impl Cx {
    /// A context for the calling thread, which has none yet. Dropping it ends the thread's part in the VM. `None` if the
    /// system has no address space for its registers.
    pub fn for_thread(vm: &'static Vm) -> Option<Box<Cx>> {
        let mutator = vm.heap().attach(std::ptr::null());
        Cx::new(vm, mutator, super::system::native_stack_low(), ThreadState::new())
    }

    /// Whether this is the main thread, which alone runs signal handlers.
    pub fn is_main_thread(&self) -> bool {
        super::signal::main_ident() == current_ident()
    }

    /// Has every other thread stop for good at its next poll: what is left of them when the VM ends are daemons.
    pub fn stop_other_threads(&self) {
        self.vm().finalizing.store(true, Ordering::SeqCst);
        let _ = interrupt::HANDLERS.exit.set(stop_for_good);
        self.vm().heap().interrupt_all(interrupt::EXIT);
        self.mutator().take_interrupts(interrupt::EXIT);
    }
}

/// What a daemon thread does once the VM is ending: nothing any more, until the process is gone.
fn stop_for_good(cx: &Cx) -> crate::runtime::error::PyResult<()> {
    if cx.is_main_thread() {
        return Ok(());
    }
    cx.mutator().detached(|| {
        loop {
            std::thread::sleep(std::time::Duration::from_secs(3600));
        }
    })
}

/// The calling thread's identity, as `threading.get_ident()` gives it.
pub fn current_ident() -> u64 {
    // SAFETY: the function has no preconditions.
    unsafe { libc::pthread_self() as u64 }
}
