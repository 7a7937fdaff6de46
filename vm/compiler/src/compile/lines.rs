//! Positions of the instructions that the compiler added: whoever watches a program is to see each statement begin once,
//! and a function to end at the line where it does.
//!
//! What stands behind another instruction belongs to it. A return (or the way back to a loop's head) that several paths
//! share belongs to each of them: jumps to it from other lines get a copy of their own, behind the rest, with their position.

use std::collections::HashMap;

use ruff_text_size::TextRange;

use super::assemble::line_of;
use super::emit::{Draft, Label, nowhere};
use crate::bytecode::Opcode;
use crate::syntax::SourceText;

/// Gives positions to what has none. `first` is where the code begins.
pub(super) fn complete(drafts: &mut Vec<Draft>, labels: &mut Vec<u32>, first: TextRange, source: &SourceText) {
    begin(drafts, first);
    let mut targets = vec![false; drafts.len() + 1];
    labels.iter().filter(|label| **label != u32::MAX).for_each(|&label| targets[label as usize] = true);
    let exits: Vec<bool> = drafts.iter().map(is_exit_without_position).collect();
    inherit(drafts, &targets);
    copy_exits(drafts, labels, &exits, source);
}

fn is_exit(draft: &Draft) -> bool {
    matches!(draft.word.opcode(), Some(Opcode::ReturnNone | Opcode::Return | Opcode::JumpBack))
}

fn is_exit_without_position(draft: &Draft) -> bool {
    is_exit(draft) && draft.range == nowhere()
}

fn goes_on(draft: &Draft) -> bool {
    draft.word.opcode().is_some_and(|opcode| !opcode.is_terminal())
}

/// Code that returns at once does so where it begins.
fn begin(drafts: &mut [Draft], first: TextRange) {
    if let Some(draft) = drafts.iter_mut().find(|draft| !is_prologue(draft))
        && is_exit_without_position(draft)
    {
        draft.range = first;
    }
}

/// What follows an instruction, and can be reached from nowhere else or is an exit, belongs to it.
fn inherit(drafts: &mut [Draft], targets: &[bool]) {
    for at in 1..drafts.len() {
        let previous = drafts[at - 1];
        let alone = !targets[at] || is_exit(&drafts[at]);
        if drafts[at].range == nowhere() && goes_on(&previous) && alone && !is_prologue(&previous) {
            drafts[at].range = previous.range;
        }
    }
}

fn is_prologue(draft: &Draft) -> bool {
    matches!(draft.word.opcode(), Some(Opcode::CopyFree | Opcode::MakeCell | Opcode::MakeGenerator))
}

/// Gives jumps to `exits` copies of their own, those from one line the same.
fn copy_exits(drafts: &mut Vec<Draft>, labels: &mut Vec<u32>, exits: &[bool], source: &SourceText) {
    let mut copies: HashMap<(u32, Option<u32>), Label> = HashMap::new();
    for at in 0..exits.len() {
        let Draft { target: Some(target), range, .. } = drafts[at] else { continue };
        let position = labels[target.0 as usize];
        let exit = drafts[position as usize];
        if !exits[position as usize] || range == nowhere() || line_of(source, exit.range) == line_of(source, range) {
            continue;
        }
        let entered_otherwise = position > 0 && goes_on(&drafts[position as usize - 1]);
        if exit.range == nowhere() && !entered_otherwise {
            drafts[position as usize].range = range;
            continue;
        }
        let copy = *copies.entry((position, line_of(source, range))).or_insert_with(|| {
            labels.push(drafts.len() as u32);
            drafts.push(Draft { range, ..exit });
            Label(labels.len() as u32 - 1)
        });
        drafts[at].target = Some(copy);
    }
}
