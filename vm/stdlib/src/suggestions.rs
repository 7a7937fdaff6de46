//! `_suggestions`: the name that was meant.

use countless_common::wtf8::Wtf8;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;

/// More candidates than this are not looked at.
const MAX_CANDIDATES: usize = 750;
/// Longer names are not compared.
const MAX_LENGTH: usize = 40;
/// What an edit costs, and what a change of case does.
const EDIT: usize = 2;
const CASE: usize = 1;

fn substitution(one: u8, other: u8) -> usize {
    if one == other {
        0
    } else if one.eq_ignore_ascii_case(&other) {
        CASE
    } else {
        EDIT
    }
}

/// The edit distance of two texts, if it is at most `most`.
fn distance(one: &[u8], other: &[u8], most: usize) -> Option<usize> {
    let prefix = one.iter().zip(other).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[prefix..], &other[prefix..]);
    let suffix = one.iter().rev().zip(other.iter().rev()).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[..one.len() - suffix], &other[..other.len() - suffix]);
    if one.len() > MAX_LENGTH || other.len() > MAX_LENGTH || one.len().abs_diff(other.len()) * EDIT > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).map(|column| column * EDIT).collect();
    for (index, &left) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (index + 1) * EDIT;
        for (column, &right) in other.iter().enumerate() {
            let cost = (diagonal + substitution(left, right)).min(row[column].min(row[column + 1]) + EDIT);
            diagonal = row[column + 1];
            row[column + 1] = cost;
        }
        if row.iter().all(|&cost| cost > most) {
            return None;
        }
    }
    row.last().copied().filter(|&cost| cost <= most)
}

/// The best of the candidates, if one is near enough.
fn suggestion(cx: &Cx, candidates: countless_vm::object::cell::Ref<List>, name: &Wtf8) -> Option<Value> {
    let wanted = name.as_bytes();
    let mut best = None;
    let mut least = usize::MAX;
    for candidate in candidates.iter() {
        let Some(text) = candidate.downcast::<Str>(cx) else { continue };
        let text = text.as_wtf8().as_bytes();
        if text == wanted {
            continue;
        }
        // A third of the letters may have to be changed, as long as that is better than the best so far.
        let most = ((text.len() + wanted.len() + 3) * EDIT / 6).min(least.saturating_sub(1));
        if let Some(found) = distance(wanted, text, most) {
            (best, least) = (Some(candidate), found);
        }
    }
    best
}

fn generate(cx: &Cx, _module: Value, candidates: Value, item: Value) -> PyResult {
    let Some(name) = item.downcast::<Str>(cx) else {
        let class = item.class_name(cx);
        return Err(raise!(cx, TypeError, "_generate_suggestions() argument 2 must be str, not {class}"));
    };
    let Some(candidates) = candidates.exact::<List>() else {
        return Err(cx.type_error("candidates must be a list"));
    };
    if candidates.iter().any(|candidate| candidate.downcast::<Str>(cx).is_none()) {
        return Err(cx.type_error("all elements in 'candidates' must be strings"));
    }
    if candidates.len() >= MAX_CANDIDATES {
        return Ok(Value::NONE);
    }
    Ok(suggestion(cx, candidates, name.as_wtf8()).unwrap_or(Value::NONE))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_suggestions",
    doc: "",
    functions: &[Method::two(
        "_generate_suggestions",
        generate,
        "_generate_suggestions($module, candidates, item, /)\n--\n\n\
         The candidate that is nearest to the item, or None.\n\n  candidates\n    A list of strings.\n  item\n    A string.",
    )],
    types: &[],
    execute: None,
};
