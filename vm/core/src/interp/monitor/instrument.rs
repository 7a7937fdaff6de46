//! Making code objects tell what happens in them.
//!
//! A code object that is or was watched has a [`WatchTable`]: for each instruction, by [`Channel`], which tools are to be
//! told and which of them have disabled the place. Where anybody is to be told, the instruction array has `Instrumented`.
//! The table is of a version; when that is old, whoever meets it brings it up to date ([`refresh`]), with the list of all
//! code objects locked. The lock is held for that alone: no allocation in the heap, no safepoint, no call.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use countless_compiler::bytecode::{Code, Op, Opcode};

use super::{Event, Monitoring, TOOLS, TRACER};
use crate::interp::frame::{Frame, flag};
use crate::object::cell::Ref;
use crate::runtime::context::Cx;
use crate::types::code::{CodeObject, registry};

/// What can happen at one instruction, apart from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Channel {
    /// `PY_START` or `PY_RESUME`.
    Start,
    /// `LINE`.
    Line,
    /// `INSTRUCTION`.
    Instruction,
    /// What the instruction itself does: `CALL`, `PY_RETURN`, `PY_YIELD`, `JUMP`, `BRANCH_LEFT`.
    Main,
    /// `BRANCH_RIGHT`.
    Right,
    /// `STOP_ITERATION`.
    Stop,
}

const CHANNELS: usize = 6;

impl Channel {
    /// The channel of an event of places.
    pub(super) fn of(event: Event) -> Channel {
        match event {
            Event::PyStart | Event::PyResume => Channel::Start,
            Event::Line => Channel::Line,
            Event::Instruction => Channel::Instruction,
            Event::BranchRight => Channel::Right,
            Event::StopIteration => Channel::Stop,
            _ => Channel::Main,
        }
    }
}

/// One instruction: bits are tools.
pub(crate) struct Place {
    active: [AtomicU8; CHANNELS],
    disabled: [AtomicU8; CHANNELS],
}

impl Place {
    const fn new() -> Place {
        Place { active: [const { AtomicU8::new(0) }; CHANNELS], disabled: [const { AtomicU8::new(0) }; CHANNELS] }
    }

    /// The tools to be told.
    #[inline]
    pub(super) fn tools(&self, channel: Channel) -> u8 {
        self.active[channel as usize].load(Ordering::Relaxed)
    }

    /// Whether a line may begin here that somebody wants to know of, or wanted.
    #[inline]
    pub(super) fn is_line(&self) -> bool {
        let line = Channel::Line as usize;
        (self.active[line].load(Ordering::Relaxed) | self.disabled[line].load(Ordering::Relaxed)) != 0
    }

    fn is_silent(&self) -> bool {
        self.active.iter().all(|tools| tools.load(Ordering::Relaxed) == 0) && !self.is_line()
    }
}

/// The places of a code object, and what tools want of it alone.
pub struct WatchTable {
    version: AtomicU32,
    restarts: AtomicU32,
    local: [AtomicU32; TOOLS],
    places: Box<[Place]>,
}

impl WatchTable {
    /// A table that is out of date.
    pub(crate) fn new(length: usize) -> WatchTable {
        WatchTable {
            version: AtomicU32::new(0),
            restarts: AtomicU32::new(0),
            local: [const { AtomicU32::new(0) }; TOOLS],
            places: (0..length).map(|_| Place::new()).collect(),
        }
    }

    pub(super) fn place(&self, index: usize) -> &Place {
        &self.places[index]
    }

    /// What the tool wants of this code object alone.
    pub(super) fn local_events(&self, tool: usize) -> u32 {
        self.local[tool].load(Ordering::Relaxed)
    }
}

/// Which tools want which event of places in the code.
fn wanted(monitoring: &Monitoring, table: &WatchTable) -> [u8; Event::LOCAL_COUNT] {
    let mut wanted = [0; Event::LOCAL_COUNT];
    for tool in 0..TOOLS {
        let global = monitoring.events(tool);
        // A trace function's wish for instructions in a code object outlives it.
        let local = if tool == TRACER && global == 0 { 0 } else { table.local_events(tool) };
        for (number, tools) in wanted.iter_mut().enumerate() {
            *tools |= ((global | local) >> number & 1) as u8 * (1 << tool);
        }
    }
    wanted
}

/// The code's table, up to date.
pub(super) fn current_table(cx: &Cx, code: Ref<CodeObject>) -> &'static WatchTable {
    let monitoring = &cx.vm().monitoring;
    if let Some(table) = code.watch_table()
        && table.version.load(Ordering::Acquire) == monitoring.version()
    {
        return table;
    }
    let _registry = registry::lock();
    refresh(monitoring, &code)
}

