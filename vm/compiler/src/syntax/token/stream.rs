//! Tokens with their text and positions, as Python's `_tokenize.TokenizerIter` delivers them.

use super::{Lexer, Token, TokenKind};
use crate::syntax::error::SyntaxError;
use crate::syntax::source::{Position, SourceText};

/// A token for `tokenize`: lines from 1, columns in characters from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionedToken<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text.
    pub text: &'a str,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// All tokens of a text. With `trivia`, comments and blank lines too.
pub fn tokens(source: &SourceText, trivia: bool) -> impl Iterator<Item = Result<PositionedToken<'_>, SyntaxError>> {
    let mut lexer = if trivia { Lexer::with_trivia(source) } else { Lexer::new(source) };
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        Some(match lexer.next_token() {
            Ok(token) => {
                done = token.kind == TokenKind::EndMarker;
                Ok(positioned(source, token))
            }
            Err(error) => {
                done = true;
                Err(*error)
            }
        })
    })
}

fn positioned(source: &SourceText, token: Token) -> PositionedToken<'_> {
    let place = |offset: u32| {
        let position = source.position(offset.into());
        Position { column: source.character_column(position), ..position }
    };
    let start = place(token.start);
    let mut end = place(token.end);
    let mut text = source.slice(token.range());
    let length = source.text().len() as u32;
    match token.kind {
        TokenKind::Newline | TokenKind::BlankNewline => {
            // A newline ends on the line that it ends, also one that is only implied.
            end = Position { column: start.column + 1, ..start };
        }
        TokenKind::Indent => {
            let line = source.line_start(start.line);
            text = &source.text()[line as usize..token.start as usize];
            return PositionedToken { kind: token.kind, text, start: Position { column: 0, ..start }, end: start };
        }
        TokenKind::EndMarker | TokenKind::Dedent if token.start == length => {
            // The end lies on a line of its own.
            let last = source.text().ends_with('\n') || source.text().is_empty();
            let line = if last { start.line } else { start.line + 1 };
            let place = Position { line, column: 0 };
            return PositionedToken { kind: token.kind, text: "", start: place, end: place };
        }
        _ => {}
    }
    PositionedToken { kind: token.kind, text, start, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(text: &str) -> Vec<String> {
        let source = SourceText::new("m.py", text);
        tokens(&source, true)
            .map(|token| match token {
                Ok(t) => format!(
                    "{} {:?} {},{}-{},{}",
                    t.kind.number(),
                    t.text,
                    t.start.line,
                    t.start.column,
                    t.end.line,
                    t.end.column
                ),
                Err(error) => error.message,
            })
            .collect()
    }

    #[test]
    fn positions() {
        assert_eq!(
            dump("if x:\n  \u{e9} = 1 # c\n\ny"),
            [
                "1 \"if\" 1,0-1,2",
                "1 \"x\" 1,3-1,4",
                "11 \":\" 1,4-1,5",
                "4 \"\\n\" 1,5-1,6",
                "5 \"  \" 2,0-2,2",
                "1 \"\u{e9}\" 2,2-2,3",
                "22 \"=\" 2,4-2,5",
                "2 \"1\" 2,6-2,7",
                "65 \"# c\" 2,8-2,11",
                "4 \"\\n\" 2,11-2,12",
                "66 \"\\n\" 3,0-3,1",
                "6 \"\" 4,0-4,0",
                "1 \"y\" 4,0-4,1",
                "4 \"\" 4,1-4,2",
                "0 \"\" 5,0-5,0",
            ]
        );
    }

    #[test]
    fn strings_with_fields() {
        assert_eq!(
            dump("f'a{{b{x!r:>{w}}'"),
            [
                "59 \"f'\" 1,0-1,2",
                "60 \"a{\" 1,2-1,4",
                "60 \"b\" 1,5-1,6",
                "25 \"{\" 1,6-1,7",
                "1 \"x\" 1,7-1,8",
                "54 \"!\" 1,8-1,9",
                "1 \"r\" 1,9-1,10",
                "11 \":\" 1,10-1,11",
                "60 \">\" 1,11-1,12",
                "25 \"{\" 1,12-1,13",
                "1 \"w\" 1,13-1,14",
                "26 \"}\" 1,14-1,15",
                "60 \"\" 1,15-1,15",
                "26 \"}\" 1,15-1,16",
                "61 \"'\" 1,16-1,17",
                "4 \"\" 1,17-1,18",
                "0 \"\" 2,0-2,0",
            ]
        );
    }
}
