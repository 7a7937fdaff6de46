//! Kinds of tokens: one table of keywords and operators, everything else derived from it.

macro_rules! tokens {
    ($($keyword:literal => $keyword_kind:ident,)* ; $($operator:literal => $operator_kind:ident = $number:literal,)*) => {
        /// What a token is. Keywords and operators have a kind each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum TokenKind {
            EndMarker,
            Name,
            Number,
            String,
            Newline,
            Indent,
            Dedent,
            FStringStart,
            FStringMiddle,
            FStringEnd,
            TStringStart,
            TStringMiddle,
            TStringEnd,
            /// A character that is no token: `$`, `?`, `` ` ``.
            Unknown,
            /// Only with comments and blank lines kept.
            Comment,
            /// A newline that ends no statement; only with comments and blank lines kept.
            BlankNewline,
            $(#[doc = $keyword] $keyword_kind,)*
            $(#[doc = $operator] $operator_kind,)*
        }

        impl TokenKind {
            /// The kind of a hard keyword.
            pub fn keyword(text: &str) -> Option<TokenKind> {
                match text {
                    $($keyword => Some(TokenKind::$keyword_kind),)*
                    _ => None,
                }
            }

            /// The kind of an operator.
            pub fn operator(text: &str) -> Option<TokenKind> {
                match text {
                    $($operator => Some(TokenKind::$operator_kind),)*
                    _ => None,
                }
            }

            /// The text of a keyword or operator; empty for other kinds.
            pub fn text(self) -> &'static str {
                match self {
                    $(TokenKind::$keyword_kind => $keyword,)*
                    $(TokenKind::$operator_kind => $operator,)*
                    _ => "",
                }
            }

            /// The number of this kind in Python's `token` module.
            pub fn number(self) -> u8 {
                match self {
                    TokenKind::EndMarker => 0,
                    TokenKind::Name => 1,
                    TokenKind::Number => 2,
                    TokenKind::String => 3,
                    TokenKind::Newline => 4,
                    TokenKind::Indent => 5,
                    TokenKind::Dedent => 6,
                    TokenKind::Unknown => 54,
                    TokenKind::FStringStart => 59,
                    TokenKind::FStringMiddle => 60,
                    TokenKind::FStringEnd => 61,
                    TokenKind::TStringStart => 62,
                    TokenKind::TStringMiddle => 63,
                    TokenKind::TStringEnd => 64,
                    TokenKind::Comment => 65,
                    TokenKind::BlankNewline => 66,
                    $(TokenKind::$keyword_kind => 1,)*
                    $(TokenKind::$operator_kind => $number,)*
                }
            }
        }
    };
}

tokens! {
    "False" => False, "None" => None, "True" => True, "and" => And, "as" => As,
    "assert" => Assert, "async" => Async, "await" => Await, "break" => Break, "class" => Class,
    "continue" => Continue, "def" => Def, "del" => Del, "elif" => Elif, "else" => Else,
    "except" => Except, "finally" => Finally, "for" => For, "from" => From, "global" => Global,
    "if" => If, "import" => Import, "in" => In, "is" => Is, "lambda" => Lambda,
    "nonlocal" => Nonlocal, "not" => Not, "or" => Or, "pass" => Pass, "raise" => Raise,
    "return" => Return, "try" => Try, "while" => While, "with" => With, "yield" => Yield,
    ;
    "(" => LeftParenthesis = 7, ")" => RightParenthesis = 8, "[" => LeftBracket = 9,
    "]" => RightBracket = 10, ":" => Colon = 11, "," => Comma = 12, ";" => Semicolon = 13,
    "+" => Plus = 14, "-" => Minus = 15, "*" => Star = 16, "/" => Slash = 17,
    "|" => VerticalBar = 18, "&" => Ampersand = 19, "<" => Less = 20, ">" => Greater = 21,
    "=" => Equal = 22, "." => Dot = 23, "%" => Percent = 24, "{" => LeftBrace = 25,
    "}" => RightBrace = 26, "==" => EqualEqual = 27, "!=" => NotEqual = 28, "<>" => LessGreater = 28,
    "<=" => LessEqual = 29, ">=" => GreaterEqual = 30, "~" => Tilde = 31, "^" => Circumflex = 32,
    "<<" => LeftShift = 33, ">>" => RightShift = 34, "**" => DoubleStar = 35, "+=" => PlusEqual = 36,
    "-=" => MinusEqual = 37, "*=" => StarEqual = 38, "/=" => SlashEqual = 39,
    "%=" => PercentEqual = 40, "&=" => AmpersandEqual = 41, "|=" => VerticalBarEqual = 42,
    "^=" => CircumflexEqual = 43, "<<=" => LeftShiftEqual = 44, ">>=" => RightShiftEqual = 45,
    "**=" => DoubleStarEqual = 46, "//" => DoubleSlash = 47, "//=" => DoubleSlashEqual = 48,
    "@" => At = 49, "@=" => AtEqual = 50, "->" => Arrow = 51, "..." => Ellipsis = 52,
    ":=" => ColonEqual = 53, "!" => Exclamation = 54,
}
