//! CPython's syntax errors, found by a recognizer of CPython's grammar.
//!
//! Which error CPython reports, and over which range, follows from how its parser works: a first
//! pass over the plain grammar, and if that fails a second with rules for common mistakes, tried
//! wherever the parser comes by. Only a parser of the same shape can agree with it, so this module is
//! one: a backtracking, memoizing recognizer that runs only after the real parser has failed. It
//! builds no tree, just nodes with a kind and a range.
//!
//! Invariants: a rule that does not match leaves `mark` anywhere; who tries an alternative goes
//! through [`Recognizer::attempt`], which restores it. `Err` ends the whole parse.

mod atom;
mod call;
mod compound;
mod comprehension;
mod expression;
mod function;
mod memo;
mod node;
mod parameters;
mod pattern;
mod raise;
mod statement;
mod string;
mod target;
#[cfg(test)]
mod tests;
mod try_statement;

use super::error::SyntaxError;
use super::source::SourceText;
use super::token::{Ending, Lexer, Token, TokenKind};
use super::{Mode, ParseOptions, guard_stack};
use memo::Memo;
use node::Node;

/// A match, no match, or the error to report.
type Outcome<T> = Result<Option<T>, Box<SyntaxError>>;

/// Takes the match, or leaves the rule without one.
macro_rules! need {
    ($match:expr) => {
        match $match? {
            Some(matched) => matched,
            None => return Ok(None),
        }
    };
}
use need;

/// Leaves the rule without a match unless the condition holds.
macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Ok(None);
        }
    };
}
use ensure;

/// Rules whose results are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    SimpleStatement,
    Block,
    Expression,
    ExpressionWithoutInvalid,
    NamedExpression,
    StarExpressions,
    StarExpression,
    Disjunction,
    Conjunction,
    Inversion,
    BitwiseOr,
    Factor,
    AwaitPrimary,
    Atom,
    Primary,
    TargetPrimary,
    StarTarget,
    StarTargets,
    DeletionTarget,
    Arguments,
    Args,
    StarNamedExpressions,
    ForIfClauses,
    Pattern,
    ClosedPattern,
    InvalidNamedExpression,
}

impl Rule {
    /// Whether a result found without the rules for mistakes also stands with them, as in CPython.
    fn is_shared(self) -> bool {
        !matches!(
            self,
            Rule::NamedExpression
                | Rule::StarExpressions
                | Rule::Atom
                | Rule::StarTargets
                | Rule::Args
                | Rule::StarNamedExpressions
                | Rule::ForIfClauses
                | Rule::Pattern
        )
    }
}

/// The recognizer's state.
struct Recognizer<'a> {
    source: &'a SourceText,
    lexer: Lexer<'a>,
    tokens: Vec<Token>,
    /// Index of the next token.
    mark: usize,
    /// The rules for mistakes are on.
    second_pass: bool,
    /// Results by first token and rule, with the index after the match.
    memo: Memo,
    /// Children of nodes that may be assignment targets.
    children: Vec<Node>,
    /// The source is too large to be looked at like this.
    gave_up: bool,
    /// The lexer has failed: nothing more can be read.
    lexer_failed: bool,
    /// What is wrong with a text whose grammar is right.
    deferred: Option<Box<SyntaxError>>,
    /// How deep rules are nested.
    depth: u32,
}

/// How many results are kept before the source counts as too large to be diagnosed.
const MAX_MEMO: usize = 8 << 20;

/// How deep rules may be nested before the source counts as too complex.
const MAX_DEPTH: u32 = 6000;

/// The error that CPython reports for a text, or `None` if it reports none.
pub(super) fn diagnose(source: &SourceText, options: ParseOptions) -> Option<SyntaxError> {
    let mut recognizer = Recognizer {
        source,
        lexer: Lexer::with_ending(source, ending(options)),
        tokens: Vec::new(),
        mark: 0,
        second_pass: false,
        memo: Memo::default(),
        gave_up: false,
        children: Vec::new(),
        lexer_failed: false,
        deferred: None,
        depth: 0,
    };
    let error = recognizer.run(options)?;
    (!recognizer.gave_up).then_some(*error)
}

