//! What the parser leaves open: checks and warnings of CPython's own parser that need only the tree.
//!
//! One walk over the finished tree finds mistakes that `ruff_python_parser` lets pass, ints of too
//! many digits, doubtful escapes, and nesting that later walks should not meet.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, InterpolatedStringElement, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::error::{SyntaxError, SyntaxErrorKind, SyntaxWarning};
use super::token::{Lexer, TokenKind};
use super::{Module, ModuleBody, ParseOptions, SourceText, diagnose, escape, guard_stack, literal};

/// How deep a tree may be: about where CPython's compiler runs out of stack.
const MAX_DEPTH: u32 = 50_000;

/// How deep expressions may be nested to the right: about where CPython's parser gives up.
const MAX_NESTING: u32 = 6_000;

/// More statements than this one inside the other may be indented too far.
const MAX_INDENTS: u32 = 99;

/// More f-strings than this one inside the other may be too many.
const MAX_STRINGS: u32 = 148;

/// Decimal int literals of more digits are refused: the limit that CPython starts with.
const MAX_INT_DIGITS: usize = 4300;

/// Inspects a parsed module; warnings are added to it.
pub(super) fn inspect(module: &mut Module, options: ParseOptions) -> Result<(), SyntaxError> {
    let mut inspector = Inspector {
        source: &module.source,
        warnings: Vec::new(),
        error: None,
        suspicious: module.source.text().starts_with('\u{feff}') || has_doubtful_indentation(&module.source),
        depth: 0,
        nesting: 0,
        format_depth: 0,
        string_depth: 0,
        block_depth: 0,
    };
    match &module.body {
        ModuleBody::Statements(tree) => inspector.visit_body(&tree.body),
        ModuleBody::Expression(tree) => inspector.visit_expr(&tree.body),
        ModuleBody::FunctionType { arguments, returns } => {
            arguments.iter().for_each(|argument| inspector.visit_expr(argument));
            inspector.visit_expr(returns);
        }
    }
    let Inspector { warnings, error, suspicious, .. } = inspector;
    if suspicious && let Some(error) = diagnose::diagnose(&module.source, options) {
        return Err(error);
    }
    if let Some(error) = error {
        return Err(*error);
    }
    module.warnings.extend(warnings);
    Ok(())
}

/// Whether tabs and spaces at the starts of lines may contradict each other: the parser takes a tab
/// for so many spaces and goes on.
fn has_doubtful_indentation(source: &SourceText) -> bool {
    let (mut tabs, mut spaces) = (false, false);
    for line in source.text().split('\n') {
        let blanks = &line[..line.len() - line.trim_start_matches([' ', '\t', '\x0c']).len()];
        tabs |= blanks.contains('\t');
        spaces |= blanks.contains(' ');
        if tabs && spaces {
            let mut lexer = Lexer::new(source);
            return loop {
                match lexer.next_token() {
                    Ok(token) if token.kind == TokenKind::EndMarker => break false,
                    Ok(_) => {}
                    Err(_) => break true,
                }
            };
        }
    }
    false
}

struct Inspector<'a> {
    source: &'a SourceText,
    warnings: Vec<SyntaxWarning>,
    error: Option<Box<SyntaxError>>,
    /// Something was accepted that CPython may refuse: the recognizer decides.
    suspicious: bool,
    depth: u32,
    /// The part of `depth` that is not to the left.
    nesting: u32,
    /// How many format specifications are around.
    format_depth: u32,
    /// How many f-strings are around.
    string_depth: u32,
    /// How many statements are around.
    block_depth: u32,
}

