//! The arguments of a native call, and their binding to a signature.
//!
//! [`Args`] looks into the caller's register window (or a Rust array): positional values first, then the values of
//! keywords, whose names are in a tuple. [`Signature::bind`] sorts them into an array, with CPython's error messages.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Positional and keyword arguments of one call.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    base: *const AtomicU64,
    positional: u32,
    keywords: u32,
    names: Option<Ref<Tuple>>,
    lifetime: PhantomData<&'a Value>,
}

impl<'a> Args<'a> {
    /// No arguments.
    pub const NONE: Args<'static> =
        Args { base: std::ptr::null(), positional: 0, keywords: 0, names: None, lifetime: PhantomData };

    /// Positional arguments in a Rust array.
    pub fn positional(values: &'a [Value]) -> Args<'a> {
        Args {
            base: values.as_ptr().cast(),
            positional: values.len() as u32,
            keywords: 0,
            names: None,
            lifetime: PhantomData,
        }
    }

    /// Arguments in a Rust array, the last of them named by the tuple.
    pub fn with_keywords(values: &'a [Value], names: Ref<Tuple>) -> Args<'a> {
        let keywords = names.len();
        Args {
            base: values.as_ptr().cast(),
            positional: (values.len() - keywords) as u32,
            keywords: keywords as u32,
            names: (keywords > 0).then_some(names),
            lifetime: PhantomData,
        }
    }

    /// Arguments in registers.
    ///
    /// # Safety
    ///
    /// `count` words from `base` hold values and stay readable for `'a`; `names` has at most `count` entries.
    #[inline(always)]
    pub unsafe fn in_window(base: *const AtomicU64, count: usize, names: Option<Ref<Tuple>>) -> Args<'a> {
        let keywords = names.map_or(0, |names| names.len());
        Args { base, positional: (count - keywords) as u32, keywords: keywords as u32, names, lifetime: PhantomData }
    }

    /// How many positional arguments there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.positional as usize
    }

    /// Whether there are no positional arguments.
    pub fn is_empty(&self) -> bool {
        self.positional == 0
    }

    /// Whether there are no arguments at all, of either kind.
    pub fn are_none(&self) -> bool {
        self.positional == 0 && self.keywords == 0
    }

    /// How many keyword arguments there are.
    #[inline(always)]
    pub fn keyword_count(&self) -> usize {
        self.keywords as usize
    }

    /// The names of the keyword arguments.
    pub fn keyword_names(&self) -> Option<Ref<Tuple>> {
        self.names
    }

    #[inline(always)]
    fn word(&self, index: usize) -> Value {
        // SAFETY: callers stay below `positional + keywords`, which the constructors guarantee to be readable values.
        let word = unsafe { (*self.base.add(index)).load(Ordering::Relaxed) };
        Value::from_word(word).unwrap_or(Value::UNBOUND)
    }

    /// A positional argument.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        (index < self.positional as usize).then(|| self.word(index))
    }

    /// The positional arguments.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Value> + 'a {
        (0..self.positional as usize).map(move |index| self.word(index))
    }

    /// The keyword arguments as (name, value).
    pub fn keywords(self) -> impl ExactSizeIterator<Item = (Ref<Str>, Value)> + 'a {
        (0..self.keywords as usize).map(move |index| {
            let names = self.names.expect("keywords have names");
            // SAFETY: call sites build the tuple of names from strings only (compiler constants, or `CallUnpack`, which
            // checks every key).
            let name = unsafe { Ref::from_value_unchecked(names.get(index)) };
            (name, self.word(self.positional as usize + index))
        })
    }

    /// The arguments without the first `count` positional ones.
    pub fn skip(self, count: usize) -> Args<'a> {
        assert!(count <= self.positional as usize);
        // SAFETY: within the readable words.
        Args { base: unsafe { self.base.add(count) }, positional: self.positional - count as u32, ..self }
    }

    /// The positional arguments alone.
    pub fn without_keywords(self) -> Args<'a> {
        Args { keywords: 0, names: None, ..self }
    }

    /// Fails if there are keyword arguments: "{function}() takes no keyword arguments".
    pub fn no_keywords(&self, cx: &Cx, function: &str) -> PyResult<()> {
        if self.keywords == 0 {
            return Ok(());
        }
        Err(raise!(cx, TypeError, "{function}() takes no keyword arguments"))
    }

    /// Between `least` and `most` positional arguments and no keywords, as an array; messages as CPython's for functions
    /// with positional-only parameters ("{function} expected at least …").
    pub fn exactly<const N: usize>(&self, cx: &Cx, function: &str) -> PyResult<[Value; N]> {
        let values = self.between::<N>(cx, function, N)?;
        Ok(values.map(|value| value.unwrap_or(Value::NONE)))
    }

    /// From `least` to `N` positional arguments and no keywords.
    pub fn between<const N: usize>(&self, cx: &Cx, function: &str, least: usize) -> PyResult<[Option<Value>; N]> {
        self.no_keywords(cx, function)?;
        let given = self.len();
        if given < least || given > N {
            return Err(self.count_error(cx, function, least, N));
        }
        Ok(std::array::from_fn(|index| self.get(index)))
    }

    #[cold]
    fn count_error(&self, cx: &Cx, function: &str, least: usize, most: usize) -> Raised {
        let given = self.len();
        let (bound, limit) = match () {
            () if least == most => ("", least),
            () if given < least => ("at least ", least),
            () => ("at most ", most),
        };
        let plural = if limit == 1 { "" } else { "s" };
        raise!(cx, TypeError, "{function} expected {bound}{limit} argument{plural}, got {given}")
    }
}