fn ending(options: ParseOptions) -> Ending {
    match options.mode {
        Mode::Exec => Ending::Module,
        Mode::Single => Ending::Interactive { imply_dedent: !options.dont_imply_dedent },
        Mode::Eval | Mode::FunctionType => Ending::Expression,
    }
}

impl<'a> Recognizer<'a> {
    fn run(&mut self, options: ParseOptions) -> Option<Box<SyntaxError>> {
        let first = match self.start(options.mode) {
            Ok(Some(())) => {
                if options.mode == Mode::Single && self.lexer.has_more() {
                    let message = "multiple statements found while compiling a single statement";
                    return Some(self.error_at_last(message));
                }
                return self.deferred.take();
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if options.allow_incomplete_input && self.is_at_end_of_source() {
            return Some(self.incomplete_input(first.as_deref()));
        }
        if let Some(error) = first {
            return Some(self.prefer_lexer_error(error));
        }
        let last = *self.tokens.last()?;
        self.mark = 0;
        self.memo.clear();
        self.second_pass = true;
        let error = match self.start(options.mode) {
            Err(error) => error,
            Ok(_) if matches!(last.kind, TokenKind::Indent | TokenKind::Dedent) => {
                return Some(self.unexpected_indentation(last));
            }
            Ok(_) => self.error_at_token(last, "invalid syntax"),
        };
        Some(self.prefer_lexer_error(error))
    }

    fn start(&mut self, mode: Mode) -> Outcome<()> {
        match mode {
            Mode::Exec => {
                while self.attempt(Self::statement)?.is_some() {
                    // Nothing goes back behind a statement of the module.
                    self.memo.clear();
                    self.children.clear();
                }
                need!(self.token(TokenKind::EndMarker));
                Ok(Some(()))
            }
            Mode::Single => self.statement_newline(),
            Mode::Eval => {
                need!(self.expressions());
                while self.token(TokenKind::Newline)?.is_some() {}
                need!(self.token(TokenKind::EndMarker));
                Ok(Some(()))
            }
            Mode::FunctionType => self.function_type(),
        }
    }

    /// Looks at the next token.
    fn peek(&mut self) -> Result<Token, Box<SyntaxError>> {
        if self.mark == self.tokens.len() {
            let token = self.lexer.next_token().inspect_err(|_| self.lexer_failed = true)?;
            self.tokens.push(token);
        }
        Ok(self.tokens[self.mark])
    }

    fn peek_kind(&mut self) -> Result<TokenKind, Box<SyntaxError>> {
        Ok(self.peek()?.kind)
    }

    fn at(&mut self, kind: TokenKind) -> Result<bool, Box<SyntaxError>> {
        Ok(self.peek_kind()? == kind)
    }

    /// Takes the next token if it is of a kind.
    fn token(&mut self, kind: TokenKind) -> Outcome<Token> {
        let token = self.peek()?;
        if token.kind != kind {
            return Ok(None);
        }
        self.mark += 1;
        Ok(Some(token))
    }

    fn accept(&mut self, kind: TokenKind) -> Result<bool, Box<SyntaxError>> {
        Ok(self.token(kind)?.is_some())
    }

    fn any_token(&mut self, kinds: &[TokenKind]) -> Outcome<Token> {
        let token = self.peek()?;
        if !kinds.contains(&token.kind) {
            return Ok(None);
        }
        self.mark += 1;
        Ok(Some(token))
    }

    /// Takes a token that must come here: without it the second pass ends.
    fn forced(&mut self, kind: TokenKind) -> Outcome<Token> {
        let token = self.peek()?;
        if token.kind == kind {
            self.mark += 1;
            return Ok(Some(token));
        }
        if !self.second_pass {
            return Ok(None);
        }
        let message = format!("expected '{}'", kind.text());
        Err(self.error_at_token(token, &message))
    }

    fn text(&self, token: Token) -> &'a str {
        self.source.slice(token.range())
    }

    /// Takes a name with a given text: a soft keyword.
    fn soft_keyword(&mut self, text: &str) -> Outcome<Token> {
        let token = self.peek()?;
        if token.kind != TokenKind::Name || self.text(token) != text {
            return Ok(None);
        }
        self.mark += 1;
        Ok(Some(token))
    }

    /// Tries a rule; without a match nothing is taken.
    fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let mark = self.mark;
        let outcome = rule(self)?;
        if outcome.is_none() {
            self.mark = mark;
        }
        Ok(outcome)
    }

