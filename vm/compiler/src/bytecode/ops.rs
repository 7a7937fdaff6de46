//! The instruction set: one table, from which encoder, decoder, disassembler, verifier, liveness and the
//! interpreter's dispatch are derived.
//!
//! An instruction is one 64-bit word: `op: u8, n: u8, a: u16, b: u16, c: u16`. Registers are 16-bit indices into the
//! frame's window: first the named ones (parameters, locals, cell and free variables, in `co_varnames` order), then
//! temporaries. A row reads
//!
//! ```text
//! /// what it does
//! family::handler = Name { field: Kind, ... };
//! ```
//!
//! Fields are taken from the word in the order of [`Place`]s their names stand for: `n` is always the 8-bit field,
//! the others occupy `a`, `b`, `c` in order; a 32-bit kind occupies two 16-bit places. `family::handler` names the
//! function in the interpreter's `ops` that does the work when it is not done in the loop itself.
//!
//! Conventions:
//! - A *call window* starts at `base`: `base` holds the callable, `base+1` the receiver or unbound, arguments from
//!   `base+2`. The callee's own window starts at its first argument, in the caller's window, so nothing is copied.
//!   A call therefore ends the life of every register from `base` upwards, but for the one that its result goes to.
//! - Operands are read before `dst` is written; `dst` may equal an operand.
//! - An instruction with an exception leaves `dst` untouched.

/// How an operand is to be read: its width, and whether the instruction reads or writes the registers it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandKind {
    /// A register that is written.
    Dst,
    /// A register that is read.
    Src,
    /// A register that is read and written.
    SrcDst,
    /// The first of several consecutive registers; `Opcode::register_ranges` says which are read and written.
    Base,
    /// Index into the code's constants (16 bits).
    Const,
    /// Index into the code's constants (32 bits).
    ConstWide,
    /// Index into the code's names.
    Name,
    /// A signed 16-bit integer.
    Imm,
    /// A signed 32-bit integer.
    ImmWide,
    /// A jump distance, signed 16 bits, in instructions, from the following instruction.
    Jump,
    /// A jump distance, signed 32 bits, in instructions, from the following instruction.
    JumpWide,
    /// An unsigned 16-bit count.
    Count,
    /// An unsigned 8-bit number (field `n`): flag, selector or small count.
    Small,
}

