//! `code`: what the compiler made of a module, class or function, as an object.
//!
//! The cell is immutable but for its instruction array, whose words are atomics (an instrumented copy may replace
//! instructions), and the inline cache beside each instruction: zero while empty, else as `object::inline_cache` (for
//! attributes) or `interp::globals` (for names) packs it.

mod methods;
mod restore;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use countless_common::number::complex::Complex;
use countless_compiler::bytecode::liveness::Liveness;
use countless_compiler::bytecode::{Code, CodeFlags, Constant, Opcode};
use countless_gc::{Header, Slot, Tracer};

use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::inline_cache;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

pub use methods::TYPE;

/// An instruction and its inline cache.
#[repr(C)]
pub struct Unit {
    /// The instruction word.
    pub instruction: AtomicU64,
    /// The inline cache.
    pub cache: AtomicU64,
}

/// What the code object owns outside the heap.
struct Body {
    code: Arc<Code>,
    units: Box<[Unit]>,
    /// The numbers of the instructions that have attribute caches.
    cached: Box<[u32]>,
    liveness: OnceLock<Liveness>,
}

/// The cell.
#[repr(C)]
pub struct CodeObject {
    header: Header,
    /// How many arguments a call passes, if all parameters are plain positional ones; [`NOT_SIMPLE`] otherwise.
    pub simple_argument_count: u32,
    /// Size of the window.
    pub register_count: u32,
    /// Named registers.
    pub named_count: u32,
    /// `co_flags`.
    pub flags: u32,
    /// Whether an attribute cache may have been filled: set before the first one is, never reset.
    has_caches: AtomicBool,
    units: *const Unit,
    constants_start: *const Slot,
    names_start: *const Slot,
    body: *const Body,
    constants: RefField<Tuple>,
    names: RefField<Tuple>,
    /// The names of the named registers, interned.
    local_names: RefField<Tuple>,
    name: RefField<Str>,
    qualified_name: RefField<Str>,
    filename: RefField<Str>,
}

/// In [`CodeObject::simple_argument_count`]: there are keyword-only parameters, `*args` or `**kwargs`.
pub const NOT_SIMPLE: u32 = u32::MAX;

/// The layout of code objects.
pub static LAYOUT: Layout =
    Layout::of::<CodeObject>("code", ids::CODE, Some(&super::object::LAYOUT)).with_drop(drop_code);

/// Frees the body.
///
/// # Safety
///
/// The cell is a dead code object.
unsafe fn drop_code(header: *mut Header) {
    // SAFETY: the cell is a code object, whose body (if it was filled) came from a box.
    unsafe {
        let body = (*header.cast::<CodeObject>()).body;
        if !body.is_null() {
            drop(Box::from_raw(body.cast_mut()));
        }
    }
}

// SAFETY: `repr(C)`, header first, zero is a code without body (never run); constants, names and caches are reported.
unsafe impl Cell for CodeObject {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.constants.trace(tracer);
        self.names.trace(tracer);
        self.local_names.trace(tracer);
        self.name.trace(tracer);
        self.qualified_name.trace(tracer);
        self.filename.trace(tracer);
        // Most code of a program has never filled a cache.
        if !self.has_caches.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: null in a cell under construction, else the cell's own body.
        let Some(body) = (unsafe { self.body.as_ref() }) else { return };
        body.attribute_caches().for_each(|cache| inline_cache::trace(cache, tracer));
    }
}

impl Body {
    /// The caches that hold records and guards of type ids. Other caches hold plain numbers.
    fn attribute_caches(&self) -> impl Iterator<Item = &AtomicU64> {
        self.cached.iter().map(|&index| &self.units[index as usize].cache)
    }
}

fn is_attribute_cache(opcode: u8) -> bool {
    const CACHED: [u8; 5] = [
        Opcode::LoadAttr as u8,
        Opcode::StoreAttr as u8,
        Opcode::LoadMethod as u8,
        Opcode::LoadSuperMethod as u8,
        Opcode::Call as u8,
    ];
    CACHED.contains(&opcode)
}

impl CodeObject {
    fn body(&self) -> &Body {
        // SAFETY: filled by `Cx::new_code` before anyone saw the cell, freed only with it.
        unsafe { &*self.body }
    }

    /// To be called before an attribute cache is filled.
    #[inline(always)]
    pub(crate) fn note_caches(&self) {
        self.has_caches.store(true, Ordering::Relaxed);
    }

    /// Empties the inline caches of attributes.
    pub fn forget_caches(&self, cx: &Cx) {
        if !self.has_caches.load(Ordering::Relaxed) {
            return;
        }
        for cache in self.body().attribute_caches() {
            if cache.load(Ordering::Relaxed) != 0 {
                inline_cache::replace(cx, cache, 0);
            }
        }
    }

