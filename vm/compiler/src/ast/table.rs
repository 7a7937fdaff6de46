//! The classes of Python's `ast` module: one table, in the notation of the language reference. Everything else (fields,
//! their types, the documentation of the classes) is derived from it.

use std::sync::OnceLock;

macro_rules! define_nodes {
    ($($group:ident $group_name:literal $located:literal { $($kind:ident $name:literal $fields:literal;)* })*) => {
        /// A class that others derive from, or (for what has no variants) that stands alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Group { $($group,)* }

        /// A class that nodes are instances of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum NodeKind { $($($kind,)*)* }

        impl Group {
            /// Every group, in the table's order.
            pub const ALL: &'static [Group] = &[$(Group::$group,)*];

            /// The Python name.
            pub fn name(self) -> &'static str {
                match self { $(Group::$group => $group_name,)* }
            }

            /// Whether nodes have positions.
            pub fn is_located(self) -> bool {
                match self { $(Group::$group => $located,)* }
            }

            /// The kinds of the group.
            pub fn kinds(self) -> &'static [NodeKind] {
                match self { $(Group::$group => &[$(NodeKind::$kind,)*],)* }
            }
        }

        impl NodeKind {
            /// Every kind, in the table's order: `ALL[kind as usize] == kind`.
            pub const ALL: &'static [NodeKind] = &[$($(NodeKind::$kind,)*)*];

            /// The Python name.
            pub fn name(self) -> &'static str {
                match self { $($(NodeKind::$kind => $name,)*)* }
            }

            /// The group.
            pub fn group(self) -> Group {
                match self { $($(NodeKind::$kind => Group::$group,)*)* }
            }

            /// The fields as they are written in the table.
            pub fn signature(self) -> &'static str {
                match self { $($(NodeKind::$kind => $fields,)*)* }
            }
        }
    };
}

