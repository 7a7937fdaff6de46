//! The interpreter: one loop that runs the frames of a thread, and what it calls when an instruction is not simple.
//!
//! The loop ([`run`]) does the frequent cases of the frequent instructions itself and leaves the rest to a handler per
//! instruction (`ops`), which the instruction table names. A handler gets the thread, the frame and the instruction word,
//! reads and writes the frame's registers, and answers with a [`Flow`]. Handlers are out of line, so that the loop holds
//! nothing in native registers over them but its own few variables, which it reads again where a handler may have
//! changed them.
//!
//! Calls between Python functions do not recurse natively: the loop (or the call handler) pushes a frame record and goes
//! on in it. Native code that calls Python enters a loop of its own; its frame is marked `ENTRY`, and leaving that frame
//! leaves that loop.
//!
//! What the loop relies on without checking is what the verifier proves of every code object (`bytecode::verify`):
//! registers, constants, names and jump targets in range, registers written before they are read.

pub mod bind;
mod bind_errors;
pub mod call;
pub mod caller;
pub mod frame;
pub mod globals;
pub mod monitor;
pub mod operands;
pub mod ops;
pub mod resume;
pub mod stack;
pub mod suggest;
pub mod unwind;

use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{Instruction, Opcode};

use self::frame::{Frame, flag, load, store};
use crate::object::cell::Ref;
use crate::object::inline_cache;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::cell::CellObject;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::list::List;

/// How the loop goes on after a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Flow {
    /// With the next instruction.
    Next,
    /// In the same frame, at the frame's `pc`, which the handler has set.
    Jump,
    /// In the thread's top frame: another one, or one whose window moved.
    Reload,
    /// Not at all: the loop's `ENTRY` frame was left; its result is in the stack's `result`.
    Exit,
}

impl Frame {
    /// Makes the frame go on `distance` instructions behind the next one.
    pub(super) fn jump(&self, distance: i32) -> Flow {
        self.set_pc(self.pc().wrapping_offset(distance as isize));
        Flow::Jump
    }
}

/// Runs the top frame, which is marked `ENTRY`, until it is left. `raised`: what is to be raised in it first.
///
/// The native frames from here to a function that the loop calls hold no cell which is not in registers: see
/// [`Cx::collect_in_call`].
#[inline(never)]
pub(crate) fn run(cx: &Cx, raised: Option<Raised>) -> PyResult {
    cx.mutator().with_floor(|| run_frames(cx, raised))
}

#[inline(never)]
fn run_frames(cx: &Cx, raised: Option<Raised>) -> PyResult {
    let mut next_raised = raised;
    loop {
        if let Some(raised) = next_raised.take() {
            unwind::unwind(cx, raised)?;
        }
        match execute(cx) {
            Ok(value) => return Ok(value),
            Err(raised) => next_raised = Some(raised),
        }
    }
}

/// The same address, of which the code generator forgets how it was computed: otherwise it keeps the one before it in a
/// native register of its own.
#[inline(always)]
#[allow(clippy::pointers_in_nomem_asm_block, reason = "the address is not followed")]
fn opaque<T>(address: *const T) -> *const T {
    let mut same = address;
    // SAFETY: there is no instruction.
    unsafe { std::arch::asm!("/* {0} */", inout(reg) same, options(pure, nomem, nostack, preserves_flags)) };
    same
}

