//! Whether a tree that a program has put together can be compiled: CPython's rules, with its messages.

use super::table::{FieldType, Group};
use super::{Constant, Item, Node, NodeId, NodeKind, Tree};

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// `ValueError`
    Value(String),
    /// `TypeError`
    Type(String),
    /// `SystemError`
    System(String),
}

type Validity = Result<(), Invalid>;

fn invalid(message: impl Into<String>) -> Validity {
    Err(Invalid::Value(message.into()))
}

/// What a node asks of the context of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Context(NodeKind),
    Anything,
}

const LOAD: Wanted = Wanted::Context(NodeKind::Load);

/// Checks the tree. Each node is looked at once; what is asked of a child depends on its parent alone.
pub fn validate(tree: &Tree) -> Validity {
    // Parents come last: from the root backwards, every node's context is known when it is reached.
    let mut contexts = vec![LOAD; tree.nodes.len()];
    let validator = Validator { tree };
    // What arguments lack is said after what their parts are wrong in.
    let mut arguments_validity = Ok(());
    for (index, node) in tree.nodes.iter().enumerate().rev() {
        validator.check(node, contexts[index])?;
        if node.kind == NodeKind::Arguments {
            arguments_validity = arguments(node).and(arguments_validity);
        }
        validator.pass_contexts(node, &mut contexts);
    }
    arguments_validity
}

/// Checks the names of a tree that was read from text: constants that are spelled with other letters.
pub fn validate_names(tree: &Tree) -> Validity {
    tree.nodes.iter().filter(|node| node.kind == NodeKind::Name).try_for_each(|node| check_name(&node.fields[0]))
}

struct Validator<'a> {
    tree: &'a Tree,
}

fn items(item: &Item) -> &[Item] {
    match item {
        Item::List(items) => items,
        _ => &[],
    }
}

fn not_empty(item: &Item, what: &str, owner: &str) -> Validity {
    if items(item).is_empty() { invalid(format!("empty {what} on {owner}")) } else { Ok(()) }
}

fn check_name(item: &Item) -> Validity {
    match item {
        Item::Identifier(name) if ["None", "True", "False"].contains(&name.as_str()) => {
            invalid(format!("identifier field can't represent '{name}' constant"))
        }
        _ => Ok(()),
    }
}

