//! Who watches the program: the events of `sys.monitoring`, and on top of them trace functions and profilers.
//!
//! A tool (a number; two are the interpreter's own) wants events everywhere, or in one code object. How code objects are
//! made to tell them is in [`instrument`], what is done at such a place in [`execute`], how callbacks are called in
//! [`fire`], `sys.settrace` and `sys.setprofile` in [`legacy`], setting
//! `f_lineno` in [`jump`].
//!
//! For threads: names and callbacks are atomic slots; sets of events and the version change while the world is stopped,
//! and are read without.

pub mod execute;
pub mod fire;
pub mod instrument;
pub(crate) mod jump;
pub mod legacy;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use countless_gc::Tracer;

use crate::object::cell::{Field, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::code::CodeObject;

/// How many tools there are.
pub const TOOLS: usize = 8;
/// How many of them programs can use: the first ones.
pub const USER_TOOLS: usize = 6;
/// The tool of `sys.setprofile`.
pub const PROFILER: usize = 6;
/// The tool of `sys.settrace`.
pub const TRACER: usize = 7;

macro_rules! define_events {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// The events, in the order of their bits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Event { $($(#[doc = $doc])* $name,)* }

        impl Event {
            /// All of them, by number.
            pub const ALL: &'static [Event] = &[$(Event::$name,)*];

            /// The name in `sys.monitoring.events`.
            pub const fn name(self) -> &'static str {
                match self { $(Event::$name => $text,)* }
            }
        }
    };
}

define_events! {
    /// A function begins.
    PyStart = "PY_START";
    /// A generator goes on.
    PyResume = "PY_RESUME";
    /// A function returns.
    PyReturn = "PY_RETURN";
    /// A generator yields.
    PyYield = "PY_YIELD";
    /// Something is about to be called.
    Call = "CALL";
    /// Another line begins.
    Line = "LINE";
    /// An instruction is about to be executed.
    Instruction = "INSTRUCTION";
    /// An unconditional jump is about to be taken.
    Jump = "JUMP";
    /// A conditional jump was not taken.
    BranchLeft = "BRANCH_LEFT";
    /// A conditional jump was taken.
    BranchRight = "BRANCH_RIGHT";
    /// A generator that a loop or a delegation runs has returned.
    StopIteration = "STOP_ITERATION";
    /// An exception was raised, or came out of a call.
    Raise = "RAISE";
    /// A handler begins.
    ExceptionHandled = "EXCEPTION_HANDLED";
    /// An exception leaves the frame.
    PyUnwind = "PY_UNWIND";
    /// An exception is thrown into a generator.
    PyThrow = "PY_THROW";
    /// An exception is raised again by what caught it.
    Reraise = "RERAISE";
    /// A call of something native has returned.
    CReturn = "C_RETURN";
    /// A call of something native has failed.
    CRaise = "C_RAISE";
    /// Either branch: a name for callbacks, never wanted itself.
    Branch = "BRANCH";
}

impl Event {
    /// How many there are.
    pub const COUNT: usize = Event::ALL.len();
    /// How many of them, the first ones, happen at places in code objects.
    pub const LOCAL_COUNT: usize = Event::StopIteration as usize + 1;
    /// Those that happen at places.
    pub const LOCAL: u32 = (1 << Event::LOCAL_COUNT) - 1;
    /// Those of exceptions on their way.
    const EXCEPTIONS: u32 = Event::Raise.bit()
        | Event::ExceptionHandled.bit()
        | Event::PyUnwind.bit()
        | Event::PyThrow.bit()
        | Event::Reraise.bit();

    /// The bit in sets of events.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether it happens at places in code objects, so that it can be wanted or disabled there.
    pub const fn is_local(self) -> bool {
        (self as usize) < Event::LOCAL_COUNT
    }
}

/// What the process knows of tools.
pub struct Monitoring {
    /// `use_tool_id`.
    pub names: [Field; USER_TOOLS],
    /// `register_callback`.
    pub callbacks: [[Field; Event::COUNT]; USER_TOOLS],
    /// `sys.monitoring.DISABLE`.
    pub disable: Field,
    /// `sys.monitoring.MISSING`.
    pub missing: Field,
    /// What each tool wants everywhere.
    global: [AtomicU32; TOOLS],
    /// By event, which tools want it everywhere.
    tools: [AtomicU8; Event::COUNT],
    /// Whether any tool wants an event of exceptions.
    watches_exceptions: AtomicBool,
    /// Whether any tool wants an event of places everywhere: code objects are made stale then.
    watches_places: AtomicBool,
    /// Changes whenever code objects have to be looked at again; never 0.
    version: AtomicU32,
    /// How often disabled places were enabled again.
    restarts: AtomicU32,
}