define_nodes! {
    Mod "mod" false {
        Module "Module" "stmt* body, type_ignore* type_ignores";
        Interactive "Interactive" "stmt* body";
        Expression "Expression" "expr body";
        FunctionType "FunctionType" "expr* argtypes, expr returns";
    }
    Stmt "stmt" true {
        FunctionDef "FunctionDef" "identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params";
        AsyncFunctionDef "AsyncFunctionDef" "identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params";
        ClassDef "ClassDef" "identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params";
        Return "Return" "expr? value";
        Delete "Delete" "expr* targets";
        Assign "Assign" "expr* targets, expr value, string? type_comment";
        TypeAlias "TypeAlias" "expr name, type_param* type_params, expr value";
        AugAssign "AugAssign" "expr target, operator op, expr value";
        AnnAssign "AnnAssign" "expr target, expr annotation, expr? value, int simple";
        For "For" "expr target, expr iter, stmt* body, stmt* orelse, string? type_comment";
        AsyncFor "AsyncFor" "expr target, expr iter, stmt* body, stmt* orelse, string? type_comment";
        While "While" "expr test, stmt* body, stmt* orelse";
        If "If" "expr test, stmt* body, stmt* orelse";
        With "With" "withitem* items, stmt* body, string? type_comment";
        AsyncWith "AsyncWith" "withitem* items, stmt* body, string? type_comment";
        Match "Match" "expr subject, match_case* cases";
        Raise "Raise" "expr? exc, expr? cause";
        Try "Try" "stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody";
        TryStar "TryStar" "stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody";
        Assert "Assert" "expr test, expr? msg";
        Import "Import" "alias* names";
        ImportFrom "ImportFrom" "identifier? module, alias* names, int? level";
        Global "Global" "identifier* names";
        Nonlocal "Nonlocal" "identifier* names";
        ExprStatement "Expr" "expr value";
        Pass "Pass" "";
        Break "Break" "";
        Continue "Continue" "";
    }
    Expr "expr" true {
        BoolOp "BoolOp" "boolop op, expr* values";
        NamedExpr "NamedExpr" "expr target, expr value";
        BinOp "BinOp" "expr left, operator op, expr right";
        UnaryOp "UnaryOp" "unaryop op, expr operand";
        Lambda "Lambda" "arguments args, expr body";
        IfExp "IfExp" "expr test, expr body, expr orelse";
        Dict "Dict" "expr?* keys, expr* values";
        Set "Set" "expr* elts";
        ListComp "ListComp" "expr elt, comprehension* generators";
        SetComp "SetComp" "expr elt, comprehension* generators";
        DictComp "DictComp" "expr key, expr value, comprehension* generators";
        GeneratorExp "GeneratorExp" "expr elt, comprehension* generators";
        Await "Await" "expr value";
        Yield "Yield" "expr? value";
        YieldFrom "YieldFrom" "expr value";
        Compare "Compare" "expr left, cmpop* ops, expr* comparators";
        Call "Call" "expr func, expr* args, keyword* keywords";
        FormattedValue "FormattedValue" "expr value, int conversion, expr? format_spec";
        Interpolation "Interpolation" "expr value, constant str, int conversion, expr? format_spec";
        JoinedStr "JoinedStr" "expr* values";
        TemplateStr "TemplateStr" "expr* values";
        Constant "Constant" "constant value, string? kind";
        Attribute "Attribute" "expr value, identifier attr, expr_context ctx";
        Subscript "Subscript" "expr value, expr slice, expr_context ctx";
        Starred "Starred" "expr value, expr_context ctx";
        Name "Name" "identifier id, expr_context ctx";
        List "List" "expr* elts, expr_context ctx";
        Tuple "Tuple" "expr* elts, expr_context ctx";
        Slice "Slice" "expr? lower, expr? upper, expr? step";
    }
    ExprContext "expr_context" false { Load "Load" ""; Store "Store" ""; Del "Del" ""; }
    BoolOperator "boolop" false { And "And" ""; Or "Or" ""; }
    Operator "operator" false {
        Add "Add" ""; Sub "Sub" ""; Mult "Mult" ""; MatMult "MatMult" ""; Div "Div" ""; Mod "Mod" ""; Pow "Pow" "";
        LShift "LShift" ""; RShift "RShift" ""; BitOr "BitOr" ""; BitXor "BitXor" ""; BitAnd "BitAnd" ""; FloorDiv "FloorDiv" "";
    }
    UnaryOperator "unaryop" false { Invert "Invert" ""; Not "Not" ""; UAdd "UAdd" ""; USub "USub" ""; }
    Comparison "cmpop" false {
        Eq "Eq" ""; NotEq "NotEq" ""; Lt "Lt" ""; LtE "LtE" ""; Gt "Gt" ""; GtE "GtE" ""; Is "Is" ""; IsNot "IsNot" ""; In "In" ""; NotIn "NotIn" "";
    }
    Comprehension "comprehension" false { ComprehensionClause "comprehension" "expr target, expr iter, expr* ifs, int is_async"; }
    ExceptHandlers "excepthandler" true { ExceptHandler "ExceptHandler" "expr? type, identifier? name, stmt* body"; }
    ArgumentList "arguments" false {
        Arguments "arguments" "arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults";
    }
    Argument "arg" true { Arg "arg" "identifier arg, expr? annotation, string? type_comment"; }
    KeywordArgument "keyword" true { Keyword "keyword" "identifier? arg, expr value"; }
    ImportAlias "alias" true { Alias "alias" "identifier name, identifier? asname"; }
    WithItems "withitem" false { WithItem "withitem" "expr context_expr, expr? optional_vars"; }
    MatchCases "match_case" false { MatchCase "match_case" "pattern pattern, expr? guard, stmt* body"; }
    Pattern "pattern" true {
        MatchValue "MatchValue" "expr value";
        MatchSingleton "MatchSingleton" "constant value";
        MatchSequence "MatchSequence" "pattern* patterns";
        MatchMapping "MatchMapping" "expr* keys, pattern* patterns, identifier? rest";
        MatchClass "MatchClass" "expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns";
        MatchStar "MatchStar" "identifier? name";
        MatchAs "MatchAs" "pattern? pattern, identifier? name";
        MatchOr "MatchOr" "pattern* patterns";
    }
    TypeIgnores "type_ignore" false { TypeIgnore "TypeIgnore" "int lineno, string tag"; }
    TypeParameter "type_param" true {
        TypeVar "TypeVar" "identifier name, expr? bound, expr? default_value";
        ParamSpec "ParamSpec" "identifier name, expr? default_value";
        TypeVarTuple "TypeVarTuple" "identifier name, expr? default_value";
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A node of the group.
    Node(Group),
    /// A name.
    Identifier,
    /// A small int.
    Int,
    /// A string.
    Text,
    /// Any constant.
    Constant,
}

/// How many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// One.
    One,
    /// One or None.
    Optional,
    /// A list.
    Many,
    /// A list in which None may stand.
    ManyOptional,
}

