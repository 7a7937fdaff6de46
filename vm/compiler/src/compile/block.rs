//! Open blocks: what a `return`, `break` or `continue` has to do on its way out.

use ruff_python_ast::{Stmt, name::Name};
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::{HandlerId, Label, Register, nowhere};
use super::unit::Variable;
use crate::bytecode::{Op, Singleton};
use crate::syntax::SyntaxErrorKind;

/// How many blocks may be open at once, as in CPython.
const MAX_BLOCKS: usize = 21;

/// What a block is.
#[derive(Clone, Copy)]
pub(super) enum BlockKind<'a> {
    /// A loop; `asked` is what going back to its head is seen to belong to, if not to what stands before.
    Loop { next: Label, exit: Label, asked: TextRange },
    /// The body of a `try`, or of a clause without name: nothing is to be done, but it counts as a block.
    Protected,
    /// The body of a `try` with a `finally`, which runs on the way out.
    Finally { body: &'a [Stmt] },
    /// Code that runs while `saved` is to be restored as the handled exception.
    Handling { saved: Register },
    /// A clause `except … as name`, which unbinds the name at its end.
    ExceptName { name: &'a Name },
    /// The body of a `with`, whose exit function and receiver are in `base` and `base + 1`.
    With { base: Register, is_async: bool, range: TextRange },
}

/// An open block.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) kind: BlockKind<'a>,
    /// The handler of the code around it.
    pub(super) outer: HandlerId,
}

impl<'a> Compiler<'a> {
    /// Opens a block at the current point. The range is the statement's, for the error if there are too many.
    pub(super) fn push_block(&mut self, kind: BlockKind<'a>, range: TextRange) {
        if self.unit.blocks.len() >= MAX_BLOCKS {
            let message = "too many statically nested blocks".to_owned();
            self.fail(SyntaxErrorKind::SyntaxError, message, range);
        }
        let outer = self.unit.emit.handler;
        self.unit.blocks.push(Block { kind, outer });
    }

    /// Closes the innermost block.
    pub(super) fn pop_block(&mut self) {
        self.unit.blocks.pop();
    }

    /// Whether leaving all blocks above `depth` runs any code.
    pub(super) fn leaving_runs_code(&self, depth: usize) -> bool {
        let idle = |kind| matches!(kind, BlockKind::Loop { .. } | BlockKind::Protected);
        self.unit.blocks[depth..].iter().any(|block| !idle(block.kind))
    }

    /// Writes what leaving the blocks above `depth` takes, and then, outside all their handlers, `exit`. The blocks stay
    /// open for the code that follows.
    pub(super) fn leave_blocks(&mut self, depth: usize, range: TextRange, exit: impl FnOnce(&mut Self, TextRange)) {
        let open = self.unit.blocks.split_off(depth);
        // Code that runs on the way out is what the exit is seen to belong to.
        let runs_code =
            open.iter().any(|block| matches!(block.kind, BlockKind::Finally { .. } | BlockKind::With { .. }));
        if runs_code {
            // The statement is seen to begin before that.
            self.emit(Op::Nop {}, range);
        }
        let handler = self.unit.emit.handler;
        let mut below: Vec<Block<'a>> = open.clone();
        while let Some(block) = below.pop() {
            self.unit.emit.set_handler(block.outer);
            self.unit.blocks.truncate(depth);
            self.unit.blocks.extend_from_slice(&below);
            self.leave_block(block.kind, range);
        }
        self.unit.blocks.truncate(depth);
        exit(self, if runs_code { nowhere() } else { range });
        self.unit.blocks.extend(open);
        self.unit.emit.set_handler(handler);
    }

    fn leave_block(&mut self, kind: BlockKind<'a>, range: TextRange) {
        match kind {
            BlockKind::Loop { .. } | BlockKind::Protected => {}
            BlockKind::Finally { body } => self.statements(body),
            BlockKind::Handling { saved } => self.emit(Op::PopHandled { saved }, range),
            BlockKind::ExceptName { name } => self.clear_exception_name(name, range),
            BlockKind::With { base, is_async, range } => self.call_exit(base, is_async, range),
        }
    }

    /// `name = None; del name`, as at the end of `except … as name`.
    pub(super) fn clear_exception_name(&mut self, name: &Name, range: TextRange) {
        let mangled = self.mangle(name);
        match self.access_variable(&mangled) {
            Some(Variable::Local(register)) => {
                self.emit(Op::Unbind { dst: register }, range);
                self.unit.emit.unbind(register);
            }
            _ => {
                let mark = self.unit.mark();
                let none = self.unit.temporary();
                self.emit(Op::LoadSingleton { n: Singleton::None as u8, dst: none }, range);
                self.store_name(name, none, range);
                self.unit.release(mark);
                self.delete_name(name, range);
            }
        }
    }
}