/// The loop. Ends with the result of the `ENTRY` frame, or with an exception raised in the top frame.
#[allow(unreachable_patterns, reason = "instructions that the loop does itself also have a handler in the table")]
fn execute(cx: &Cx) -> PyResult {
    // SAFETY: the thread's top record is a frame: the caller pushed one. Records stay where they are, and the loop uses
    // `frame` only while it is the top one.
    let mut frame: &Frame = unsafe { &*cx.stack.top_record() };
    let mut registers = frame.registers();
    // The instruction being executed; at the head of the loop, the one before the next. (That way one native register
    // serves for both the instruction and its cache.)
    let mut pc = frame.pc().wrapping_sub(1);

    // Reads a register.
    macro_rules! get {
        ($register:expr) => {
            // SAFETY: the verifier proves register numbers to be inside the window and written before they are read.
            unsafe { load(registers, $register) }
        };
    }
    // Writes a register.
    macro_rules! set {
        ($register:expr, $value:expr) => {{
            let value = $value;
            // SAFETY: the verifier proves register numbers to be inside the window.
            unsafe { store(registers, $register, value) }
        }};
    }
    // Goes on at another instruction of the frame.
    macro_rules! jump {
        ($distance:expr) => {{
            pc = pc.wrapping_offset($distance as isize);
            continue;
        }};
    }
    // Leaves the instruction to its handler.
    macro_rules! handler {
        ($family:ident :: $name:ident, $word:expr) => {{
            frame.set_pc(pc.wrapping_add(1));
            let outcome = ops::$family::$name(cx, frame, $word);
            if matches!(outcome, Ok(Flow::Next)) {
                continue;
            }
            outcome
        }};
    }
    // An arithmetic instruction on two registers: ints, then floats, then the handler.
    macro_rules! arithmetic {
        ($op:ident, $word:expr, $ints:expr, $floats:expr, $family:ident :: $name:ident) => {{
            let operands::$op { dst, a, b, .. } = operands::$op::decode($word);
            let (a, b) = (get!(a), get!(b));
            if Value::both_small_ints(a, b) {
                if let Some(result) = $ints(a, b) {
                    set!(dst, result);
                    continue;
                }
            } else if Value::both_inline_floats(a, b)
                && let Some(result) =
                    Value::inline_float($floats(a.inline_float_unchecked(), b.inline_float_unchecked()))
            {
                set!(dst, result);
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // An arithmetic instruction on two registers: ints, then the handler.
    macro_rules! int_arithmetic {
        ($op:ident, $word:expr, $ints:expr, $family:ident :: $name:ident) => {{
            let operands::$op { dst, a, b, .. } = operands::$op::decode($word);
            let (a, b) = (get!(a), get!(b));
            if Value::both_small_ints(a, b)
                && let Some(result) = $ints(a, b)
            {
                set!(dst, result);
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // An arithmetic instruction with a small constant on the right: ints, then the handler.
    macro_rules! immediate {
        ($op:ident, $word:expr, $ints:expr, $family:ident :: $name:ident) => {{
            let operands::$op { dst, a, value, .. } = operands::$op::decode($word);
            let a = get!(a);
            if a.is_small_int()
                && let Some(result) = $ints(a, Value::int(value as i64))
            {
                set!(dst, result);
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // A comparison into a register.
    macro_rules! comparison {
        ($op:ident, $word:expr, $operator:tt, $family:ident :: $name:ident) => {{
            let operands::$op { dst, a, b } = operands::$op::decode($word);
            let (a, b) = (get!(a), get!(b));
            if Value::both_small_ints(a, b) {
                set!(dst, Value::bool((a.word() as i64) $operator (b.word() as i64)));
                continue;
            }
            if Value::both_inline_floats(a, b) {
                set!(dst, Value::bool(a.inline_float_unchecked() $operator b.inline_float_unchecked()));
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // A comparison that jumps.
    macro_rules! compare_jump {
        ($op:ident, $word:expr, $operator:tt, $family:ident :: $name:ident) => {{
            let operands::$op { a, b, target, .. } = operands::$op::decode($word);
            let (a, b) = (get!(a), get!(b));
            if Value::both_small_ints(a, b) {
                if ((a.word() as i64) $operator (b.word() as i64)) == $word.has_n() { jump!(target) }
                continue;
            }
            if Value::both_inline_floats(a, b) {
                if (a.inline_float_unchecked() $operator b.inline_float_unchecked()) == $word.has_n() { jump!(target) }
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // A comparison with a small constant that jumps.
    macro_rules! compare_jump_immediate {
        ($op:ident, $word:expr, $operator:tt, $family:ident :: $name:ident) => {{
            let operands::$op { n, a, value, target } = operands::$op::decode($word);
            let a = get!(a);
            if a.is_small_int() {
                if (a.small_int_unchecked() $operator value as i64) == (n != 0) { jump!(target) }
                continue;
            }
            handler!($family::$name, $word)
        }};
    }
    // Goes on in the caller of a frame that is not `ENTRY`, with a result.
    macro_rules! pop {
        ($value:expr) => {{
            let value = $value;
            let dst = frame.dst.get();
            // SAFETY: a frame that is not `ENTRY` has its caller's record below it.
            frame = unsafe { &*(&raw const *frame).sub(1) };
            cx.stack.set_top(frame);
            registers = frame.registers();
            pc = frame.pc().wrapping_sub(1);
            set!(dst, value);
            continue;
        }};
    }
    // Leaves a plain frame with a result.
    macro_rules! leave {
        ($value:expr, $word:expr, $family:ident :: $name:ident) => {{
            if frame.flags.get() & flag::SPECIAL == 0 {
                pop!($value)
            }
            handler!($family::$name, $word)
        }};
    }
    // The match: the given arms, then each other instruction's handler, from the table.
    macro_rules! dispatch {
        (
            $opcode:ident, $word:ident, { $($hot:tt)* },
            $($(#[doc = $doc:literal])* $family:ident :: $handler:ident = $name:ident { $($field:ident : $kind:ident),* };)*
        ) => {
            match $opcode {
                $($hot)*
                $(Opcode::$name => handler!($family::$handler, $word),)*
            }
        };
    }

    // No arm below may be a bare `continue`: the dispatch would be its own successor, and the code generator then keeps one
    // indirect jump for all instructions instead of one behind each (13 instead of 15 ns for a call of `fib`).
    loop {
        pc = opaque(pc.wrapping_add(1));
        // SAFETY: `pc` is at an instruction: the verifier proves that code does not run off its end, and jump targets to be
        // instructions of the code.
        let word = Instruction(unsafe { (*pc).instruction.load(Ordering::Relaxed) });
        // SAFETY: the verifier proves opcodes to be in the table.
        let opcode: Opcode = unsafe { std::mem::transmute::<u8, Opcode>(word.number()) };
        let outcome: PyResult<Flow> = countless_compiler::for_each_opcode!(dispatch, opcode, word, {
            // ---- moves and constants
            Opcode::Move => {
                let operands::Move { dst, src } = operands::Move::decode(word);
                set!(dst, get!(src));
                continue;
            }
            Opcode::LoadConst => {
                let operands::LoadConst { dst, index } = operands::LoadConst::decode(word);
                set!(dst, frame.constant(index as usize));
                continue;
            }
            Opcode::LoadInt => {
                let operands::LoadInt { dst, value } = operands::LoadInt::decode(word);
                set!(dst, Value::int(value as i64));
                continue;
            }
            Opcode::LoadSingleton => {
                let operands::LoadSingleton { n, dst } = operands::LoadSingleton::decode(word);
                set!(dst, ops::load::singleton_value(n));
                continue;
            }
            Opcode::Unbind => {
                set!(operands::Unbind::decode(word).dst, Value::UNBOUND);
                continue;
            }
            Opcode::CheckBound => {
                if !get!(operands::CheckBound::decode(word).src).is_unbound() {
                    continue;
                }
                handler!(load::check_bound, word)
            }
            Opcode::LoadDeref => {
                let operands::LoadDeref { dst, cell } = operands::LoadDeref::decode(word);
                let cell = get!(cell);
                // SAFETY: the verifier proves operands of this kind to hold cells.
                let cell: Ref<CellObject> = unsafe { Ref::from_value_unchecked(cell) };
                if let Some(value) = cell.get() {
                    set!(dst, value);
                    continue;
                }
                handler!(load::deref, word)
            }
            Opcode::StoreDeref => {
                let operands::StoreDeref { cell, src } = operands::StoreDeref::decode(word);
                let cell = get!(cell);
                // SAFETY: the verifier proves operands of this kind to hold cells.
                let cell: Ref<CellObject> = unsafe { Ref::from_value_unchecked(cell) };
                cell.set(cx, get!(src));
                continue;
            }
            // ---- names and attributes
            Opcode::LoadGlobal => {
                let operands::LoadGlobal { dst, name } = operands::LoadGlobal::decode(word);
                // SAFETY: `pc` is at the instruction.
                let cache = unsafe { (*pc).cache.load(Ordering::Relaxed) };
                if let Some(value) = globals::cached(frame, cache, name) {
                    set!(dst, value);
                    continue;
                }
                handler!(load::global, word)
            }
            Opcode::LoadAttr => {
                let operands::LoadAttr { dst, object, .. } = operands::LoadAttr::decode(word);
                let object = get!(object);
                // SAFETY: `pc` is at the instruction.
                let cache = unsafe { (*pc).cache.load(Ordering::Acquire) };
                if let Some(value) = ops::attribute::slot_hit(object, cache) {
                    set!(dst, value);
                    continue;
                }
                handler!(attribute::load, word)
            }
            Opcode::StoreAttr => {
                let operands::StoreAttr { object, src, .. } = operands::StoreAttr::decode(word);
                // SAFETY: `pc` is at the instruction.
                let cache = unsafe { (*pc).cache.load(Ordering::Acquire) };
                if inline_cache::store_alone(cx, get!(object), cache, get!(src)) {
                    continue;
                }
                handler!(attribute::store, word)
            }
            Opcode::LoadMethod => {
                let operands::LoadMethod { base, object, .. } = operands::LoadMethod::decode(word);
                let object = get!(object);
                // SAFETY: `pc` is at the instruction.
                let cache = unsafe { (*pc).cache.load(Ordering::Acquire) };
                if let Some(function) = inline_cache::method_of(object, cache) {
                    set!(base, function);
                    set!(base + 1, object);
                    continue;
                }
                handler!(attribute::load_method, word)
            }
            // ---- arithmetic
            Opcode::Add => arithmetic!(Add, word, Value::add_small, std::ops::Add::add, arith::add),
            Opcode::Subtract => {
                arithmetic!(Subtract, word, Value::subtract_small, std::ops::Sub::sub, arith::subtract)
            }
            Opcode::Multiply => {
                arithmetic!(Multiply, word, Value::multiply_small, std::ops::Mul::mul, arith::multiply)
            }
            Opcode::TrueDivide => {
                let operands::TrueDivide { dst, a, b, .. } = operands::TrueDivide::decode(word);
                if let Some(result) = ops::arith::divide_floats(get!(a), get!(b)) {
                    set!(dst, result);
                    continue;
                }
                handler!(arith::true_divide, word)
            }
            Opcode::FloorDivide => {
                int_arithmetic!(FloorDivide, word, ops::arith::floor_divide_small, arith::floor_divide)
            }
            Opcode::Modulo => int_arithmetic!(Modulo, word, ops::arith::modulo_small, arith::modulo),
            Opcode::BitAnd => int_arithmetic!(BitAnd, word, ops::arith::and_small, arith::bit_and),
            Opcode::BitOr => int_arithmetic!(BitOr, word, ops::arith::or_small, arith::bit_or),
            Opcode::BitXor => int_arithmetic!(BitXor, word, ops::arith::xor_small, arith::bit_xor),
            Opcode::LeftShift => int_arithmetic!(LeftShift, word, ops::arith::left_shift_small, arith::left_shift),
            Opcode::RightShift => {
                int_arithmetic!(RightShift, word, ops::arith::right_shift_small, arith::right_shift)
            }
            Opcode::AddI => immediate!(AddI, word, Value::add_small, arith::add_immediate),
            Opcode::SubtractI => immediate!(SubtractI, word, Value::subtract_small, arith::subtract_immediate),
            Opcode::MultiplyI => immediate!(MultiplyI, word, Value::multiply_small, arith::multiply_immediate),
            Opcode::FloorDivideI => {
                immediate!(FloorDivideI, word, ops::arith::floor_divide_small, arith::floor_divide_immediate)
            }
            Opcode::ModuloI => immediate!(ModuloI, word, ops::arith::modulo_small, arith::modulo_immediate),
            Opcode::BitAndI => immediate!(BitAndI, word, ops::arith::and_small, arith::bit_and_immediate),
            Opcode::LeftShiftI => {
                immediate!(LeftShiftI, word, ops::arith::left_shift_small, arith::left_shift_immediate)
            }
            Opcode::RightShiftI => {
                immediate!(RightShiftI, word, ops::arith::right_shift_small, arith::right_shift_immediate)
            }
            // ---- comparisons
            Opcode::Less => comparison!(Less, word, <, compare::less),
            Opcode::LessEqual => comparison!(LessEqual, word, <=, compare::less_equal),
            Opcode::Equal => comparison!(Equal, word, ==, compare::equal),
            Opcode::NotEqual => comparison!(NotEqual, word, !=, compare::not_equal),
            Opcode::Greater => comparison!(Greater, word, >, compare::greater),
            Opcode::GreaterEqual => comparison!(GreaterEqual, word, >=, compare::greater_equal),
            Opcode::Is => {
                let operands::Is { n, dst, a, b } = operands::Is::decode(word);
                set!(dst, Value::bool((get!(a) == get!(b)) == (n == 0)));
                continue;
            }
            Opcode::Not => {
                let operands::Not { dst, src } = operands::Not::decode(word);
                if let Some(truth) = ops::compare::simple_truth(get!(src)) {
                    set!(dst, Value::bool(!truth));
                    continue;
                }
                handler!(compare::not, word)
            }
            // ---- jumps
            Opcode::Jump => jump!(operands::Jump::decode(word).target),
            Opcode::JumpBack => {
                if !cx.stack.interrupted() {
                    jump!(operands::JumpBack::decode(word).target)
                }
                handler!(control::jump_back, word)
            }
            Opcode::JumpIfTrue => {
                let operands::JumpIfTrue { src, target } = operands::JumpIfTrue::decode(word);
                match ops::compare::simple_truth(get!(src)) {
                    Some(true) => jump!(target),
                    Some(false) => continue,
                    None => handler!(control::jump_if_true, word),
                }
            }
            Opcode::JumpIfFalse => {
                let operands::JumpIfFalse { src, target } = operands::JumpIfFalse::decode(word);
                match ops::compare::simple_truth(get!(src)) {
                    Some(false) => jump!(target),
                    Some(true) => continue,
                    None => handler!(control::jump_if_false, word),
                }
            }
            Opcode::JumpIfNone => {
                let operands::JumpIfNone { src, target } = operands::JumpIfNone::decode(word);
                if get!(src).is_none() {
                    jump!(target)
                }
                continue;
            }
            Opcode::JumpIfNotNone => {
                let operands::JumpIfNotNone { src, target } = operands::JumpIfNotNone::decode(word);
                if !get!(src).is_none() {
                    jump!(target)
                }
                continue;
            }
            Opcode::JumpIfUnbound => {
                let operands::JumpIfUnbound { src, target } = operands::JumpIfUnbound::decode(word);
                if get!(src).is_unbound() {
                    jump!(target)
                }
                continue;
            }
            Opcode::JumpIs => {
                let operands::JumpIs { n, a, b, target } = operands::JumpIs::decode(word);
                if (get!(a) == get!(b)) == (n != 0) {
                    jump!(target)
                }
                continue;
            }
            Opcode::JumpLess => compare_jump!(JumpLess, word, <, control::jump_less),
            Opcode::JumpLessEqual => compare_jump!(JumpLessEqual, word, <=, control::jump_less_equal),
            Opcode::JumpEqual => compare_jump!(JumpEqual, word, ==, control::jump_equal),
            Opcode::JumpNotEqual => compare_jump!(JumpNotEqual, word, !=, control::jump_not_equal),
            Opcode::JumpGreater => compare_jump!(JumpGreater, word, >, control::jump_greater),
            Opcode::JumpGreaterEqual => compare_jump!(JumpGreaterEqual, word, >=, control::jump_greater_equal),
            Opcode::JumpLessI => compare_jump_immediate!(JumpLessI, word, <, control::jump_less_immediate),
            Opcode::JumpLessEqualI => {
                compare_jump_immediate!(JumpLessEqualI, word, <=, control::jump_less_equal_immediate)
            }
            Opcode::JumpEqualI => compare_jump_immediate!(JumpEqualI, word, ==, control::jump_equal_immediate),
            Opcode::JumpNotEqualI => {
                compare_jump_immediate!(JumpNotEqualI, word, !=, control::jump_not_equal_immediate)
            }
            Opcode::JumpGreaterI => compare_jump_immediate!(JumpGreaterI, word, >, control::jump_greater_immediate),
            Opcode::JumpGreaterEqualI => {
                compare_jump_immediate!(JumpGreaterEqualI, word, >=, control::jump_greater_equal_immediate)
            }
            // ---- iteration and subscripts
            Opcode::ForIter => {
                let operands::ForIter { dst, iterator, target } = operands::ForIter::decode(word);
                let iterator = get!(iterator);
                match ops::iter::next_inline(cx, iterator) {
                    ops::iter::Step::Item(item) => {
                        set!(dst, item);
                        continue;
                    }
                    ops::iter::Step::End => jump!(target),
                    ops::iter::Step::Generator(generator) => {
                        frame.set_pc(pc.wrapping_add(1));
                        if let Some((above, register)) = resume::enter_simple(cx, frame, generator, dst) {
                            frame = above;
                            registers = frame.registers();
                            pc = frame.pc().wrapping_sub(1);
                            set!(register, Value::NONE);
                            continue;
                        }
                        handler!(iter::for_iter, word)
                    }
                    ops::iter::Step::Ask => handler!(iter::for_iter, word),
                }
            }
            Opcode::Yield => {
                let operands::Yield { n, dst, src, .. } = operands::Yield::decode(word);
                let behind = pc.wrapping_add(1);
                if n == 0 && resume::suspend_simple(cx, frame, behind, dst, flag::FOR) {
                    pop!(get!(src))
                }
                if n == 0 && resume::suspend_simple(cx, frame, behind, dst, flag::ENTRY) {
                    let value = get!(src);
                    cx.stack.set_top((&raw const *frame).wrapping_sub(1));
                    cx.stack.yielded.set(true);
                    return Ok(value);
                }
                handler!(generator::yield_value, word)
            }
            Opcode::LoadSubscript => {
                let operands::LoadSubscript { dst, object, index } = operands::LoadSubscript::decode(word);
                if let Some(item) = ops::subscript::load_inline(get!(object), get!(index)) {
                    set!(dst, item);
                    continue;
                }
                handler!(subscript::load, word)
            }
            Opcode::LoadSubscriptI => {
                let operands::LoadSubscriptI { dst, object, index } = operands::LoadSubscriptI::decode(word);
                if let Some(item) = ops::subscript::load_inline(get!(object), Value::int(index as i64)) {
                    set!(dst, item);
                    continue;
                }
                handler!(subscript::load_immediate, word)
            }
            Opcode::ListAppend => {
                let operands::ListAppend { list, src } = operands::ListAppend::decode(word);
                let list = get!(list);
                // SAFETY: the operand is a list that the compiler's own code has built.
                let list: Ref<List> = unsafe { Ref::from_value_unchecked(list) };
                if list.push_within(cx, get!(src)).is_ok() {
                    continue;
                }
                handler!(build::list_append, word)
            }
            // ---- calls
            Opcode::Call => {
                let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
                let callee = get!(base);
                if callee.is_exactly(ids::FUNCTION) {
                    // SAFETY: just checked.
                    let function: Ref<Function> = unsafe { Ref::from_value_unchecked(callee) };
                    let code = function.code();
                    // The receiver, if there is one, is the first argument.
                    let receiver = (n != 0 && !get!(base + 1).is_unbound()) as usize;
                    let count = argc as usize + receiver;
                    // SAFETY: the call's window is inside the frame's.
                    let first = unsafe { registers.add(base as usize + 2 - receiver) };
                    if count as u32 == code.simple_argument_count()
                        && cx.stack.has_room(frame, first, code.register_count)
                        && !cx.stack.interrupted()
                    {
                        frame.set_pc(pc.wrapping_add(1));
                        // SAFETY: there is room for one more record.
                        frame = unsafe { &*(&raw const *frame).add(1) };
                        frame.start(function, code, first, dst, 0);
                        for register in count..code.named_count as usize {
                            // SAFETY: there is room for the callee's window.
                            unsafe { store(first, register as u16, Value::UNBOUND) };
                        }
                        cx.stack.set_top(frame);
                        registers = first;
                        pc = code.units().wrapping_sub(1);
                        continue;
                    }
                }
                handler!(call::call, word)
            }
            Opcode::Return => leave!(get!(operands::Return::decode(word).src), word, call::return_value),
            Opcode::ReturnNone => {
                if frame.flags.get() & flag::SPECIAL == flag::INIT {
                    // SAFETY: the window of an `__init__` frame begins above the word that holds the instance.
                    let instance = unsafe { load(registers.sub(1), 0) };
                    pop!(instance)
                }
                leave!(Value::NONE, word, call::return_none)
            }
        });
        match outcome {
            Ok(Flow::Next) => {}
            Ok(Flow::Jump) => pc = frame.pc().wrapping_sub(1),
            Ok(Flow::Reload) => {
                // SAFETY: as at the start of the function.
                frame = unsafe { &*cx.stack.top_record() };
                registers = frame.registers();
                pc = frame.pc().wrapping_sub(1);
            }
            Ok(Flow::Exit) => return Ok(cx.stack.take_result()),
            Err(raised) => return Err(raised),
        }
    }
}