    /// Whether a rule matches here; takes nothing.
    fn ahead<T>(&mut self, rule: impl FnOnce(&mut Self) -> Outcome<T>) -> Result<bool, Box<SyntaxError>> {
        let mark = self.mark;
        let matched = rule(self)?.is_some();
        self.mark = mark;
        Ok(matched)
    }

    /// Runs a rule for a mistake: in the second pass only, and it never matches.
    fn invalid<T>(&mut self, rule: impl FnOnce(&mut Self) -> Outcome<T>) -> Result<(), Box<SyntaxError>> {
        if self.second_pass {
            self.ahead(rule)?;
        }
        Ok(())
    }

    /// A rule whose result here is kept, with a check of the depth.
    fn memoized(&mut self, rule: Rule, body: impl FnOnce(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        let shared = rule.is_shared() || !self.second_pass;
        let first = self.mark as u32;
        if let Some(known) = self.memo.get(first, rule, shared) {
            return Ok(known.map(|(node, end)| {
                self.mark = end as usize;
                node
            }));
        }
        let outcome = self.nested(|p| p.attempt(body))?;
        if self.memo.len() >= MAX_MEMO {
            self.gave_up = true;
            return Err(self.too_complex());
        }
        self.memo.insert(first, rule, shared, outcome.map(|node| (node, self.mark as u32)));
        Ok(outcome)
    }

    /// Descends one level.
    fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth > MAX_DEPTH {
            return Err(self.too_complex());
        }
        self.depth += 1;
        let outcome = guard_stack(|| rule(self));
        self.depth -= 1;
        outcome
    }

    /// One or more of something with commas between; gives back the first and the last.
    fn gathered(&mut self, mut rule: impl FnMut(&mut Self) -> Outcome<Node>) -> Outcome<(Node, Node)> {
        let first = need!(self.attempt(&mut rule));
        let mut last = first;
        loop {
            let next = self.attempt(|p| {
                need!(p.token(TokenKind::Comma));
                rule(p)
            })?;
            match next {
                Some(node) => last = node,
                None => return Ok(Some((first, last))),
            }
        }
    }

    /// Any number of something; gives back the last.
    fn repeated<T>(&mut self, mut rule: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let mut last = None;
        while let Some(node) = self.attempt(&mut rule)? {
            last = Some(node);
        }
        Ok(last)
    }

    /// `(int, str) -> bool`.
    fn function_type(&mut self) -> Outcome<()> {
        need!(self.token(TokenKind::LeftParenthesis));
        self.attempt(|p| {
            loop {
                if !p.accept(TokenKind::Star)? {
                    p.accept(TokenKind::DoubleStar)?;
                }
                need!(p.expression());
                if !p.accept(TokenKind::Comma)? {
                    return Ok(Some(()));
                }
            }
        })?;
        need!(self.token(TokenKind::RightParenthesis));
        need!(self.token(TokenKind::Arrow));
        need!(self.expression());
        while self.accept(TokenKind::Newline)? {}
        need!(self.token(TokenKind::EndMarker));
        Ok(Some(()))
    }
}
