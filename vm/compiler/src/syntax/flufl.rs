//! `from __future__ import barry_as_FLUFL` (PEP 401): `<>` is an operator and `!=` is not.
//!
//! The parser does not know `<>`; since both are two characters long, it is given a text in which the
//! one stands for the other, and every position stays as it is.

use super::error::SyntaxError;
use super::source::SourceText;
use super::token::{Lexer, Token, TokenKind};
use super::{Mode, ParseOptions};

const FEATURE: &str = "barry_as_FLUFL";

/// The text with `!=` for `<>`, if the feature is on.
pub(super) fn rewrite(source: &SourceText, options: ParseOptions) -> Result<Option<String>, SyntaxError> {
    let inherited = options.future.barry_as_flufl;
    let may_import = options.mode != Mode::Eval && source.text().contains(FEATURE);
    if !inherited && !may_import {
        return Ok(None);
    }
    let mut text = source.text().to_string();
    let mut is_on = inherited;
    let mut previous: Option<Token> = None;
    let mut lexer = Lexer::new(source);
    while let Ok(token) = lexer.next_token() {
        let word = source.slice(token.range());
        match token.kind {
            TokenKind::EndMarker => break,
            TokenKind::Name if word == FEATURE => {
                is_on |= previous.is_some_and(|previous| previous.kind == TokenKind::Import);
            }
            TokenKind::LessGreater if is_on => {
                text.replace_range(token.start as usize..token.end as usize, "!=");
            }
            TokenKind::NotEqual if is_on => {
                let message = "with Barry as BDFL, use '<>' instead of '!='";
                return Err(SyntaxError::at(source, token.range(), message));
            }
            _ => {}
        }
        previous = Some(token);
    }
    Ok(is_on.then_some(text))
}