/// Brings the code up to date. The list of code objects is locked.
fn refresh(monitoring: &Monitoring, code: &CodeObject) -> &'static WatchTable {
    let table = code.make_watch_table();
    if table.version.load(Ordering::Relaxed) == monitoring.version() {
        return table;
    }
    let wanted = wanted(monitoring, table);
    if table.restarts.swap(monitoring.restarts(), Ordering::Relaxed) != monitoring.restarts() {
        let all = table.places.iter().flat_map(|place| &place.disabled);
        all.for_each(|tools| tools.store(0, Ordering::Relaxed));
    }
    let body = code.code();
    let entry = code.entry();
    let lines = if wanted[Event::Line as usize] != 0 { line_starts(body, entry) } else { Box::default() };
    for index in 0..table.places.len() {
        let place = &table.places[index];
        let mut channels = [0; CHANNELS];
        if index >= entry {
            channels = channels_at(code, index, &wanted);
            if lines.get(index) == Some(&true) {
                channels[Channel::Line as usize] = wanted[Event::Line as usize];
            }
        }
        for (channel, tools) in channels.into_iter().enumerate() {
            // A tool that has not wanted the event meanwhile begins anew.
            let disabled = place.disabled[channel].load(Ordering::Relaxed) & tools;
            place.disabled[channel].store(disabled, Ordering::Relaxed);
            place.active[channel].store(tools & !disabled, Ordering::Relaxed);
        }
        let is_start = index == entry || code.is_resumption(index);
        if place.is_silent() && !(is_start && wanted != [0; Event::LOCAL_COUNT]) {
            code.restore(index);
        } else {
            code.instrument(index);
        }
    }
    code.set_watched(wanted != [0; Event::LOCAL_COUNT]);
    table.version.store(monitoring.version(), Ordering::Release);
    table
}

/// Which tools are to be told at an instruction, but for lines.
fn channels_at(code: &CodeObject, index: usize, wanted: &[u8; Event::LOCAL_COUNT]) -> [u8; CHANNELS] {
    let want = |event: Event| wanted[event as usize];
    let mut channels = [0; CHANNELS];
    let mut set = |channel: Channel, tools: u8| channels[channel as usize] = tools;
    if index == code.entry() {
        set(Channel::Start, want(Event::PyStart));
    } else if code.is_resumption(index) {
        set(Channel::Start, want(Event::PyResume));
    }
    set(Channel::Instruction, want(Event::Instruction));
    match code.code().instructions[index].opcode() {
        Some(
            Opcode::Call | Opcode::CallKeywords | Opcode::CallUnpack | Opcode::LoadSuperAttr | Opcode::LoadSuperMethod,
        ) => set(Channel::Main, want(Event::Call)),
        Some(Opcode::Return | Opcode::ReturnNone) => set(Channel::Main, want(Event::PyReturn)),
        Some(Opcode::Yield) => set(Channel::Main, want(Event::PyYield)),
        Some(Opcode::JumpBack) if is_hidden_loop(code.code(), index) => {}
        Some(Opcode::Jump) if skips_handler(code.code(), index) => {}
        Some(Opcode::Jump | Opcode::JumpBack) => set(Channel::Main, want(Event::Jump)),
        Some(Opcode::Send) => set(Channel::Stop, want(Event::StopIteration)),
        // The compiler's own question about an optional part, not the program's.
        Some(Opcode::JumpIfUnbound) => {}
        Some(opcode) if opcode.jump_operand().is_some() => {
            set(Channel::Main, want(Event::BranchLeft));
            set(Channel::Right, want(Event::BranchRight));
            if opcode == Opcode::ForIter && consumer(code.code(), index).is_none() {
                set(Channel::Stop, want(Event::StopIteration));
            }
        }
        _ => {}
    }
    channels
}

/// What a loop that stands for a call of `list`, `set`, `tuple`, `any` or `all` does with each item: its `ForIter` is at the
/// index.
fn consumer(code: &Code, index: usize) -> Option<Opcode> {
    let op = |index: usize| Op::decode(*code.instructions.get(index)?);
    let Some(Op::ForIter { dst, .. }) = op(index) else { return None };
    let next = op(index + 1)?;
    let takes_item = match next {
        Op::ListAppend { src, .. }
        | Op::SetAdd { src, .. }
        | Op::JumpIfTrue { src, .. }
        | Op::JumpIfFalse { src, .. } => src == dst,
        _ => false,
    };
    let is_temporary = usize::from(dst) >= code.locals.len();
    (takes_item && is_temporary && matches!(op(index + 2), Some(Op::JumpBack { .. }))).then_some(next.opcode())
}