/// A field of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The Python name.
    pub name: &'static str,
    /// What it holds.
    pub field_type: FieldType,
    /// How many.
    pub count: Count,
}

impl Group {
    /// Whether the group is a class of its own, not a choice of others.
    pub fn is_product(self) -> bool {
        matches!(self.kinds(), [only] if only.name() == self.name())
    }

    fn named(name: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|group| group.name() == name)
    }

    /// The class's documentation: what there is to choose from, or the fields.
    pub fn documentation(self) -> String {
        if self.is_product() {
            return self.kinds()[0].documentation();
        }
        let mut text = format!("{} = ", self.name());
        let is_plain = self.kinds().iter().all(|kind| kind.signature().is_empty());
        let indent = " ".repeat(self.name().len() + 1);
        for (index, kind) in self.kinds().iter().enumerate() {
            if index > 0 {
                text.push_str(&if is_plain { " | ".to_owned() } else { format!("\n{indent}| ") });
            }
            text.push_str(&kind.documentation());
        }
        text
    }
}

impl NodeKind {
    /// The fields.
    pub fn fields(self) -> &'static [Field] {
        static FIELDS: OnceLock<Vec<Vec<Field>>> = OnceLock::new();
        let all = FIELDS.get_or_init(|| NodeKind::ALL.iter().map(|kind| parse(kind.signature())).collect());
        &all[self as usize]
    }

    /// The class's documentation: its fields.
    pub fn documentation(self) -> String {
        match self.signature() {
            "" => self.name().to_owned(),
            signature => format!("{}({signature})", self.name()),
        }
    }
}

fn parse(signature: &'static str) -> Vec<Field> {
    let parts = signature.split(", ").filter_map(|part| part.split_once(' '));
    parts
        .map(|(field_type, name)| {
            let bare = field_type.trim_end_matches(['?', '*']);
            let count = match &field_type[bare.len()..] {
                "" => Count::One,
                "?" => Count::Optional,
                "*" => Count::Many,
                _ => Count::ManyOptional,
            };
            let field_type = match bare {
                "identifier" => FieldType::Identifier,
                "int" => FieldType::Int,
                "string" => FieldType::Text,
                "constant" => FieldType::Constant,
                // The tests look at every row.
                group => FieldType::Node(Group::named(group).unwrap_or(Group::Expr)),
            };
            Field { name, field_type, count }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_groups() {
        for kind in NodeKind::ALL {
            assert_eq!(NodeKind::ALL[*kind as usize], *kind);
            for part in kind.signature().split(", ").filter(|part| !part.is_empty()) {
                let (field_type, _) = part.split_once(' ').unwrap();
                let bare = field_type.trim_end_matches(['?', '*']);
                let plain = ["identifier", "int", "string", "constant"].contains(&bare);
                assert!(plain || Group::named(bare).is_some(), "{part}");
            }
        }
    }

    #[test]
    fn documentation() {
        assert_eq!(Group::BoolOperator.documentation(), "boolop = And | Or");
        assert_eq!(Group::WithItems.documentation(), "withitem(expr context_expr, expr? optional_vars)");
        assert!(
            Group::Mod.documentation().starts_with("mod = Module(stmt* body, type_ignore* type_ignores)\n    | Inter")
        );
    }
}