impl Validator<'_> {
    fn node(&self, item: &Item) -> Option<&Node> {
        match item {
            Item::Node(NodeId(id)) => self.tree.nodes.get(*id as usize),
            _ => None,
        }
    }

    fn kind(&self, item: &Item) -> Option<NodeKind> {
        self.node(item).map(|node| node.kind)
    }

    /// Notes which context the node asks of its children, if it is not `Load`.
    fn pass_contexts(&self, node: &Node, contexts: &mut [Wanted]) {
        let mut pass = |item: &Item, context: NodeKind| {
            if let Item::Node(NodeId(id)) = item
                && let Some(slot) = contexts.get_mut(*id as usize)
            {
                *slot = Wanted::Context(context);
            }
        };
        match (node.kind, &node.fields[..]) {
            (NodeKind::Delete, [targets]) => items(targets).iter().for_each(|item| pass(item, NodeKind::Del)),
            (NodeKind::Assign, [targets, ..]) => items(targets).iter().for_each(|item| pass(item, NodeKind::Store)),
            (
                NodeKind::AugAssign
                | NodeKind::AnnAssign
                | NodeKind::For
                | NodeKind::AsyncFor
                | NodeKind::ComprehensionClause
                | NodeKind::TypeAlias,
                [target, ..],
            ) => pass(target, NodeKind::Store),
            (NodeKind::NamedExpr, [Item::Node(NodeId(target)), _]) => {
                if let Some(slot) = contexts.get_mut(*target as usize) {
                    *slot = Wanted::Anything;
                }
            }
            (NodeKind::WithItem, [_, target]) => pass(target, NodeKind::Store),
            (NodeKind::List | NodeKind::Tuple, [elements, context]) => {
                let context = self.kind(context).unwrap_or(NodeKind::Load);
                items(elements).iter().for_each(|item| pass(item, context));
            }
            (NodeKind::Starred, [value, context]) => pass(value, self.kind(context).unwrap_or(NodeKind::Load)),
            _ => {}
        }
    }

    fn check(&self, node: &Node, context: Wanted) -> Validity {
        self.check_nothing(node)?;
        if node.kind.group().is_located() {
            check_positions(node)?;
        }
        match node.kind.group() {
            Group::Stmt => self.statement(node),
            Group::Expr => self.check_context(node, context).and_then(|()| self.expression(node)),
            Group::Pattern => self.pattern(node),
            Group::ExceptHandlers => {
                check_name(&node.fields[1])?;
                not_empty(&node.fields[2], "body", "ExceptHandler")
            }
            Group::MatchCases if self.kind(&node.fields[0]) == Some(NodeKind::MatchStar) => {
                invalid("can't use MatchStar here")
            }
            Group::MatchCases => not_empty(&node.fields[2], "body", "match_case"),
            Group::TypeParameter | Group::Argument | Group::KeywordArgument => check_name(&node.fields[0]),
            Group::ImportAlias => check_name(&node.fields[0]).and_then(|()| check_name(&node.fields[1])),
            _ => Ok(()),
        }
    }

    /// Lists hold no None, but for a dict's keys and the defaults of keyword arguments.
    fn check_nothing(&self, node: &Node) -> Validity {
        for (field, item) in node.kind.fields().iter().zip(&node.fields) {
            let allowed =
                matches!((node.kind, field.name), (NodeKind::Dict, "keys") | (NodeKind::Arguments, "kw_defaults"));
            if !allowed && items(item).contains(&Item::Nothing) {
                let what = match field.field_type {
                    FieldType::Node(Group::Stmt) => "statement",
                    FieldType::Node(Group::Pattern) => "pattern",
                    _ => "expression",
                };
                return invalid(format!("None disallowed in {what} list"));
            }
        }
        Ok(())
    }

    fn check_context(&self, node: &Node, wanted: Wanted) -> Validity {
        let Wanted::Context(wanted) = wanted else { return Ok(()) };
        let own = match node.kind {
            NodeKind::Attribute
            | NodeKind::Subscript
            | NodeKind::Starred
            | NodeKind::Name
            | NodeKind::List
            | NodeKind::Tuple => node.fields.last().and_then(|context| self.kind(context)),
            _ if wanted != NodeKind::Load => {
                return invalid(format!("expression which can't be assigned to in {} context", wanted.name()));
            }
            _ => return Ok(()),
        };
        let own = own.unwrap_or(NodeKind::Load);
        if own == wanted {
            return Ok(());
        }
        invalid(format!("expression must have {} context but has {} instead", wanted.name(), own.name()))
    }

    fn statement(&self, node: &Node) -> Validity {
        let name = node.kind.name();
        if matches!(node.kind, NodeKind::FunctionDef | NodeKind::AsyncFunctionDef | NodeKind::ClassDef) {
            check_name(&node.fields[0])?;
        }
        match (node.kind, &node.fields[..]) {
            (NodeKind::FunctionDef | NodeKind::AsyncFunctionDef, [_, _, body, ..]) => not_empty(body, "body", name),
            (NodeKind::ClassDef, [_, _, _, body, ..]) => not_empty(body, "body", name),
            (NodeKind::For | NodeKind::AsyncFor, [_, _, body, ..]) => not_empty(body, "body", name),
            (NodeKind::While | NodeKind::If, [_, body, _]) => not_empty(body, "body", name),
            (NodeKind::With | NodeKind::AsyncWith, [items, body, _]) => {
                not_empty(items, "items", name).and_then(|()| not_empty(body, "body", name))
            }
            (NodeKind::Delete | NodeKind::Assign, [targets, ..]) => not_empty(targets, "targets", name),
            (NodeKind::Match, [_, cases]) => not_empty(cases, "cases", name),
            (NodeKind::Raise, [Item::Nothing, cause]) if *cause != Item::Nothing => {
                invalid("Raise with cause but no exception")
            }
            (NodeKind::Try | NodeKind::TryStar, [body, handlers, rest, last]) => {
                not_empty(body, "body", name)?;
                match (items(handlers).is_empty(), items(rest).is_empty(), items(last).is_empty()) {
                    (true, _, true) => invalid(format!("{name} has neither except handlers nor finalbody")),
                    (true, false, _) => invalid(format!("{name} has orelse but no except handlers")),
                    _ => Ok(()),
                }
            }
            (NodeKind::ImportFrom, [_, _, Item::Int(..0)]) => invalid("Negative ImportFrom level"),
            (NodeKind::Import, [names]) | (NodeKind::ImportFrom, [_, names, _]) => not_empty(names, "names", name),
            (NodeKind::Global | NodeKind::Nonlocal, [names]) => not_empty(names, "names", name),
            (NodeKind::AnnAssign, [target, _, _, Item::Int(simple)]) => {
                if *simple != 0 && self.kind(target) != Some(NodeKind::Name) {
                    return Err(Invalid::Type("AnnAssign with simple non-Name target".to_owned()));
                }
                Ok(())
            }
            (NodeKind::TypeAlias, [name, ..]) if self.kind(name) != Some(NodeKind::Name) => {
                Err(Invalid::Type("TypeAlias with non-Name name".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn expression(&self, node: &Node) -> Validity {
        match (node.kind, &node.fields[..]) {
            (NodeKind::BoolOp, [_, values]) if items(values).len() < 2 => invalid("BoolOp with less than 2 values"),
            (NodeKind::Dict, [keys, values]) if items(keys).len() != items(values).len() => {
                invalid("Dict doesn't have the same number of keys as values")
            }
            (NodeKind::ListComp | NodeKind::SetComp | NodeKind::GeneratorExp, [_, clauses])
            | (NodeKind::DictComp, [_, _, clauses])
                if items(clauses).is_empty() =>
            {
                invalid("comprehension with no generators")
            }
            (NodeKind::Compare, [_, _, comparators]) if items(comparators).is_empty() => {
                invalid("Compare with no comparators")
            }
            (NodeKind::Compare, [_, operators, comparators]) if items(operators).len() != items(comparators).len() => {
                invalid("Compare has a different number of comparators and operands")
            }
            (NodeKind::Name, [name, _]) => check_name(name),
            (NodeKind::FormattedValue, [_, Item::Int(conversion), _])
            | (NodeKind::Interpolation, [_, _, Item::Int(conversion), _])
                if ![-1, 115, 114, 97].contains(conversion) =>
            {
                Err(Invalid::System(format!("Unrecognized conversion character {conversion}")))
            }
            (NodeKind::NamedExpr, [target, _]) if self.kind(target) != Some(NodeKind::Name) => {
                Err(Invalid::Type("NamedExpr target must be a Name".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// `*name` stands in sequences only.
    fn check_stars(&self, node: &Node) -> Validity {
        let in_list = |item: &Item| items(item).iter().any(|item| self.kind(item) == Some(NodeKind::MatchStar));
        let alone = |item: &Item| self.kind(item) == Some(NodeKind::MatchStar);
        if node.kind != NodeKind::MatchSequence && node.fields.iter().any(|item| in_list(item) || alone(item)) {
            return invalid("can't use MatchStar here");
        }
        Ok(())
    }

    fn pattern(&self, node: &Node) -> Validity {
        self.check_stars(node)?;
        let capture = |name: &Item| match name {
            Item::Identifier(name) if name == "_" => invalid("can't capture name '_' in patterns"),
            name => check_name(name),
        };
        match (node.kind, &node.fields[..]) {
            (NodeKind::MatchValue, [value]) => self.pattern_value(value),
            (NodeKind::MatchSingleton, [value]) => match value {
                Item::Constant(Constant::None | Constant::Bool(_)) => Ok(()),
                _ => invalid("MatchSingleton can only contain True, False and None"),
            },
            (NodeKind::MatchMapping, [keys, patterns, rest]) => {
                if items(keys).len() != items(patterns).len() {
                    return invalid("MatchMapping doesn't have the same number of keys as patterns");
                }
                capture(rest)?;
                items(keys).iter().try_for_each(|key| match self.node(key) {
                    Some(Node { kind: NodeKind::Constant, fields, .. })
                        if matches!(fields[0], Item::Constant(Constant::None | Constant::Bool(_))) =>
                    {
                        Ok(())
                    }
                    _ => self.pattern_value(key),
                })
            }
            (NodeKind::MatchClass, [class, _, names, values]) => {
                if items(names).len() != items(values).len() {
                    return invalid("MatchClass doesn't have the same number of keyword attributes as patterns");
                }
                self.pattern_class(class)?;
                items(names).iter().try_for_each(check_name)
            }
            (NodeKind::MatchStar, [name]) => capture(name),
            (NodeKind::MatchAs, [pattern, name]) => match (pattern, name) {
                (Item::Nothing, name) => capture(name),
                (_, Item::Nothing) => invalid("MatchAs must specify a target name if a pattern is given"),
                (_, name) => capture(name),
            },
            (NodeKind::MatchOr, [patterns]) if items(patterns).len() < 2 => {
                invalid("MatchOr requires at least 2 patterns")
            }
            _ => Ok(()),
        }
    }

    /// The class of a pattern is a dotted name.
    fn pattern_class(&self, class: &Item) -> Validity {
        let mut current = class;
        loop {
            match self.node(current) {
                Some(node) if node.kind == NodeKind::Name => return Ok(()),
                Some(node) if node.kind == NodeKind::Attribute => current = &node.fields[0],
                _ => return invalid("MatchClass cls field can only contain Name or Attribute nodes."),
            }
        }
    }

    fn pattern_value(&self, value: &Item) -> Validity {
        let Some(node) = self.node(value) else { return Ok(()) };
        let allowed = match (node.kind, &node.fields[..]) {
            (NodeKind::Constant, [Item::Constant(constant), ..]) => {
                return match constant {
                    Constant::Integer(_)
                    | Constant::Float(_)
                    | Constant::Complex(..)
                    | Constant::Str(_)
                    | Constant::Bytes(_) => Ok(()),
                    _ => invalid("unexpected constant inside of a literal pattern"),
                };
            }
            (NodeKind::Attribute | NodeKind::JoinedStr | NodeKind::TemplateStr, _) => true,
            (NodeKind::UnaryOp, [operator, operand]) => {
                self.kind(operator) == Some(NodeKind::USub) && self.is_number(operand)
            }
            (NodeKind::BinOp, [left, operator, right]) => {
                let left_is_real = match self.node(left) {
                    Some(Node { kind: NodeKind::UnaryOp, fields, .. }) => {
                        self.kind(&fields[0]) == Some(NodeKind::USub) && self.is_number(&fields[1])
                    }
                    _ => self.is_number(left),
                };
                matches!(self.kind(operator), Some(NodeKind::Add | NodeKind::Sub))
                    && left_is_real
                    && self.is_number(right)
            }
            _ => false,
        };
        if allowed { Ok(()) } else { invalid("patterns may only match literals and attribute lookups") }
    }

    fn is_number(&self, item: &Item) -> bool {
        let Some(Node { kind: NodeKind::Constant, fields, .. }) = self.node(item) else { return false };
        matches!(fields[0], Item::Constant(Constant::Integer(_) | Constant::Float(_) | Constant::Complex(..)))
    }
}

fn arguments(node: &Node) -> Validity {
    let [positional_only, positional, _, keyword_only, keyword_defaults, _, defaults] = &node.fields[..] else {
        return Ok(());
    };
    if items(defaults).len() > items(positional_only).len() + items(positional).len() {
        return invalid("more positional defaults than args on arguments");
    }
    if items(keyword_defaults).len() != items(keyword_only).len() {
        return invalid("length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    Ok(())
}

fn check_positions(node: &Node) -> Validity {
    let span = node.span;
    let (line, end_line, column, end_column) = (span.line, span.end_line, span.column, span.end_column);
    if line > end_line {
        return invalid(format!("AST node line range ({line}, {end_line}) is not valid"));
    }
    if (line < 0 && end_line != line) || (column < 0 && column != end_column) {
        return invalid(format!(
            "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && column > end_column {
        return invalid(format!("line {line}, column {column}-{end_column} is not a valid range"));
    }
    Ok(())
}
