//! From text to a checked [`Module`].

use std::sync::Arc;

use ruff_python_ast::{Expr, Mod, PythonVersion};
use ruff_python_parser as parser;
use ruff_text_size::{TextRange, TextSize};

use super::token::{Lexer, TokenKind};
use super::{Mode, Module, ModuleBody, ParseOptions, SourceText, SyntaxError, SyntaxErrorKind};
use super::{depth, diagnose};

/// How deep a text may nest before it is refused unread.
const MAX_LEVELS: usize = 1 << 20;

/// How many brackets CPython lets be open at once.
const MAX_BRACKETS: usize = 200;

/// Parses a source text.
///
/// What only CPython's later passes refuse is left to [`crate::symtable::SymbolTable::check`].
pub fn parse(source: Arc<SourceText>, options: ParseOptions) -> Result<Module, SyntaxError> {
    if source.text().len() >= u32::MAX as usize {
        return Err(SyntaxError::without_place(SyntaxErrorKind::MemoryError, "source too large"));
    }
    let bounds = depth::bounds(source.text());
    // Where interactive input ends is a matter of CPython's grammar; too many brackets one of its
    // lexer.
    if (options.mode == Mode::Single || bounds.brackets > MAX_BRACKETS)
        && let Some(error) = diagnose::diagnose(&source, options)
    {
        return Err(error);
    }
    if bounds.levels > MAX_LEVELS {
        let message = "Parser stack overflowed - Python source too complex to parse";
        return Err(SyntaxError::without_place(SyntaxErrorKind::MemoryError, message));
    }
    depth::with_stack(bounds.levels, || parse_within(source, options, bounds.levels))
}

/// Parses with enough stack for the tree.
fn parse_within(source: Arc<SourceText>, options: ParseOptions, levels: usize) -> Result<Module, SyntaxError> {
    let body = match options.mode {
        Mode::FunctionType => function_type(&source, options)?,
        Mode::Exec | Mode::Single | Mode::Eval => module_body(&source, options)?,
    };
    let mut module = Module {
        body,
        source,
        mode: options.mode,
        future: options.future,
        warnings: Vec::new(),
        allow_top_level_await: options.allow_top_level_await,
        levels,
    };
    super::inspect::inspect(&mut module, options)?;
    Ok(module)
}

fn module_body(source: &SourceText, options: ParseOptions) -> Result<ModuleBody, SyntaxError> {
    let mode = match options.mode {
        Mode::Eval => parser::Mode::Expression,
        _ => parser::Mode::Module,
    };
    let inequality = super::flufl::rewrite(source, options)?;
    let text = inequality.as_deref().unwrap_or(source.text());
    let parse_options = parser::ParseOptions::from(mode).with_target_version(PythonVersion::PY314);
    let parsed = parser::parse_unchecked(text, parse_options);
    let syntax_error = parsed.errors().first().map(|error| error.location);
    let refused = parsed.unsupported_syntax_errors().first().map(|error| error.range);
    if let Some(range) = syntax_error.or(refused) {
        return Err(diagnosed(source, options, range));
    }
    Ok(match parsed.into_syntax() {
        Mod::Module(body) => ModuleBody::Statements(body),
        Mod::Expression(body) => ModuleBody::Expression(body),
    })
}

/// The error of a text that the parser has refused at a place.
fn diagnosed(source: &SourceText, options: ParseOptions, range: TextRange) -> SyntaxError {
    let diagnosis = diagnose::diagnose(source, options);
    diagnosis.unwrap_or_else(|| SyntaxError::at(source, range, "invalid syntax"))
}

/// `(int, *str) -> bool`: the parser knows no such thing, so its parts are parsed one by one.
fn function_type(source: &SourceText, options: ParseOptions) -> Result<ModuleBody, SyntaxError> {
    if let Some(error) = diagnose::diagnose(source, options) {
        return Err(error);
    }
    let mut arguments = Vec::new();
    let mut arrow = None;
    let mut start = None;
    let mut lexer = Lexer::new(source);
    while let Ok(token) = lexer.next_token() {
        let at_top = token.level <= 1;
        match token.kind {
            TokenKind::EndMarker => break,
            TokenKind::Arrow if token.level == 0 => {
                arrow = Some(token.end);
                break;
            }
            TokenKind::LeftParenthesis if token.level == 1 => start = Some(token.end),
            TokenKind::Star | TokenKind::DoubleStar if start == Some(token.start) => {
                start = Some(token.end);
            }
            TokenKind::Comma | TokenKind::RightParenthesis
                if at_top && (token.kind == TokenKind::Comma || token.level == 0) =>
            {
                if let Some(from) = start
                    && !source.text()[from as usize..token.start as usize].trim().is_empty()
                {
                    let range = TextRange::new(from.into(), token.start.into());
                    arguments.push(part(source, options, range)?);
                }
                start = (token.kind == TokenKind::Comma).then_some(token.end);
            }
            _ => {}
        }
    }
    let end = source.text().trim_end().len() as u32;
    let range = TextRange::new(arrow.unwrap_or(end).into(), end.into());
    let returns = Box::new(part(source, options, range)?);
    Ok(ModuleBody::FunctionType { arguments, returns })
}

/// One expression of a function type; stars before it are left out.
fn part(source: &SourceText, options: ParseOptions, range: TextRange) -> Result<Expr, SyntaxError> {
    let text = source.slice(range);
    let stripped = text.trim_start_matches([' ', '\t', '*']);
    let skipped = TextSize::new((text.len() - stripped.len()) as u32);
    let range = TextRange::new(range.start() + skipped, range.end());
    parser::parse_expression_range(source.text(), range)
        .map(parser::Parsed::into_expr)
        .map_err(|error| diagnosed(source, options, error.location))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, mode: Mode) -> Result<Module, SyntaxError> {
        parse(Arc::new(SourceText::new("m.py", text)), ParseOptions::new(mode))
    }

    #[test]
    fn function_types() {
        let module = run("(int, *str, **a[b, c]) -> list[int]\n", Mode::FunctionType).unwrap();
        let ModuleBody::FunctionType { arguments, .. } = &module.body else { panic!() };
        assert_eq!(arguments.len(), 3);
        assert!(run("() -> x", Mode::FunctionType).is_ok());
        assert!(run("(a b) -> x", Mode::FunctionType).is_err());
    }

    #[test]
    fn deep_sources_are_errors_or_trees() {
        let kind = |text: &str| run(text, Mode::Exec).map(|_| ()).map_err(|error| error.kind);
        assert_eq!(kind(&vec!["a"; 20_000].join("+")), Ok(()));
        assert_eq!(kind(&vec!["a"; 100_000].join("+")), Err(SyntaxErrorKind::RecursionError));
        assert_eq!(kind(&format!("{}1", "-".repeat(100_000))), Err(SyntaxErrorKind::MemoryError));
        assert_eq!(kind(&"(".repeat(100_000)), Err(SyntaxErrorKind::SyntaxError));
        assert_eq!(kind(&format!("if a: b\n{}", "elif a: b\n".repeat(10_000))), Ok(()));
        assert_eq!(kind(&format!("x = [{}]", "1,".repeat(100_000))), Ok(()));
        assert!(kind(&"f'{".repeat(1000)).is_err());
    }
}
