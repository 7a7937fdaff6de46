//! How deep may a tree get? A quick upper bound, before anything recursive meets the text.
//!
//! The parser grows its stack as it descends, but a tree is also dropped, and that recursion cannot be
//! guarded. So parse and drop run on a stack as large as the text may need. The bound counts words and
//! operators since the last separator, on each level of brackets: what separators divide cannot nest.

/// Upper bounds of how deep a text nests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bounds {
    /// Open brackets at once. Strings are skipped, f-strings as if they were plain: not exact there.
    pub(super) brackets: usize,
    /// Levels of the tree.
    pub(super) levels: usize,
}

/// Bytes of stack for a level of the tree, while it is parsed or dropped.
pub(super) const STACK_PER_LEVEL: usize = 1024;

/// Trees up to this depth fit the stack that is there.
const HARMLESS_LEVELS: usize = 1000;

/// Runs something that recurses into a tree of a known depth without guards.
pub(super) fn with_stack<T>(levels: usize, step: impl FnOnce() -> T) -> T {
    if levels <= HARMLESS_LEVELS {
        return super::guard_stack(step);
    }
    stacker::grow(levels * STACK_PER_LEVEL, step)
}

/// Bounds of a text.
pub(super) fn bounds(text: &str) -> Bounds {
    let bytes = text.as_bytes();
    let mut bounds = Bounds::default();
    // What has been counted on each level of brackets, outermost first.
    let mut counts = vec![0usize];
    let mut total = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\t' | b'\x0c' | b'\\' => continue,
            b'#' => {
                at += bytes[at..].iter().position(|&b| b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b'\'' | b'"' => {
                at = skip_string(bytes, start);
                continue;
            }
            b'\n' if counts.len() > 1 => continue,
            b',' | b';' | b':' | b'\n' => {
                if let Some(count) = counts.last_mut() {
                    total -= std::mem::take(count);
                }
                continue;
            }
            b'(' | b'[' | b'{' => {
                counts.push(0);
                bounds.brackets = bounds.brackets.max(counts.len() - 1);
            }
            b')' | b']' | b'}' => {
                if counts.len() > 1
                    && let Some(count) = counts.pop()
                {
                    total -= count;
                }
            }
            _ if is_word(byte) => {
                at += bytes[at..].iter().take_while(|&&b| is_word(b)).count();
            }
            _ => {}
        }
        if let Some(count) = counts.last_mut() {
            *count += 1;
            total += 1;
            bounds.levels = bounds.levels.max(total);
        }
    }
    bounds
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The offset after a string whose opening quote is at `start`.
fn skip_string(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' if !triple => return at,
            _ if byte == quote && (!triple || bytes[at..].starts_with(&[quote; 3])) => {
                return at + if triple { 3 } else { 1 };
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_chains_and_lists() {
        assert!(bounds(&"1+".repeat(5000)).levels >= 5000);
        assert!(bounds(&format!("[{}]", "a.b, ".repeat(5000))).levels < 20);
        assert!(bounds(&"x = 1\n".repeat(5000)).levels < 10);
        assert_eq!(bounds("f('((((', (1), \"\"\"((\"\"\") # ((((").brackets, 2);
        assert_eq!(bounds(&"(".repeat(300)).brackets, 300);
    }
}