/// Whether the jump only leads around a handler, as at the end of a `try`: not the program's.
fn skips_handler(code: &Code, index: usize) -> bool {
    code.exception_table.iter().any(|entry| entry.handler as usize == index + 1)
}

/// Whether the way back is not the program's: that of a delegation, or of a call of `list` or `set`.
fn is_hidden_loop(code: &Code, index: usize) -> bool {
    let goes_to =
        |index: usize| Some((index as i64 + 1 + i64::from(code.instructions.get(index)?.jump_distance()?)) as usize);
    let Some(head) = goes_to(index) else { return false };
    match code.instructions.get(head).and_then(|word| word.opcode()) {
        Some(Opcode::Send) => true,
        Some(Opcode::ForIter) => {
            let exit = goes_to(head).and_then(|exit| code.instructions.get(exit)?.opcode());
            matches!(consumer(code, head), Some(Opcode::ListAppend | Opcode::SetAdd))
                && exit != Some(Opcode::ListToTuple)
        }
        _ => false,
    }
}

/// The instructions that some path reaches from another line, or from outside.
fn line_starts(code: &Code, entry: usize) -> Box<[bool]> {
    let lines: Vec<Option<u32>> = code.positions.iter().map(|span| span.map(|span| span.line)).collect();
    let mut starts = vec![false; lines.len()];
    let mut reach = |from: Option<u32>, to: usize| {
        if let (Some(start), Some(&line)) = (starts.get_mut(to), lines.get(to))
            && line.is_some()
            && line != from
        {
            *start = true;
        }
    };
    reach(None, entry);
    for (index, word) in code.instructions.iter().enumerate() {
        if word.opcode().is_some_and(|opcode| !opcode.is_terminal()) {
            reach(lines[index], index + 1);
        }
        if let Some(distance) = word.jump_distance() {
            reach(lines[index], (index as i64 + 1 + i64::from(distance)) as usize);
        }
    }
    code.exception_table.iter().for_each(|entry| reach(None, entry.handler as usize));
    starts.into()
}

/// A tool does not want to hear of the place any more.
pub(super) fn disable(code: &CodeObject, index: usize, event: Event, tool: usize) {
    let Some(table) = code.watch_table() else { return };
    let (place, channel) = (table.place(index), Channel::of(event) as usize);
    place.disabled[channel].fetch_or(1 << tool, Ordering::Relaxed);
    place.active[channel].fetch_and(!(1 << tool), Ordering::Relaxed);
    let is_start = index == code.entry() || code.is_resumption(index);
    if place.is_silent() && !is_start {
        code.restore(index);
    }
}

/// The frame's beginning is past: only what comes is told.
fn note_frame(frame: &Frame) {
    if !frame.has(flag::STARTED) {
        frame.add_flags(flag::STARTED);
        frame.traced_line.set(frame.code().line_at(frame.index()).unwrap_or(0));
    }
}

/// Calls `visit` with all frames of all threads. The world is stopped.
fn for_each_frame(cx: &Cx, visit: &mut dyn FnMut(&Frame)) {
    cx.for_each_thread(&mut |thread| thread.stack.frames().for_each(&mut *visit));
}

/// Something new is wanted: all code objects are to be looked at. The world is stopped.
pub(super) fn begin_watching(cx: &Cx) {
    let registry = registry::lock();
    registry.for_each(&mut CodeObject::make_stale);
    for_each_frame(cx, &mut |frame| {
        note_frame(frame);
        refresh(&cx.vm().monitoring, &frame.code());
    });
}

/// The tool wants other events of this code object. The world is stopped.
pub(super) fn set_local_events(cx: &Cx, tool: usize, code: Ref<CodeObject>, events: u32) {
    let _registry = registry::lock();
    let table = code.make_watch_table();
    table.local[tool].store(events, Ordering::Relaxed);
    table.version.store(0, Ordering::Relaxed);
    for_each_frame(cx, &mut |frame| {
        if frame.code() == code {
            note_frame(frame);
        }
    });
    refresh(&cx.vm().monitoring, &code);
}

/// The tool wants nothing of single code objects any more. The world is stopped, and the version changes.
pub(super) fn forget_local_events(tool: usize) {
    registry::lock().for_each(&mut |code| {
        if let Some(table) = code.watch_table() {
            table.local[tool].store(0, Ordering::Relaxed);
        }
    });
}
