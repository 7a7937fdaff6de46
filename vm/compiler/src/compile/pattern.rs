//! `match`.
//!
//! A pattern is compiled to tests that jump to `fail`. What it captures goes to temporaries first and to the variables
//! only when the whole pattern has matched, before the guard.

use ruff_python_ast::{self as ast, CmpOp, Pattern, Singleton as LiteralSingleton, name::Name};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::condition::{Jumps, fused, fused_immediate};
use super::emit::{Label, Register};
use super::expression::with_stack;
use crate::bytecode::{Constant, Op, Singleton};
use crate::syntax::SyntaxErrorKind;

/// The temporaries of the names that a pattern captures.
type Captures<'a> = Vec<(&'a Name, Register)>;

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, node: &'a ast::StmtMatch) {
        let mark = self.unit.mark();
        let subject = self.value(&node.subject);
        let end = self.unit.emit.label();
        for (at, case) in node.cases.iter().enumerate() {
            let case_mark = self.unit.mark();
            let next = self.unit.emit.label();
            self.case_pattern(case, subject, next);
            self.unit.release(case_mark);
            self.statements(&case.body);
            if at + 1 < node.cases.len() {
                self.unit.emit.jump(Op::Jump { target: 0 }, end, super::emit::nowhere());
            }
            self.unit.emit.place(next);
        }
        self.unit.emit.place(end);
        self.unit.release(mark);
    }

    fn case_pattern(&mut self, case: &'a ast::MatchCase, subject: Register, next: Label) {
        let mut captures = Captures::new();
        self.reserve_captures(&case.pattern, &mut captures);
        self.pattern(&case.pattern, subject, next, &captures);
        for (name, register) in captures {
            self.store_name(name, register, case.pattern.range());
        }
        match &case.guard {
            Some(guard) => self.jump_if(guard, Jumps::IfFalse, next),
            None if is_wildcard(&case.pattern) => self.emit(Op::Nop {}, case.pattern.range()),
            None => {}
        }
    }

    /// Gives every name of the pattern a temporary; alternatives share them.
    fn reserve_captures(&mut self, pattern: &'a Pattern, captures: &mut Captures<'a>) {
        with_stack(|| match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(node) => node.patterns.iter().for_each(|item| self.reserve_captures(item, captures)),
            Pattern::MatchMapping(node) => {
                node.patterns.iter().for_each(|item| self.reserve_captures(item, captures));
                self.reserve_capture(node.rest.as_ref(), captures);
            }
            Pattern::MatchClass(node) => {
                node.arguments.patterns.iter().for_each(|item| self.reserve_captures(item, captures));
                node.arguments.keywords.iter().for_each(|item| self.reserve_captures(&item.pattern, captures));
            }
            Pattern::MatchStar(node) => self.reserve_capture(node.name.as_ref(), captures),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.reserve_captures(inner, captures);
                }
                self.reserve_capture(node.name.as_ref(), captures);
            }
            Pattern::MatchOr(node) => node.patterns.iter().for_each(|item| self.reserve_captures(item, captures)),
        });
    }

    fn reserve_capture(&mut self, name: Option<&'a ast::Identifier>, captures: &mut Captures<'a>) {
        if let Some(name) = name
            && !captures.iter().any(|(known, _)| **known == name.id)
        {
            let register = self.unit.temporary();
            captures.push((&name.id, register));
        }
    }

    fn capture(&mut self, name: Option<&ast::Identifier>, src: Register, captures: &Captures<'a>) {
        let Some(name) = name else { return };
        if let Some((_, register)) = captures.iter().find(|(known, _)| **known == name.id) {
            self.move_register(*register, src, name.range);
        }
    }

    /// Tests the subject; goes on if it matches.
    fn pattern(&mut self, pattern: &'a Pattern, subject: Register, fail: Label, captures: &Captures<'a>) {
        if !self.unit.emit.is_reachable() {
            return;
        }
        let mark = self.unit.mark();
        with_stack(|| match pattern {
            Pattern::MatchValue(node) => self.value_pattern(node, subject, false, fail),
            Pattern::MatchSingleton(node) => self.singleton_pattern(node, subject, fail),
            Pattern::MatchSequence(node) => self.sequence_pattern(node, subject, fail, captures),
            Pattern::MatchMapping(node) => self.mapping_pattern(node, subject, fail, captures),
            Pattern::MatchClass(node) => self.class_pattern(node, subject, fail, captures),
            Pattern::MatchStar(node) => self.capture(node.name.as_ref(), subject, captures),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, fail, captures);
                }
                self.capture(node.name.as_ref(), subject, captures);
            }
            Pattern::MatchOr(node) => self.or_pattern(node, subject, fail, captures),
        });
        self.unit.release(mark);
    }

    /// Jumps when the equality of subject and value is `when`.
    fn value_pattern(&mut self, node: &'a ast::PatternMatchValue, subject: Register, when: bool, label: Label) {
        let immediate =
            self.small_integer(&node.value).and_then(|value| fused_immediate(CmpOp::Eq, subject, value, when));
        let jump = match immediate {
            Some(jump) => jump,
            None => {
                let value = self.operand(&node.value);
                fused(CmpOp::Eq, subject, value, when)
            }
        };
        self.unit.emit.jump(jump, label, node.range);
    }

    fn singleton_pattern(&mut self, node: &'a ast::PatternMatchSingleton, subject: Register, fail: Label) {
        let singleton = match node.value {
            LiteralSingleton::None => {
                self.unit.emit.jump(Op::JumpIfNotNone { src: subject, target: 0 }, fail, node.range);
                return;
            }
            LiteralSingleton::True => Singleton::True,
            LiteralSingleton::False => Singleton::False,
        };
        let value = self.unit.temporary();
        self.load_singleton(singleton, value, node.range);
        self.unit.emit.jump(fused(CmpOp::Is, subject, value, false), fail, node.range);
    }

    /// Jumps to `fail` unless `len(subject)` compares as asked.
    fn length_test(&mut self, op: CmpOp, subject: Register, count: usize, fail: Label, range: TextRange) {
        let mark = self.unit.mark();
        let length = self.unit.temporary();
        self.emit(Op::GetLength { dst: length, src: subject }, range);
        let immediate = i16::try_from(count).ok().and_then(|count| fused_immediate(op, length, count, false));
        let jump = match immediate {
            Some(jump) => jump,
            None => {
                let wanted = self.unit.temporary();
                self.load_constant(Constant::Int(count as i64), wanted, range);
                fused(op, length, wanted, false)
            }
        };
        self.unit.emit.jump(jump, fail, range);
        self.unit.release(mark);
    }

    fn sequence_pattern(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        subject: Register,
        fail: Label,
        captures: &Captures<'a>,
    ) {
        let range = node.range;
        let patterns = &node.patterns[..];
        let star = patterns.iter().position(|item| matches!(item, Pattern::MatchStar(_)));
        self.with_temporary(|this, is_sequence| {
            this.emit(Op::MatchSequence { dst: is_sequence, src: subject }, range);
            this.unit.emit.jump(Op::JumpIfFalse { src: is_sequence, target: 0 }, fail, range);
        });
        match star {
            None => self.length_test(CmpOp::Eq, subject, patterns.len(), fail, range),
            Some(_) if patterns.len() > 1 => self.length_test(CmpOp::GtE, subject, patterns.len() - 1, fail, range),
            Some(_) => {}
        }
        let is_blank = |item: &Pattern| match item {
            Pattern::MatchStar(star) => star.name.is_none(),
            other => is_wildcard(other),
        };
        if patterns.iter().all(is_blank) {
            return;
        }
        match star {
            Some(at) if is_blank(&patterns[at]) => self.subscript_items(patterns, at, subject, fail, captures, range),
            _ => self.unpack_items(patterns, star, subject, fail, captures, range),
        }
    }

    /// Items around a star that captures nothing are taken by index.
    fn subscript_items(
        &mut self,
        patterns: &'a [Pattern],
        star: usize,
        subject: Register,
        fail: Label,
        captures: &Captures<'a>,
        range: TextRange,
    ) {
        for (at, pattern) in patterns.iter().enumerate() {
            if at == star || is_wildcard(pattern) {
                continue;
            }
            let mark = self.unit.mark();
            let index = self.unit.temporary();
            if at < star {
                self.load_constant(Constant::Int(at as i64), index, range);
            } else {
                self.emit(Op::GetLength { dst: index, src: subject }, range);
                let back = self.unit.temporary();
                self.load_constant(Constant::Int((patterns.len() - at) as i64), back, range);
                self.emit(Op::Subtract { n: 0, dst: index, a: index, b: back }, range);
            }
            let item = self.unit.temporary();
            self.emit(Op::LoadSubscript { dst: item, object: subject, index }, range);
            self.pattern(pattern, item, fail, captures);
            self.unit.release(mark);
        }
    }

    fn unpack_items(
        &mut self,
        patterns: &'a [Pattern],
        star: Option<usize>,
        subject: Register,
        fail: Label,
        captures: &Captures<'a>,
        range: TextRange,
    ) {
        let base = self.unit.temporaries(patterns.len() as u32);
        match star {
            None => self.emit(Op::UnpackSequence { base, src: subject, count: patterns.len() as u16 }, range),
            Some(before) => {
                let after = patterns.len() - before - 1;
                if before >= 256 || after >= 256 {
                    let message = "too many expressions in star-unpacking sequence pattern";
                    self.fail(SyntaxErrorKind::SyntaxError, message.to_owned(), range);
                }
                let op = Op::UnpackExtended { n: after as u8, base, src: subject, before: before as u16 };
                self.emit(op, range);
            }
        }
        for (at, pattern) in patterns.iter().enumerate() {
            self.pattern(pattern, base.saturating_add(at as u16), fail, captures);
        }
    }

    /// Jumps to `fail` unless the subject passes a test that gives a bool.
    fn type_test(&mut self, test: impl FnOnce(Register) -> Op, fail: Label, range: TextRange) {
        self.with_temporary(|this, passes| {
            this.emit(test(passes), range);
            let jump = Op::JumpIfFalse { src: passes, target: 0 };
            this.unit.emit.jump(jump, fail, range);
        });
    }

    /// Unpacks a tuple of exactly as many items as there are patterns, and matches those. No tuple: `fail`.
    fn unpack_matched(
        &mut self,
        tuple: Register,
        patterns: &[&'a Pattern],
        fail: Label,
        captures: &Captures<'a>,
        range: TextRange,
    ) {
        let jump = Op::JumpIfNone { src: tuple, target: 0 };
        self.unit.emit.jump(jump, fail, range);
        let base = self.unit.temporaries(patterns.len() as u32);
        let count = patterns.len() as u16;
        self.emit(Op::UnpackSequence { base, src: tuple, count }, range);
        for (at, pattern) in patterns.iter().enumerate() {
            self.pattern(pattern, base.saturating_add(at as u16), fail, captures);
        }
    }

    fn mapping_pattern(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        subject: Register,
        fail: Label,
        captures: &Captures<'a>,
    ) {
        let range = node.range;
        self.type_test(|dst| Op::MatchMapping { dst, src: subject }, fail, range);
        if !node.keys.is_empty() {
            self.length_test(CmpOp::GtE, subject, node.keys.len(), fail, range);
        } else if node.rest.is_none() {
            return;
        }
        let keys = self.unit.temporary();
        let mark = self.unit.mark();
        let mut base = None;
        for key in &node.keys {
            let register = self.value(key);
            base.get_or_insert(register);
        }
        let base = base.unwrap_or(keys);
        let count = node.keys.len() as u16;
        self.emit(Op::BuildTuple { dst: keys, base, count }, range);
        self.unit.release(mark);
        let values = self.unit.temporary();
        let lookup = Op::MatchKeys { dst: values, src: subject, keys };
        self.emit(lookup, range);
        let patterns: Vec<&'a Pattern> = node.patterns.iter().collect();
        self.unpack_matched(values, &patterns, fail, captures, range);
        if node.rest.is_some() {
            let rest = Op::MatchRest { dst: values, src: subject, keys };
            self.emit(rest, range);
            self.capture(node.rest.as_ref(), values, captures);
        }
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        subject: Register,
        fail: Label,
        captures: &Captures<'a>,
    ) {
        let range = node.range;
        let arguments = &node.arguments;
        let Ok(n) = u8::try_from(arguments.patterns.len()) else {
            let class = self.source.slice(node.cls.range());
            let message = format!("too many sub-patterns in class pattern {class:?}");
            self.fail(SyntaxErrorKind::SyntaxError, message, range);
            return;
        };
        let base = self.unit.temporary();
        self.move_register(base, subject, range);
        self.value(&node.cls);
        let names = self.unit.temporary();
        let keywords = arguments.keywords.iter();
        let attributes = keywords.map(|keyword| Constant::string(keyword.attr.as_str())).collect();
        self.load_constant(Constant::Tuple(attributes), names, range);
        self.emit(Op::MatchClass { n, dst: base, base }, range);
        let keywords = arguments.keywords.iter().map(|keyword| &keyword.pattern);
        let patterns: Vec<&'a Pattern> = arguments.patterns.iter().chain(keywords).collect();
        self.unpack_matched(base, &patterns, fail, captures, range);
    }

    fn or_pattern(&mut self, node: &'a ast::PatternMatchOr, subject: Register, fail: Label, captures: &Captures<'a>) {
        let matched = self.unit.emit.label();
        let last = node.patterns.len() - 1;
        for (at, pattern) in node.patterns.iter().enumerate() {
            if at == last {
                self.pattern(pattern, subject, fail, captures);
                break;
            }
            if let Pattern::MatchValue(node) = pattern {
                self.with_temporary(|this, _| this.value_pattern(node, subject, true, matched));
                continue;
            }
            let next = self.unit.emit.label();
            self.pattern(pattern, subject, next, captures);
            self.unit.emit.jump(Op::Jump { target: 0 }, matched, pattern.range());
            self.unit.emit.place(next);
        }
        self.unit.emit.place(matched);
    }
}

/// Whether the pattern is `_`.
fn is_wildcard(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::MatchAs(node) if node.pattern.is_none() && node.name.is_none())
}