    /// The compiler's output.
    pub fn code(&self) -> &Arc<Code> {
        &self.body().code
    }

    /// The first unit.
    #[inline(always)]
    pub fn units(&self) -> *const Unit {
        self.units
    }

    /// How many instructions.
    pub fn unit_count(&self) -> usize {
        self.body().units.len()
    }

    /// `co_consts`.
    pub fn constants(&self) -> Ref<Tuple> {
        self.constants.get().expect("a code object has constants")
    }

    /// `co_names`.
    pub fn names(&self) -> Ref<Tuple> {
        self.names.get().expect("a code object has names")
    }

    /// The names of the named registers, interned.
    #[inline]
    pub fn local_names(&self) -> Ref<Tuple> {
        self.local_names.get().expect("a code object has names of locals")
    }

    /// The interned name of a named register.
    pub fn local_name_at(&self, register: usize) -> Ref<Str> {
        // SAFETY: the tuple holds strings only.
        unsafe { Ref::from_value_unchecked(self.local_names().get(register)) }
    }

    /// How many free variables there are.
    pub fn free_count(&self) -> usize {
        self.code().locals.iter().filter(|local| local.is_free).count()
    }

    /// `co_name`.
    pub fn name(&self) -> Ref<Str> {
        self.name.get().expect("a code object has a name")
    }

    /// `co_qualname`.
    pub fn qualified_name(&self) -> Ref<Str> {
        self.qualified_name.get().expect("a code object has a qualified name")
    }

    /// `co_filename`.
    pub fn filename(&self) -> Ref<Str> {
        self.filename.get().expect("a code object has a file name")
    }

    /// A constant.
    #[inline(always)]
    pub fn constant_at(&self, index: usize) -> Value {
        debug_assert!(index < self.constants().len());
        // SAFETY: the verifier proves indices of constants to be in range; items of a tuple are never zero.
        unsafe { Value::from_word((*self.constants_start.add(index)).load_relaxed()).unwrap_unchecked() }
    }