impl Inspector<'_> {
    fn fail(&mut self, error: SyntaxError) {
        self.error.get_or_insert_with(|| Box::new(error));
    }

    fn check_depth(&mut self) {
        if self.nesting > MAX_NESTING {
            let message = "Parser stack overflowed - Python source too complex to parse";
            self.fail(SyntaxError::without_place(SyntaxErrorKind::MemoryError, message));
        } else if self.depth > MAX_DEPTH {
            let message = "maximum recursion depth exceeded during compilation";
            self.fail(SyntaxError::without_place(SyntaxErrorKind::RecursionError, message));
        }
    }

    /// Warns of the first doubtful escape between the quotes of a string. As an error the warning
    /// covers two characters, counted from the string's first.
    fn check_escapes(&mut self, contents: TextRange, token: TextRange, is_bytes: bool) {
        let text = self.source.slice(contents);
        let Some(doubtful) = escape::first_doubtful(text, is_bytes) else {
            return;
        };
        let at = contents.start() + TextSize::new(doubtful.offset as u32);
        let shift = if is_bytes { contents.start() - token.start() } else { 0.into() };
        let start = at - shift;
        let range = TextRange::at(start, TextSize::new(2).min(self.source_end() - start));
        self.warn_escape(&doubtful, at, range);
    }

    fn warn_escape(&mut self, doubtful: &escape::Doubtful, at: TextSize, range: TextRange) {
        self.warnings.push(SyntaxWarning {
            message: doubtful.message(false),
            line: self.source.line_of(at),
            error: SyntaxError::at(self.source, range, doubtful.message(true)),
        });
    }

    /// As `check_escapes`, for a piece of an f-string.
    fn check_piece(&mut self, piece: TextRange) {
        let text = self.source.slice(piece);
        let trailing = text.bytes().rev().take_while(|&byte| byte == b'\\').count();
        let before_brace = trailing % 2 == 1;
        let doubtful = escape::first_doubtful(text, false).or_else(|| {
            let offset = text.len() - 1;
            let brace = *self.source.text().as_bytes().get(piece.end().to_usize())?;
            let escape = char::from(brace).to_string();
            before_brace.then_some(escape::Doubtful { offset, escape })
        });
        let Some(doubtful) = doubtful else { return };
        let at = piece.start() + TextSize::new(doubtful.offset as u32);
        let range = TextRange::at(at, TextSize::new(2).min(self.source_end() - at));
        self.warn_escape(&doubtful, at, range);
    }

    fn source_end(&self) -> TextSize {
        TextSize::new(self.source.text().len() as u32)
    }

    fn number(&mut self, node: &ast::ExprNumberLiteral) {
        let text = self.source.slice(node.range);
        let limit = MAX_INT_DIGITS;
        if let ast::Number::Int(_) = node.value
            && text.len() > limit
            && let Some(digits) = literal::decimal_digits(text)
            && digits > limit
        {
            let message = format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: \
                 value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit \
                 - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
            );
            self.fail(SyntaxError::at(self.source, node.range, message));
        }
        let after = self.source.text().as_bytes().get(node.range.end().to_usize());
        if after.is_some_and(u8::is_ascii_alphabetic) {
            self.number_before_keyword(node.range, text);
        }
    }

    /// `1if x else y`.
    fn number_before_keyword(&mut self, range: TextRange, text: &str) {
        let what = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => "hexadecimal",
            [b'0', b'o' | b'O', ..] => "octal",
            [b'0', b'b' | b'B', ..] => "binary",
            [.., b'j' | b'J'] => "imaginary",
            _ => "decimal",
        };
        let message = format!("invalid {what} literal");
        let last = TextRange::new(range.end() - TextSize::new(1), range.end());
        let mut error = SyntaxError::at(self.source, last, message.clone());
        error.end_column = error.column;
        self.warnings.push(SyntaxWarning { message, line: self.source.line_of(range.end()), error });
    }

    fn elements(&mut self, elements: &ast::InterpolatedStringElements, is_raw: bool) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(piece) => {
                    if !is_raw {
                        self.check_piece(piece.range);
                    }
                }
                InterpolatedStringElement::Interpolation(field) => {
                    self.visit_expr(&field.expression);
                    if let Some(spec) = &field.format_spec {
                        self.format_depth += 1;
                        self.suspicious |= self.format_depth > 2;
                        guard_stack(|| self.elements(&spec.elements, is_raw));
                        self.format_depth -= 1;
                    }
                }
            }
        }
    }

    /// `yield , x`: the parser takes the bare `yield` for the first element.
    fn check_tuple(&mut self, node: &ast::ExprTuple) {
        let first = node.elts.first();
        self.suspicious |= first.is_some_and(|first| first.is_yield_expr() && first.start() == node.range.start());
    }

    /// Descends one level, to the left or not.
    fn descend(&mut self, to_the_left: bool, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.nesting += u32::from(!to_the_left);
        self.check_depth();
        if self.error.is_none() {
            guard_stack(|| walk(self));
        }
        self.depth -= 1;
        self.nesting -= u32::from(!to_the_left);
    }
}

/// Whether an expression's first part is what nests, as in `a + b + c` or `a.b.c`.
fn nests_to_the_left(expression: &Expr) -> bool {
    match expression {
        Expr::BinOp(node) => node.op != ast::Operator::Pow,
        Expr::Attribute(_) | Expr::Call(_) | Expr::Subscript(_) => true,
        _ => false,
    }
}

impl<'a> Visitor<'a> for Inspector<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.block_depth += 1;
        self.suspicious |= self.block_depth > MAX_INDENTS;
        self.descend(false, |walk| visitor::walk_stmt(walk, statement));
        self.block_depth -= 1;
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.descend(false, |walk| visitor::walk_pattern(walk, pattern));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.descend(nests_to_the_left(expression), |walk| match expression {
            Expr::NumberLiteral(node) => walk.number(node),
            Expr::Tuple(node) => {
                walk.check_tuple(node);
                visitor::walk_expr(walk, expression);
            }
            _ => visitor::walk_expr(walk, expression),
        });
    }

    fn visit_string_literal(&mut self, part: &'a ast::StringLiteral) {
        if !part.flags.prefix().is_raw() {
            let contents = literal::contents_range(part, part.flags);
            self.check_escapes(contents, part.range, false);
        }
    }

    fn visit_bytes_literal(&mut self, part: &'a ast::BytesLiteral) {
        if !part.flags.prefix().is_raw() {
            let contents = literal::contents_range(part, part.flags);
            self.check_escapes(contents, part.range, true);
        }
    }

    fn visit_f_string(&mut self, part: &'a ast::FString) {
        self.string_depth += 1;
        self.suspicious |= self.string_depth > MAX_STRINGS;
        self.elements(&part.elements, literal::is_raw_f_string(part.flags));
        self.string_depth -= 1;
    }

    fn visit_t_string(&mut self, part: &'a ast::TString) {
        self.string_depth += 1;
        self.suspicious |= self.string_depth > MAX_STRINGS;
        self.elements(&part.elements, literal::is_raw_t_string(part.flags));
        self.string_depth -= 1;
    }
}