impl Monitoring {
    pub(crate) const fn new() -> Monitoring {
        Monitoring {
            names: [const { Field::empty() }; USER_TOOLS],
            callbacks: [const { [const { Field::empty() }; Event::COUNT] }; USER_TOOLS],
            disable: Field::empty(),
            missing: Field::empty(),
            global: [const { AtomicU32::new(0) }; TOOLS],
            tools: [const { AtomicU8::new(0) }; Event::COUNT],
            watches_exceptions: AtomicBool::new(false),
            watches_places: AtomicBool::new(false),
            version: AtomicU32::new(1),
            restarts: AtomicU32::new(0),
        }
    }

    /// Reports what programs have registered.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        let callbacks = self.callbacks.iter().flatten();
        self.names.iter().chain(callbacks).chain([&self.disable, &self.missing]).for_each(|field| field.trace(tracer));
    }

    /// Whether any tool wants an event of exceptions.
    #[inline(always)]
    pub(crate) fn watches_exceptions(&self) -> bool {
        self.watches_exceptions.load(Ordering::Relaxed)
    }

    /// Whether new code objects are to be looked at when they run.
    pub(crate) fn watches_places(&self) -> bool {
        self.watches_places.load(Ordering::Relaxed)
    }

    fn version(&self) -> u32 {
        self.version.load(Ordering::Relaxed)
    }

    fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// The tools that want an event everywhere.
    pub fn tools_for(&self, event: Event) -> u8 {
        self.tools[event as usize].load(Ordering::Relaxed)
    }

    /// What the tool wants everywhere.
    pub fn events(&self, tool: usize) -> u32 {
        self.global[tool].load(Ordering::Relaxed)
    }

    fn next_version(&self) {
        let next = self.version().wrapping_add(1).max(1);
        self.version.store(next, Ordering::Relaxed);
    }

    /// Sets what the tool wants everywhere. The world is stopped.
    fn set_events_stopped(&self, cx: &Cx, tool: usize, events: u32) {
        let old = self.global[tool].swap(events, Ordering::Relaxed);
        if old == events {
            return;
        }
        for (number, tools) in self.tools.iter().enumerate() {
            let wants = |tool: &usize| self.events(*tool) >> number & 1 != 0;
            let mask = (0..TOOLS).filter(wants).fold(0, |mask, tool| mask | 1 << tool);
            tools.store(mask, Ordering::Relaxed);
        }
        let all = (0..TOOLS).fold(0, |all, tool| all | self.events(tool));
        self.watches_exceptions.store(all & Event::EXCEPTIONS != 0, Ordering::Relaxed);
        self.watches_places.store(all & Event::LOCAL != 0, Ordering::Relaxed);
        self.next_version();
        if events & !old & Event::LOCAL != 0 {
            instrument::begin_watching(cx);
        }
    }

    /// Sets what the tool wants everywhere.
    pub fn set_events(&self, cx: &Cx, tool: usize, events: u32) {
        if self.events(tool) != events {
            cx.mutator().stop_the_world(|| self.set_events_stopped(cx, tool, events));
        }
    }

    /// What the tool wants in this code object beyond that.
    pub fn local_events(&self, tool: usize, code: Ref<CodeObject>) -> u32 {
        code.watch_table().map_or(0, |table| table.local_events(tool))
    }

    /// Sets what the tool wants in this code object beyond that.
    pub fn set_local_events(&self, cx: &Cx, tool: usize, code: Ref<CodeObject>, events: u32) -> PyResult<()> {
        code.load(cx)?;
        if self.local_events(tool, code) != events {
            cx.mutator().stop_the_world(|| instrument::set_local_events(cx, tool, code, events));
        }
        Ok(())
    }

    /// The tool wants nothing any more, and has no callbacks.
    pub fn clear_tool(&self, cx: &Cx, tool: usize) {
        self.callbacks[tool].iter().filter(|callback| callback.get().is_some()).for_each(|callback| callback.clear(cx));
        cx.mutator().stop_the_world(|| {
            instrument::forget_local_events(tool);
            self.set_events_stopped(cx, tool, 0);
            self.next_version();
        });
    }

    /// Enables all places that tools have disabled.
    pub fn restart(&self, cx: &Cx) {
        cx.mutator().stop_the_world(|| {
            self.restarts.fetch_add(1, Ordering::Relaxed);
            self.next_version();
            instrument::begin_watching(cx);
        });
    }

    /// `sys.monitoring.MISSING`.
    pub(super) fn missing(&self) -> Value {
        self.missing.get_or_none()
    }
}