/// The parameters of a native function that takes keywords.
///
/// `static SPLIT: Signature<2> = Signature::new("split", ["sep", "maxsplit"]);` then
/// `let [sep, maxsplit] = SPLIT.bind(cx, args)?;`
pub struct Signature<const N: usize> {
    function: &'static str,
    names: [&'static str; N],
    positional_only: usize,
    required: usize,
    positional: usize,
}

impl<const N: usize> Signature<N> {
    /// Parameters that are all optional and may be given by position or keyword.
    pub const fn new(function: &'static str, names: [&'static str; N]) -> Signature<N> {
        Signature { function, names, positional_only: 0, required: 0, positional: N }
    }

    /// The first `count` parameters are required.
    pub const fn required(mut self, count: usize) -> Signature<N> {
        self.required = count;
        self
    }

    /// The first `count` parameters are positional-only.
    pub const fn positional_only(mut self, count: usize) -> Signature<N> {
        self.positional_only = count;
        self
    }

    /// Parameters from index `first` on are keyword-only.
    pub const fn keyword_only_from(mut self, first: usize) -> Signature<N> {
        self.positional = first;
        self
    }

    /// Sorts the arguments into the parameters' order; absent optional ones are `None`.
    pub fn bind(&self, cx: &Cx, args: Args<'_>) -> PyResult<[Option<Value>; N]> {
        let mut values: [Option<Value>; N] = std::array::from_fn(|index| args.get(index));
        if args.len() > self.positional {
            return Err(self.too_many(cx, args));
        }
        let mut unexpected = None;
        for (name, value) in args.keywords() {
            let text = name.as_wtf8();
            let found = self.names.iter().position(|candidate| text.as_bytes() == candidate.as_bytes());
            match found {
                Some(index) if index >= self.positional_only => {
                    if values[index].replace(value).is_some() {
                        return Err(self.given_twice(cx, index));
                    }
                }
                _ => unexpected = unexpected.or(Some((name, found.is_some()))),
            }
        }
        for (index, value) in values.iter().enumerate().take(self.required) {
            if value.is_none() {
                return Err(self.missing(cx, args, index));
            }
        }
        if let Some((name, positional_only)) = unexpected {
            return Err(self.unexpected_keyword(cx, name, positional_only));
        }
        Ok(values)
    }

    #[cold]
    fn too_many(&self, cx: &Cx, args: Args<'_>) -> Raised {
        let Signature { function, positional, required, .. } = self;
        let given = args.len() + args.keyword_count();
        let plural = if *positional == 1 { "" } else { "s" };
        if *positional == 0 {
            return raise!(cx, TypeError, "{function}() takes no positional arguments");
        }
        let kind = if *positional < N { "positional argument" } else { "argument" };
        let bound = if *required >= *positional && *positional < N { "exactly" } else { "at most" };
        raise!(cx, TypeError, "{function}() takes {bound} {positional} {kind}{plural} ({given} given)")
    }

    #[cold]
    fn given_twice(&self, cx: &Cx, index: usize) -> Raised {
        let (function, name, position) = (self.function, self.names[index], index + 1);
        raise!(cx, TypeError, "argument for {function}() given by name ('{name}') and position ({position})")
    }

    #[cold]
    fn unexpected_keyword(&self, cx: &Cx, name: Ref<Str>, positional_only: bool) -> Raised {
        let (function, name) = (self.function, name.as_wtf8());
        if positional_only && self.positional_only == N {
            return raise!(cx, TypeError, "{function}() takes no keyword arguments");
        }
        crate::interp::suggest::unexpected_keyword(cx, function, &name.to_string_lossy(), &self.names)
    }

    #[cold]
    fn missing(&self, cx: &Cx, args: Args<'_>, index: usize) -> Raised {
        let (function, name, position) = (self.function, self.names[index], index + 1);
        if index < self.positional_only {
            let (required, given) = (self.required.min(self.positional_only), args.len());
            let bound = if required == self.positional { "exactly" } else { "at least" };
            let plural = if required == 1 { "" } else { "s" };
            return raise!(
                cx,
                TypeError,
                "{function}() takes {bound} {required} positional argument{plural} ({given} given)"
            );
        }
        if index >= self.positional {
            return raise!(cx, TypeError, "{function}() missing required keyword-only argument '{name}'");
        }
        raise!(cx, TypeError, "{function}() missing required argument '{name}' (pos {position})")
    }
}