    /// A name: an interned string.
    #[inline(always)]
    pub fn name_at(&self, index: usize) -> Ref<Str> {
        debug_assert!(index < self.names().len());
        // SAFETY: the verifier proves indices of names to be in range; `names` holds strings only.
        unsafe {
            Ref::from_value_unchecked(
                Value::from_word((*self.names_start.add(index)).load_relaxed()).unwrap_unchecked(),
            )
        }
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has_flags(&self, flags: CodeFlags) -> bool {
        self.flags & flags.0 != 0
    }

    /// How many named registers the arguments fill: parameters, `*args` and `**kwargs`.
    #[inline]
    pub fn parameter_registers(&self) -> usize {
        self.code().parameter_register_count() as usize
    }

    /// The name of a named register.
    pub fn local_name(&self, register: usize) -> &str {
        self.code().locals.get(register).map_or("", |local| &local.name)
    }

    /// The line of an instruction, if it has one. A generator that has not begun is at the line of its `def`.
    pub fn line_at(&self, index: usize) -> Option<u32> {
        let code = self.code();
        let line = code.positions.line(index);
        if line.is_none() && code.instructions.get(index).and_then(|word| word.opcode()) == Some(Opcode::MakeGenerator)
        {
            return Some(code.first_line);
        }
        line
    }

    fn liveness(&self) -> &Liveness {
        self.body().liveness.get_or_init(|| Liveness::compute(self.code()))
    }

    /// Calls `visit` with the temporaries that the instruction or a later one reads.
    pub fn for_each_live_before(&self, index: usize, visit: &mut impl FnMut(u32)) {
        self.liveness().iter_before(index).for_each(visit);
    }

    /// Calls `visit` with the temporaries that live while the call (or suspension) at the instruction lasts: what is read
    /// later and is not written by the instruction itself.
    pub fn for_each_live_during_call(&self, index: usize, visit: &mut impl FnMut(u32)) {
        self.liveness().iter_after(index).for_each(visit);
    }
}

fn is_name_like(text: &[u8]) -> bool {
    text.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Cx {
    /// The heap's code object of the compiler's.
    pub fn new_code(&self, code: &Arc<Code>) -> PyResult<Ref<CodeObject>> {
        self.check_native_stack()?;
        let constants = self.new_blank_tuple(code.constants.len());
        for index in 0..code.constants.len() {
            constants.init(index, Value::NONE);
        }
        // Realising one constant may collect: the tuple is filled (with None) before.
        for (index, constant) in code.constants.iter().enumerate() {
            let value = self.new_constant(constant)?;
            constants.init(index, value);
        }
        let names = self.interned_names(code.names.iter().map(|name| &**name));
        Ok(self.assemble_code(Arc::clone(code), constants, names))
    }

    /// Code with constants that exist already, which fit it as the verifier demands.
    pub(crate) fn new_code_with_constants(&self, code: Arc<Code>, constants: Ref<Tuple>) -> Ref<CodeObject> {
        let names = self.interned_names(code.names.iter().map(|name| &**name));
        self.assemble_code(code, constants, names)
    }

    fn interned_names<'a>(&self, names: impl ExactSizeIterator<Item = &'a str>) -> Ref<Tuple> {
        let tuple = self.new_blank_tuple(names.len());
        for index in 0..names.len() {
            tuple.init(index, Value::NONE);
        }
        for (index, name) in names.enumerate() {
            tuple.init(index, self.intern_str(name).value());
        }
        tuple
    }

    fn assemble_code(&self, code: Arc<Code>, constants: Ref<Tuple>, names: Ref<Tuple>) -> Ref<CodeObject> {
        let local_names = self.interned_names(code.locals.iter().map(|local| &*local.name));
        let name = self.intern_str(&code.name);
        let qualified_name = self.intern_str(&code.qualified_name);
        let filename = self.intern_str(&code.filename);
        let units: Box<[Unit]> = code
            .instructions
            .iter()
            .map(|instruction| Unit { instruction: AtomicU64::new(instruction.0), cache: AtomicU64::new(0) })
            .collect();
        let plain = CodeFlags(CodeFlags::VARARGS.0 | CodeFlags::VARKEYWORDS.0);
        let is_simple = !code.flags.has(plain) && code.keyword_only_count == 0;
        let first_item = |tuple: Ref<Tuple>| tuple.as_ptr().wrapping_add(1).cast::<Slot>();
        let has_cache = |unit: &Unit| is_attribute_cache(unit.instruction.load(Ordering::Relaxed) as u8);
        let cached = (0..units.len() as u32).filter(|&index| has_cache(&units[index as usize])).collect();
        let body = Body { units, cached, liveness: OnceLock::new(), code };
        let body_code = &body.code;
        let contents = CodeObject {
            header: Header::default(),
            simple_argument_count: if is_simple { body_code.argument_count } else { NOT_SIMPLE },
            register_count: body_code.register_count,
            named_count: body_code.locals.len() as u32,
            flags: body_code.flags.0,
            has_caches: AtomicBool::new(false),
            units: body.units.as_ptr(),
            constants_start: first_item(constants),
            names_start: first_item(names),
            constants: RefField::new(constants),
            names: RefField::new(names),
            local_names: RefField::new(local_names),
            name: RefField::new(name),
            qualified_name: RefField::new(qualified_name),
            filename: RefField::new(filename),
            body: Box::into_raw(Box::new(body)),
        };
        self.allocate(contents)
    }

    /// The value of a compiler's constant.
    pub fn new_constant(&self, constant: &Constant) -> PyResult {
        Ok(match constant {
            Constant::None => Value::NONE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Bool(value) => Value::bool(*value),
            Constant::Int(value) => self.new_int(*value),
            Constant::BigInt(value) => self.new_int_from_big((**value).clone()),
            Constant::Float(value) => self.new_float(*value),
            Constant::Complex(real, imaginary) => self.new_complex(Complex { re: *real, im: *imaginary }),
            // Text that may be a name is interned, as CPython does.
            Constant::Str(text) if is_name_like(text.as_bytes()) => self.intern_text(text).value(),
            Constant::Str(text) => self.new_str_wtf8(text).value(),
            Constant::Bytes(bytes) => self.new_bytes(bytes).into(),
            Constant::Tuple(items) => self.new_constant_tuple(items)?.value(),
            Constant::FrozenSet(items) => {
                let items = self.new_constant_tuple(items)?;
                let set = self.new_frozen_set();
                items.iter().try_for_each(|item| set.add(self, item).map(drop))?;
                set.value()
            }
            Constant::Slice(parts) => {
                let parts = self.new_constant_tuple(&parts[..])?;
                self.new_slice(parts.get(0), parts.get(1), parts.get(2)).value()
            }
            Constant::Code(code) => self.new_code(code)?.value(),
        })
    }

    fn new_constant_tuple(&self, items: &[Constant]) -> PyResult<Ref<Tuple>> {
        self.check_native_stack()?;
        let tuple = self.new_blank_tuple(items.len());
        for index in 0..items.len() {
            tuple.init(index, Value::NONE);
        }
        for (index, item) in items.iter().enumerate() {
            tuple.init(index, self.new_constant(item)?);
        }
        Ok(tuple)
    }
}
