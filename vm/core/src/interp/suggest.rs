//! "Did you mean …?": which of some names is close to a wrong one.
//!
//! The distance counts edits, a change of case being half as bad as another edit, and gives up beyond a third of the
//! names' lengths.

use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::Raised;

/// Names longer than this are not compared.
const MAX_LENGTH: usize = 40;
/// So many candidates are not looked at.
const MAX_CANDIDATES: usize = 750;
const EDIT: usize = 2;
const CASE: usize = 1;

/// The candidate closest to `wrong`, if one is close.
pub fn closest<'a>(wrong: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if candidates.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for &candidate in candidates {
        if candidate == wrong {
            continue;
        }
        let limit = (candidate.len() + wrong.len() + 3) * EDIT / 6;
        let limit = best.map_or(limit, |(distance, _)| limit.min(distance.saturating_sub(1)));
        if let Some(distance) = distance(wrong.as_bytes(), candidate.as_bytes(), limit)
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// TypeError for a keyword that no parameter has, with the one it may have meant.
#[cold]
pub fn unexpected_keyword(cx: &Cx, function: &str, wrong: &str, candidates: &[&str]) -> Raised {
    match closest(wrong, candidates) {
        Some(right) => {
            raise!(cx, TypeError, "{function}() got an unexpected keyword argument '{wrong}'. Did you mean '{right}'?")
        }
        None => raise!(cx, TypeError, "{function}() got an unexpected keyword argument '{wrong}'"),
    }
}

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        EDIT
    }
}

/// The distance of two texts, if it is at most `limit`.
pub fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[common..], &b[common..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.is_empty() || b.is_empty() {
        let rest = (a.len() + b.len()) * EDIT;
        return (rest <= limit).then_some(rest);
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH || a.len().abs_diff(b.len()) * EDIT > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=a.len()).map(|index| index * EDIT).collect();
    for (line, &y) in b.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (line + 1) * EDIT;
        for (column, &x) in a.iter().enumerate() {
            let replaced = diagonal + substitution(x, y);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column].min(diagonal) + EDIT);
        }
        if row.iter().all(|&cost| cost > limit) {
            return None;
        }
    }
    let last = row[a.len()];
    (last <= limit).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_names_are_found() {
        assert_eq!(closest("gama", &["alpha", "gamma"]), Some("gamma"));
        assert_eq!(closest("zzz", &["alpha", "gamma"]), None);
        assert_eq!(closest("Key", &["key", "keys"]), Some("key"));
    }
}
