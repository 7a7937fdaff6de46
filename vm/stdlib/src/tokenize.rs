//! `_tokenize`: the compiler's tokens for the library's `tokenize`.
//!
//! The lines are read to the end when the first token is asked for, and the text is cut into tokens then; an error is
//! raised when its token's turn comes.

use std::sync::Mutex;

use countless_compiler::syntax::token::{PositionedToken, TokenKind, tokens};
use countless_compiler::syntax::{Position, SourceText, SyntaxError};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::object;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::codecs;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;

use crate::support::native::lock;

native_cell! {
    /// `_tokenize.TokenizerIter`.
    struct TokenizerIter("_tokenize.TokenizerIter", LAYOUT) {
        traced { readline: Field, encoding: Field }
        plain {
            /// Whether the tokens are those of `tokenize`: with comments, and operators of one kind.
            extra: bool,
            state: Option<Box<Mutex<State>>>,
        }
    }
}

/// How far the iterator is.
enum State {
    /// Nothing was read yet.
    New,
    /// At this token.
    Ready(Box<Text>, usize),
    /// At the end, or behind an error.
    Done,
}

/// A text and its tokens.
struct Text {
    source: SourceText,
    /// The lines (from 1) that end in `\r\n`.
    carriage_returns: Vec<u32>,
    tokens: Vec<Piece>,
    error: Option<SyntaxError>,
}

/// A token without references.
#[derive(Clone, Copy)]
struct Piece {
    kind: TokenKind,
    text: (usize, usize),
    start: Position,
    end: Position,
}

static NEW: Signature<3> =
    Signature::new("tokenizeriter", ["readline", "encoding", "extra_tokens"]).positional_only(1).keyword_only_from(1);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if args.len() != 1 {
        let given = args.len();
        return Err(raise!(cx, TypeError, "tokenizeriter() takes exactly 1 positional argument ({given} given)"));
    }
    let [readline, encoding, extra] = NEW.bind(cx, args)?;
    let Some(extra) = extra else {
        return Err(cx.type_error("tokenizeriter() missing required argument 'extra_tokens' (pos 2)"));
    };
    let encoding = match encoding {
        Some(encoding) => cx.str_argument_named(encoding, "tokenizeriter", "encoding")?.value(),
        None => Value::NONE,
    };
    let contents = TokenizerIter {
        header: Default::default(),
        readline: Field::new(readline.unwrap_or(Value::NONE)),
        encoding: Field::new(encoding),
        extra: object::is_true(cx, extra)?,
        state: Some(Box::new(Mutex::new(State::New))),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next(cx: &Cx, receiver: Value) -> PyResult<Option<Value>> {
    let iterator = this::<TokenizerIter>(cx, receiver);
    let Some(state) = &iterator.state else { return Ok(None) };
    if matches!(*lock(cx, state), State::New) {
        let text = read(cx, iterator)?;
        let mut state = lock(cx, state);
        if matches!(*state, State::New) {
            *state = State::Ready(text, 0);
        }
    }
    let (shown, error) = {
        let mut state = lock(cx, state);
        let State::Ready(text, position) = &mut *state else { return Ok(None) };
        let index = *position;
        *position += 1;
        let shown = text.tokens.get(index).map(|&piece| show(text, piece, iterator.extra));
        let error = if shown.is_none() { text.error.take() } else { None };
        if shown.is_none() {
            *state = State::Done;
        }
        (shown, error)
    };
    match (shown, error) {
        (Some(shown), _) => Ok(Some(shown.tuple(cx))),
        (None, Some(error)) => Err(raise_error(cx, error)),
        (None, None) => Ok(None),
    }
}

fn raise_error(cx: &Cx, mut error: SyntaxError) -> Raised {
    if error.message.ends_with("was never closed") {
        return raise!(cx, SyntaxError, "unexpected EOF in multi-line statement");
    }
    if let Some(text) = &mut error.text {
        text.truncate(text.trim_end_matches('\n').len());
    }
    cx.raise_syntax_error("<string>", &error)
}

/// Reads all lines and cuts them into tokens.
fn read(cx: &Cx, iterator: Ref<TokenizerIter>) -> PyResult<Box<Text>> {
    let mut lines = String::new();
    let mut carriage_returns = Vec::new();
    let mut count = 0;
    while let Some(line) = read_line(cx, iterator)? {
        if line.is_empty() {
            break;
        }
        if u32::try_from(lines.len() + line.len()).is_err() {
            return Err(cx.memory_error());
        }
        count += 1;
        if line.ends_with("\r\n") {
            carriage_returns.push(count);
        }
        lines.push_str(&line);
        cx.poll()?;
    }
    let extra = iterator.extra;
    Ok(cx.mutator().detached(move || Box::new(cut(lines, carriage_returns, extra))))
}

fn cut(lines: String, carriage_returns: Vec<u32>, extra: bool) -> Text {
    let source = SourceText::new("<string>", lines);
    let (mut pieces, mut error) = (Vec::new(), None);
    let base = source.text().as_ptr().addr();
    for token in tokens(&source, extra) {
        match token {
            Ok(PositionedToken { kind, text, start, end }) => {
                // Made-up texts are empty and lie anywhere.
                let first = if text.is_empty() { 0 } else { text.as_ptr().addr() - base };
                pieces.push(Piece { kind, text: (first, first + text.len()), start, end });
            }
            Err(found) => error = Some(found),
        }
    }
    Text { source, carriage_returns, tokens: pieces, error }
}

/// The next line; `None` when `readline` raises StopIteration.
fn read_line(cx: &Cx, iterator: Ref<TokenizerIter>) -> PyResult<Option<String>> {
    let line = match cx.call(iterator.readline.get_or_none(), &[]) {
        Ok(line) => line,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::StopIteration)?;
            return Ok(None);
        }
    };
    let encoding = iterator.encoding.get_or_none().downcast::<Str>(cx);
    let text = match (encoding, line.downcast::<Bytes>(cx)) {
        (None, _) => match line.downcast::<Str>(cx) {
            Some(text) => text,
            None => return Err(cx.type_error("readline() returned a non-string object")),
        },
        (Some(_), None) => return Err(cx.type_error("readline() returned a non-bytes object")),
        (Some(encoding), Some(bytes)) => codecs::decode(cx, bytes.value(), Some(encoding), Some(cx.names().replace))?,
    };
    match text.to_str() {
        Some(text) => Ok(Some(text.to_owned())),
        None => {
            // The codec words the error.
            codecs::encode(cx, text, None, None)?;
            Err(cx.value_error("source code string cannot be encoded"))
        }
    }
}

