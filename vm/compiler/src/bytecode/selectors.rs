//! The meanings of the small selector operands (`n`) of some instructions.
//!
//! Invariant: the numbers are dense from 0, so that a decoder is a bounds check.

macro_rules! selector {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$item_doc])* $item,)* }

        impl $name {
            /// All of them, by number.
            pub const ALL: &'static [$name] = &[$($name::$item,)*];

            /// The selector of a number, if there is one.
            pub fn from_number(number: u8) -> Option<$name> {
                Self::ALL.get(number as usize).copied()
            }

            /// The name that listings show.
            pub fn text(self) -> &'static str {
                match self { $($name::$item => $text,)* }
            }
        }
    };
}

selector! {
    /// What `LoadSingleton` loads.
    Singleton {
        /// `None`.
        None = "None",
        /// `False`.
        False = "False",
        /// `True`.
        True = "True",
        /// `...`.
        Ellipsis = "Ellipsis",
    }
}

selector! {
    /// What `LoadCommon` loads, whatever the program has done to the names.
    CommonValue {
        /// `builtins.__build_class__`, looked up in the frame's builtins; a NameError if it is not there.
        BuildClass = "__build_class__",
        /// The class `AssertionError`.
        AssertionError = "AssertionError",
        /// The class `NotImplementedError`.
        NotImplementedError = "NotImplementedError",
        /// The function `any` that the builtins began with.
        Any = "any",
        /// The same of `all`.
        All = "all",
        /// The class `tuple`.
        Tuple = "tuple",
        /// The class `list`.
        List = "list",
        /// The class `set`.
        Set = "set",
    }
}

selector! {
    /// Which special method `LoadSpecial` looks up.
    SpecialMethod {
        /// `__enter__`.
        Enter = "__enter__",
        /// `__exit__`.
        Exit = "__exit__",
        /// `__aenter__`.
        AsyncEnter = "__aenter__",
        /// `__aexit__`.
        AsyncExit = "__aexit__",
    }
}

selector! {
    /// What `MakeTypeParameter` makes.
    TypeParameterKind {
        /// A `TypeVar` without bound.
        TypeVar = "TypeVar",
        /// A `TypeVar` whose `base+1` evaluates the bound.
        TypeVarWithBound = "TypeVar with bound",
        /// A `TypeVar` whose `base+1` evaluates the tuple of constraints.
        TypeVarWithConstraints = "TypeVar with constraints",
        /// A `ParamSpec`.
        ParamSpec = "ParamSpec",
        /// A `TypeVarTuple`.
        TypeVarTuple = "TypeVarTuple",
    }
}