/// Calls the macro `$callback` with the whole instruction table.
#[macro_export]
macro_rules! for_each_opcode {
    ($callback:ident $(, $extra:tt)*) => { $callback! { $($extra,)*
    // ---- moves and constants
    /// Does nothing; a target for jumps and a place for a line event.
    control::nop = Nop { };
    /// `dst = src`.
    load::move_register = Move { dst: Dst, src: Src };
    /// `dst = constants[index]`.
    load::constant = LoadConst { dst: Dst, index: ConstWide };
    /// `dst =` the small integer.
    load::integer = LoadInt { dst: Dst, value: ImmWide };
    /// `dst =` the singleton `n`: see `Singleton`.
    load::singleton = LoadSingleton { n: Small, dst: Dst };
    /// `dst =` a value the compiler's output needs from the runtime: see `CommonValue`.
    load::common = LoadCommon { n: Small, dst: Dst };
    /// Makes the register unbound, whatever it holds: a name's end (`except … as e`, a comprehension's variable, also
    /// when the register holds its cell), or an optional part of a window that is absent.
    load::unbind = Unbind { dst: Dst };
    /// Raises UnboundLocalError (or NameError for a free variable) if the named register is unbound.
    load::check_bound = CheckBound { src: Src };
    /// `del` of a local: raises UnboundLocalError if unbound, else unbinds.
    load::delete_local = DeleteLocal { src: SrcDst };

    // ---- cells
    /// Replaces the register's value (or unbound) by a new cell that holds it.
    load::make_cell = MakeCell { reg: SrcDst };
    /// Copies the function's closure cells into the `count` registers from `base` (first instruction of a closure). The
    /// cells' order in the closure is that of the registers. `Move` of a cell's register moves the cell itself.
    load::copy_free = CopyFree { base: Base, count: Count };
    /// `dst = cell.contents`; NameError/UnboundLocalError if empty (the register's name tells which).
    load::deref = LoadDeref { dst: Dst, cell: Src };
    /// `cell.contents = src`.
    store::deref = StoreDeref { cell: Src, src: Src };
    /// Empties the cell; an error if it is empty.
    store::delete_deref = DeleteDeref { cell: Src };
    /// `dst = mapping[name of cell]`, else the cell's contents (names in class bodies and annotation scopes).
    load::dict_or_deref = LoadFromDictOrDeref { dst: Dst, mapping: Src, cell: Src };
    /// `dst = mapping[name]`, else global, else builtin.
    load::dict_or_globals = LoadFromDictOrGlobals { dst: Dst, mapping: Src, name: Name };

    // ---- names
    /// `dst =` global or builtin; NameError. Cached.
    load::global = LoadGlobal { dst: Dst, name: Name };
    /// `globals[name] = src`. Cached.
    store::global = StoreGlobal { src: Src, name: Name };
    /// `del globals[name]`.
    store::delete_global = DeleteGlobal { name: Name };
    /// `dst =` the name in the frame's local namespace, else global, else builtin. Cached when locals are globals.
    load::name = LoadName { dst: Dst, name: Name };
    /// `locals[name] = src`.
    store::name = StoreName { src: Src, name: Name };
    /// `del locals[name]`; NameError.
    store::delete_name = DeleteName { name: Name };
    /// `dst =` the frame's local namespace mapping (class body, module).
    load::locals = LoadLocals { dst: Dst };

    // ---- attributes and subscripts
    /// `dst = object.name`. Cached.
    attribute::load = LoadAttr { dst: Dst, object: Src, name: Name };
    /// `object.name = src`. Cached.
    attribute::store = StoreAttr { object: Src, name: Name, src: Src };
    /// `del object.name`.
    attribute::delete = DeleteAttr { object: Src, name: Name };
    /// Looks up a method for a call: `base, base+1 = function, object`, or `attribute, unbound`. Cached.
    attribute::load_method = LoadMethod { base: Base, object: Src, name: Name };
    /// `dst = super(class, self).name`; `base..base+3` hold the global `super`, the class, and self; `n` = 1 for the
    /// zero-argument form. Cached.
    attribute::load_super = LoadSuperAttr { n: Small, dst: Dst, base: Base, name: Name };
    /// The method form: `base, base+1 = function, self`, or `attribute, unbound`, from the same three registers.
    attribute::load_super_method = LoadSuperMethod { n: Small, base: Base, name: Name };
    /// The special method `n` (see `SpecialMethod`) of the object's type, for `with`: fills `base`, `base+1`.
    attribute::load_special = LoadSpecial { n: Small, base: Base, object: Src };
    /// `dst = object[index]`. Cached.
    subscript::load = LoadSubscript { dst: Dst, object: Src, index: Src };
    /// `dst = object[index]` with a small constant index.
    subscript::load_immediate = LoadSubscriptI { dst: Dst, object: Src, index: Imm };
    /// `object[index] = src`.
    subscript::store = StoreSubscript { object: Src, index: Src, src: Src };
    /// `del object[index]`.
    subscript::delete = DeleteSubscript { object: Src, index: Src };
    /// `dst = object[lower:upper]`, bounds in `bounds`, `bounds+1` (None where absent).
    subscript::load_slice = LoadSlice { dst: Dst, object: Src, bounds: Base };
    /// `object[lower:upper] = src`.
    subscript::store_slice = StoreSlice { object: Src, bounds: Base, src: Src };
    /// `dst = slice(base, base+1[, base+2])`, `n` of them.
    build::slice = BuildSlice { n: Small, dst: Dst, base: Base };

    // ---- arithmetic: n = 1 for the augmented form
    /// `dst = a + b`.
    arith::add = Add { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a - b`.
    arith::subtract = Subtract { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a * b`.
    arith::multiply = Multiply { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a / b`.
    arith::true_divide = TrueDivide { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a // b`.
    arith::floor_divide = FloorDivide { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a % b`.
    arith::modulo = Modulo { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a ** b`.
    arith::power = Power { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a @ b`.
    arith::matrix_multiply = MatrixMultiply { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a << b`.
    arith::left_shift = LeftShift { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a >> b`.
    arith::right_shift = RightShift { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a & b`.
    arith::bit_and = BitAnd { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a | b`.
    arith::bit_or = BitOr { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a ^ b`.
    arith::bit_xor = BitXor { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a + value`.
    arith::add_immediate = AddI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a - value`.
    arith::subtract_immediate = SubtractI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a * value`.
    arith::multiply_immediate = MultiplyI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a // value`.
    arith::floor_divide_immediate = FloorDivideI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a % value`.
    arith::modulo_immediate = ModuloI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a & value`.
    arith::bit_and_immediate = BitAndI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a << value`.
    arith::left_shift_immediate = LeftShiftI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = a >> value`.
    arith::right_shift_immediate = RightShiftI { n: Small, dst: Dst, a: Src, value: Imm };
    /// `dst = -src`.
    arith::negative = Negative { dst: Dst, src: Src };
    /// `dst = +src`.
    arith::positive = Positive { dst: Dst, src: Src };
    /// `dst = ~src`.
    arith::invert = Invert { dst: Dst, src: Src };
    /// `dst = not src`.
    compare::not = Not { dst: Dst, src: Src };
    /// `dst = bool(src)`.
    compare::to_bool = ToBool { dst: Dst, src: Src };

    // ---- comparison
    /// `dst = a < b`.
    compare::less = Less { dst: Dst, a: Src, b: Src };
    /// `dst = a <= b`.
    compare::less_equal = LessEqual { dst: Dst, a: Src, b: Src };
    /// `dst = a == b`.
    compare::equal = Equal { dst: Dst, a: Src, b: Src };
    /// `dst = a != b`.
    compare::not_equal = NotEqual { dst: Dst, a: Src, b: Src };
    /// `dst = a > b`.
    compare::greater = Greater { dst: Dst, a: Src, b: Src };
    /// `dst = a >= b`.
    compare::greater_equal = GreaterEqual { dst: Dst, a: Src, b: Src };
    /// `dst = a is b`; `n` = 1: `is not`.
    compare::is = Is { n: Small, dst: Dst, a: Src, b: Src };
    /// `dst = a in b`; `n` = 1: `not in`.
    compare::contains = Contains { n: Small, dst: Dst, a: Src, b: Src };

    // ---- jumps (only JumpBack goes backwards; it polls)
    /// Jumps forward.
    control::jump = Jump { target: JumpWide };
    /// Jumps backward, polling for safepoints and signals.
    control::jump_back = JumpBack { target: JumpWide };
    /// Jumps if `bool(src)`.
    control::jump_if_true = JumpIfTrue { src: Src, target: JumpWide };
    /// Jumps unless `bool(src)`.
    control::jump_if_false = JumpIfFalse { src: Src, target: JumpWide };
    /// Jumps if `src is None`.
    control::jump_if_none = JumpIfNone { src: Src, target: JumpWide };
    /// Jumps if `src is not None`.
    control::jump_if_not_none = JumpIfNotNone { src: Src, target: JumpWide };
    /// Jumps if the register is unbound.
    control::jump_if_unbound = JumpIfUnbound { src: Src, target: JumpWide };
    /// Jumps if `bool(a < b) == n`.
    control::jump_less = JumpLess { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a <= b) == n`.
    control::jump_less_equal = JumpLessEqual { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a == b) == n`.
    control::jump_equal = JumpEqual { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a != b) == n`.
    control::jump_not_equal = JumpNotEqual { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a > b) == n`.
    control::jump_greater = JumpGreater { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a >= b) == n`.
    control::jump_greater_equal = JumpGreaterEqual { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `(a is b) == n`.
    control::jump_is = JumpIs { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `(a in b) == n`.
    control::jump_contains = JumpContains { n: Small, a: Src, b: Src, target: Jump };
    /// Jumps if `bool(a < value) == n`.
    control::jump_less_immediate = JumpLessI { n: Small, a: Src, value: Imm, target: Jump };
    /// Jumps if `bool(a <= value) == n`.
    control::jump_less_equal_immediate = JumpLessEqualI { n: Small, a: Src, value: Imm, target: Jump };
    /// Jumps if `bool(a == value) == n`.
    control::jump_equal_immediate = JumpEqualI { n: Small, a: Src, value: Imm, target: Jump };
    /// Jumps if `bool(a != value) == n`.
    control::jump_not_equal_immediate = JumpNotEqualI { n: Small, a: Src, value: Imm, target: Jump };
    /// Jumps if `bool(a > value) == n`.
    control::jump_greater_immediate = JumpGreaterI { n: Small, a: Src, value: Imm, target: Jump };
    /// Jumps if `bool(a >= value) == n`.
    control::jump_greater_equal_immediate = JumpGreaterEqualI { n: Small, a: Src, value: Imm, target: Jump };

    // ---- iteration and unpacking
    /// `dst = iter(src)`.
    iter::get_iter = GetIter { dst: Dst, src: Src };
    /// `dst = next(iterator)`, or jumps when it is exhausted.
    iter::for_iter = ForIter { dst: Dst, iterator: Src, target: Jump };
    /// Unpacks `src` into exactly `count` registers from `base`.
    unpack::sequence = UnpackSequence { base: Base, src: Src, count: Count };
    /// Unpacks `src` into `before` registers, a list, and `n` registers after it, from `base`.
    unpack::extended = UnpackExtended { n: Small, base: Base, src: Src, before: Count };

    // ---- calls
    /// `dst =` call of the window at `base` with `argc` positional arguments. `n` = 1: `base+1` holds the receiver or
    /// unbound; `n` = 0: there is none, and `base+1` is scratch.
    call::call = Call { n: Small, base: Base, argc: Count, dst: Dst };
    /// `base =` call with `argc` arguments in all, the last of them named by the tuple `constants[names]`; `n` as in Call.
    call::call_keywords = CallKeywords { n: Small, base: Base, argc: Count, names: Const };
    /// `dst =` call with `base+2` an iterable of positional arguments and `base+3` a dict of keywords or unbound;
    /// `base+1` is scratch.
    call::call_unpack = CallUnpack { base: Base, dst: Dst };
    /// Returns `src` from the frame.
    call::return_value = Return { src: Src };
    /// Returns None from the frame.
    call::return_none = ReturnNone { };

    // ---- building
    /// `dst = (base, …)`, `count` of them.
    build::tuple = BuildTuple { dst: Dst, base: Base, count: Count };
    /// `dst = [base, …]`.
    build::list = BuildList { dst: Dst, base: Base, count: Count };
    /// `dst = {base, …}`.
    build::set = BuildSet { dst: Dst, base: Base, count: Count };
    /// `dst = {base: base+1, …}`, `count` pairs.
    build::map = BuildMap { dst: Dst, base: Base, count: Count };
    /// `dst = "".join(…)` of `count` strings.
    build::string = BuildString { dst: Dst, base: Base, count: Count };
    /// `dst = Template(…)` from `count` parts, strings and interpolations in order.
    build::template = BuildTemplate { dst: Dst, base: Base, count: Count };
    /// `dst = Interpolation(base value, base+1 expression text, conversion n, base+2 format spec)`; the specification is
    /// always there, `''` if none is written.
    build::interpolation = BuildInterpolation { n: Small, dst: Dst, base: Base };
    /// `dst = tuple(list)`.
    build::list_to_tuple = ListToTuple { dst: Dst, src: Src };
    /// `list.append(src)` on a list the compiler made.
    build::list_append = ListAppend { list: Src, src: Src };
    /// `list.extend(src)` for `[*a]` and `f(*a)`; `n` = 1 in a call (another message).
    build::list_extend = ListExtend { n: Small, list: Src, src: Src };
    /// `set.add(src)` on a set; it may come from a variable (`__conditional_annotations__`).
    build::set_add = SetAdd { set: Src, src: Src };
    /// `set.update(src)`.
    build::set_update = SetUpdate { set: Src, src: Src };
    /// `map[key] = value`.
    build::map_add = MapAdd { map: Src, key: Src, value: Src };
    /// `map.update(src)` for `{**a}`.
    build::map_update = MapUpdate { map: Src, src: Src };
    /// Merges the keywords of `src` into `map` for a call of `function`; duplicates and non-strings raise.
    build::map_merge = MapMerge { map: Src, src: Src, function: Src };
    /// `dst = format(src, "")` after conversion `n` (0 none, 1 str, 2 repr, 3 ascii).
    build::format_simple = FormatSimple { n: Small, dst: Dst, src: Src };
    /// `dst = format(src, spec)` after conversion `n`.
    build::format_with_spec = FormatWithSpec { n: Small, dst: Dst, src: Src, spec: Src };

    // ---- functions, classes, imports
    /// `dst =` function of the code object `constants[code]`; `n` says which of `base..base+4` (defaults tuple,
    /// keyword-defaults dict, annotate function, closure tuple) are there (bits 0 to 3).
    class::make_function = MakeFunction { n: Small, dst: Dst, base: Base, code: Const };
    /// `dst =` a type parameter; `n`: see `TypeParameterKind`; `base` name, `base+1` bound/constraints evaluator or unbound,
    /// `base+2` default evaluator or unbound.
    class::type_parameter = MakeTypeParameter { n: Small, dst: Dst, base: Base };
    /// `dst =` a type alias of name `base`, type parameters `base+1` (or None), value evaluator `base+2`.
    class::type_alias = MakeTypeAlias { dst: Dst, base: Base };
    /// `dst = Generic[*src]`, the base class that PEP 695 adds.
    class::subscript_generic = SubscriptGeneric { dst: Dst, src: Src };
    /// Sets `function.__type_params__`.
    class::set_type_parameters = SetTypeParameters { function: Src, src: Src };
    /// Makes `__annotations__` in the local namespace if it is not there (`from __future__ import annotations`).
    class::setup_annotations = SetupAnnotations { };
    /// `dst = __import__(name, globals, locals, fromlist, level)`; `base` fromlist, `base+1` level.
    import::name = ImportName { dst: Dst, name: Name, base: Base };
    /// `dst = module.name` for `from module import name`.
    import::from = ImportFrom { dst: Dst, module: Src, name: Name };
    /// `from module import *` into the local namespace.
    import::star = ImportStar { module: Src };

    // ---- exceptions and with
    /// Raises: `n` = 0 re-raises the handled exception, 1 raises `exception`, 2 with `cause`.
    exception::raise = Raise { n: Small, exception: Src, cause: Src };
    /// Raises the caught `exception` again, its traceback as it was.
    exception::reraise = Reraise { exception: Src };
    /// Makes `exception` the handled one (`sys.exception()`), `saved =` the former.
    exception::push = PushHandled { saved: Dst, exception: Src };
    /// Makes `saved` the handled exception again.
    exception::pop = PopHandled { saved: Src };
    /// Jumps unless `exception` matches the class or tuple `class`.
    exception::jump_no_match = JumpNoMatch { exception: Src, class: Src, target: Jump };
    /// `except*`: `base` group or None (nothing is left of it), `base+1` class; then `base` the matching part (or None),
    /// `base+1` the rest (or None).
    exception::match_group = MatchGroup { base: Base };
    /// `except*`'s end: `dst =` what is to be raised (or None) from the original `exception` and the list of raised, whose
    /// last item is the part that nothing handled (or None).
    exception::prepare_reraise_star = PrepareReraiseStar { dst: Dst, exception: Src, raised: Src };
    /// Calls `__exit__` in `base`, `base+1` with the exception's three parts; `dst =` its answer.
    exception::with_except = WithExcept { dst: Dst, base: Base, exception: Src };

    // ---- generators and coroutines
    /// Turns the running frame into a generator, coroutine or async generator (by the code's flags) and returns it. Only
    /// `CopyFree` and `MakeCell` may stand before it. That a StopIteration (in an async generator also a
    /// StopAsyncIteration) must not leave the frame is the business of whoever resumes it: there is no handler for that.
    generator::make = MakeGenerator { };
    /// Yields `src`; `dst =` what is sent. `n` = 1: it delegates (`yield from`, `await`) to the iterator in `delegate`.
    generator::yield_value = Yield { n: Small, dst: Dst, src: Src, delegate: Src };
    /// `dst =` the iterator `yield from src` delegates to.
    generator::get_yield_from = GetYieldFrom { dst: Dst, src: Src };
    /// Sends `value` (read and written) to `iterator`: yields it on into `value`, or, when it is exhausted, `value` becomes
    /// the result and it jumps.
    generator::send = Send { value: SrcDst, iterator: Src, target: Jump };
    /// In the handler of a delegation: if `exception` is StopIteration, `dst =` its value, else raises it again.
    generator::cleanup_throw = CleanupThrow { dst: Dst, exception: Src };
    /// `dst =` what `await src` awaits; `n` = 1 from `__aenter__`, 2 from `__aexit__` (the error's wording).
    generator::get_awaitable = GetAwaitable { n: Small, dst: Dst, src: Src };
    /// `dst = aiter(src)`.
    generator::get_aiter = GetAsyncIter { dst: Dst, src: Src };
    /// `dst =` the awaitable of `anext(src)`.
    generator::get_anext = GetAsyncNext { dst: Dst, src: Src };
    /// End of `async for`: if `exception` is StopAsyncIteration goes on, else raises it again.
    generator::end_async_for = EndAsyncFor { exception: Src };
    /// `dst =` the value wrapped for an async generator's yield.
    generator::wrap_async = WrapAsyncYield { dst: Dst, src: Src };

    // ---- pattern matching
    /// `dst =` tuple of the attributes for `case Class(...)`, or None; `base` subject, `base+1` class, `base+2` keyword names;
    /// `n` positional patterns.
    pattern::class = MatchClass { n: Small, dst: Dst, base: Base };
    /// `dst = isinstance(src, Mapping)` by type flag.
    pattern::mapping = MatchMapping { dst: Dst, src: Src };
    /// `dst = isinstance(src, Sequence)` by type flag.
    pattern::sequence = MatchSequence { dst: Dst, src: Src };
    /// `dst =` tuple of the values for the tuple of `keys`, or None.
    pattern::keys = MatchKeys { dst: Dst, src: Src, keys: Src };
    /// `dst =` copy of the mapping without the keys (`**rest`).
    pattern::rest = MatchRest { dst: Dst, src: Src, keys: Src };
    /// `dst = len(src)`.
    pattern::length = GetLength { dst: Dst, src: Src };

    // ---- interactive
    /// `sys.displayhook(src)`.
    control::print_expression = PrintExpression { src: Src };

    // ---- watched code
    /// Stands for the instruction that the compiler's output has at this place, which is done after whoever watches the
    /// program was told. Never in the compiler's output: the interpreter alone puts it into code objects.
    monitor::instrumented = Instrumented { };
    } };
}