/// What the tuple of a token holds.
struct Shown {
    kind: u8,
    text: String,
    start: (u32, i64),
    end: (u32, i64),
    line: String,
}

impl Shown {
    fn tuple(&self, cx: &Cx) -> Value {
        let place = |(line, column): (u32, i64)| cx.new_tuple(&[Value::int(line.into()), Value::int(column)]).value();
        let (text, line) = (cx.new_str(&self.text).value(), cx.new_str(&self.line).value());
        let fields = [Value::int(self.kind.into()), text, place(self.start), place(self.end), line];
        cx.new_tuple(&fields).value()
    }
}

/// `token.OP`.
const OPERATOR: u8 = 55;

fn show(text: &Text, piece: Piece, extra: bool) -> Shown {
    let mut shown = Shown {
        kind: piece.kind.number(),
        text: text.source.text()[piece.text.0..piece.text.1].to_owned(),
        start: (piece.start.line, piece.start.column.into()),
        end: (piece.end.line, piece.end.column.into()),
        line: String::new(),
    };
    let at_end = piece.start.column == 0 && piece.start.line > 1 && {
        text.source.line_start(piece.start.line) as usize == text.source.text().len()
    };
    let is_end = piece.kind == TokenKind::EndMarker || piece.kind == TokenKind::Dedent && at_end;
    if !is_end || !extra {
        shown.line = lines_of(text, piece);
    }
    if !extra {
        if matches!(piece.kind, TokenKind::EndMarker | TokenKind::Dedent | TokenKind::Indent) {
            (shown.start.1, shown.end.1) = (-1, -1);
            shown.text.clear();
        }
        return shown;
    }
    match piece.kind {
        TokenKind::Newline | TokenKind::BlankNewline => {
            let is_implied = !shown.line.ends_with('\n');
            shown.text = if is_implied { String::new() } else { "\n".to_owned() };
            if text.carriage_returns.binary_search(&piece.start.line).is_ok() {
                shown.text.insert(0, '\r');
                shown.end.1 += 1;
            }
        }
        _ if (7..OPERATOR).contains(&shown.kind) => shown.kind = OPERATOR,
        _ => {}
    }
    shown
}

/// The lines that the token stands on, as they were read: of a string all, else the last one.
fn lines_of(text: &Text, piece: Piece) -> String {
    let is_string = matches!(
        piece.kind,
        TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::TStringStart
            | TokenKind::TStringMiddle
            | TokenKind::TStringEnd
    );
    let first = if is_string { piece.start.line } else { piece.end.line };
    let mut lines = String::new();
    for number in first..=piece.end.line {
        let line = text.source.line_text_with_newline(number);
        match text.carriage_returns.binary_search(&number) {
            Ok(_) => {
                lines.push_str(line.trim_end_matches('\n'));
                lines.push_str("\r\n");
            }
            Err(_) => lines.push_str(line),
        }
    }
    lines
}

fn iter(_cx: &Cx, receiver: Value) -> PyResult {
    Ok(receiver)
}

static TYPE: TypeDef = TypeDef {
    module: "_tokenize",
    flags: TypeFlags::BASE,
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots { new: Some(new), iter: Some(iter), next: Some(next), ..Slots::NONE },
    ..TypeDef::new("TokenizerIter", &LAYOUT)
};

/// The module.
pub static MODULE: ModuleDef = ModuleDef { name: "_tokenize", doc: "", functions: &[], types: &[&TYPE], execute: None };
