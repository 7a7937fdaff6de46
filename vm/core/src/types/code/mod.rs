//! `code`: what the compiler made of a module, class or function, as an object.
//!
//! The cell is immutable once it has been loaded (`packed`), but for its instruction array, whose words are atomics (an
//! instrumented copy may replace instructions), and the inline cache beside each instruction: zero while empty, else as `object::inline_cache` (for
//! attributes) or `interp::globals` (for names) packs it.

mod methods;
mod packed;
pub(crate) mod registry;
mod restore;
mod watch;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use countless_common::number::complex::Complex;
use countless_common::wtf8::Wtf8;
use countless_compiler::bytecode::liveness::Liveness;
use countless_compiler::bytecode::{Code, CodeFlags, Constant, Instruction, Opcode};
use countless_gc::{Header, Slot, Tracer};

use super::bytes::Bytes;
use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use crate::interp::monitor::instrument::WatchTable;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::inline_cache;
use crate::object::value::Value;
use crate::raise;
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

/// What a code object that has been loaded owns outside the heap.
struct Body {
    units: Box<[Unit]>,
    /// The numbers of the instructions that have attribute caches.
    cached: Box<[u32]>,
    liveness: OnceLock<Liveness>,
    /// Where what the program wrote begins: behind what prepares cells, and makes a generator of the frame.
    entry: u32,
    /// The instructions behind yields.
    resumptions: Box<[u32]>,
    /// What is told of whom; null until somebody watches. From a box.
    watch_table: AtomicPtr<WatchTable>,
    /// The code object's place in the list of all.
    registry_index: AtomicUsize,
}

/// The cell.
///
/// Code of the packed library is *loaded* when a frame first runs it (`packed`): until then only what stands before `units`
/// here, the names and the file are there.
#[repr(C)]
pub struct CodeObject {
    header: Header,
    /// How many arguments a call passes, if all parameters are plain positional ones and the code has been loaded;
    /// [`NOT_SIMPLE`] otherwise, so that calls take the way that loads it.
    simple_argument_count: AtomicU32,
    /// Size of the window.
    pub register_count: u32,
    /// Named registers.
    pub named_count: u32,
    /// `co_flags`.
    pub flags: u32,
    /// `co_argcount`.
    pub argument_count: u32,
    /// `co_posonlyargcount`.
    pub positional_only_count: u32,
    /// `co_kwonlyargcount`.
    pub keyword_only_count: u32,
    free_count: u32,
    /// Whether an attribute cache may have been filled: set before the first one is, never reset.
    has_caches: AtomicBool,
    /// Whether somebody wants to be told of something in this code.
    watched: AtomicBool,
    /// Null until the code has been loaded; stored last.
    units: AtomicPtr<Unit>,
    constants_start: AtomicPtr<Slot>,
    names_start: AtomicPtr<Slot>,
    body: AtomicPtr<Body>,
    /// An `Arc`'s pointer. Null until somebody wants it, if the code is packed.
    code: AtomicPtr<Code>,
    /// Where in an image the code stands, if it comes from one.
    place: u32,
    /// Whether the constants are those of `code`, so that all can be written as an image.
    has_own_constants: bool,
    /// The image: of the packed library, or bytes of `image_owner`.
    image: Option<&'static [u8]>,
    image_owner: RefField<Bytes>,
    constants: RefField<Tuple>,
    names: RefField<Tuple>,
    /// The names of the named registers, interned.
    local_names: RefField<Tuple>,
    name: RefField<Str>,
    qualified_name: RefField<Str>,
    filename: RefField<Str>,
}

/// Offsets that programs see count two for each instruction. The first two are those of a frame that is beginning: no
/// instruction is there, but a line, that of the `def`.
pub const fn offset_of(index: usize) -> i64 {
    2 * (index as i64 + 1)
}

/// The instruction at an offset.
pub const fn index_of(offset: i64) -> usize {
    match offset / 2 {
        number if number > 0 => number as usize - 1,
        _ => 0,
    }
}

/// In [`CodeObject::simple_argument_count`]: there are keyword-only parameters, `*args` or `**kwargs`.
pub const NOT_SIMPLE: u32 = u32::MAX;

/// The layout of code objects.
pub static LAYOUT: Layout =
    Layout::of::<CodeObject>("code", ids::CODE, Some(&super::object::LAYOUT)).with_drop(drop_code);

/// Frees what is outside the heap.
///
/// # Safety
///
/// The cell is a dead code object.
unsafe fn drop_code(header: *mut Header) {
    // SAFETY: the cell is a code object; what is not null came from a box and from an `Arc`.
    unsafe {
        let cell = &*header.cast::<CodeObject>();
        let (body, code) = (cell.body.load(Ordering::Relaxed), cell.code.load(Ordering::Relaxed));
        if !body.is_null() {
            let body = Box::from_raw(body);
            registry::lock().remove(body.registry_index.load(Ordering::Relaxed));
            let table = body.watch_table.load(Ordering::Relaxed);
            if !table.is_null() {
                drop(Box::from_raw(table));
            }
        }
        if !code.is_null() {
            drop(Arc::from_raw(code));
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
        self.image_owner.trace(tracer);
        // Most code of a program has never filled a cache.
        if !self.has_caches.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: null, or the cell's own body.
        let Some(body) = (unsafe { self.body.load(Ordering::Acquire).as_ref() }) else { return };
        body.attribute_caches().for_each(|cache| inline_cache::trace(cache, tracer));
    }
}

impl Body {
    fn new(instructions: impl Iterator<Item = Instruction>) -> Body {
        let unit =
            |instruction: Instruction| Unit { instruction: AtomicU64::new(instruction.0), cache: AtomicU64::new(0) };
        let units: Box<[Unit]> = instructions.map(unit).collect();
        let opcode = |unit: &Unit| unit.instruction.load(Ordering::Relaxed) as u8;
        let entry = units.iter().position(|unit| !is_prologue(opcode(unit))).unwrap_or(0);
        let yields = units.iter().enumerate().filter(|(_, unit)| opcode(unit) == Opcode::Yield as u8);
        let resumptions = yields.map(|(index, _)| index as u32 + 1).collect();
        let has_cache = |unit: &Unit| is_attribute_cache(unit.instruction.load(Ordering::Relaxed) as u8);
        let cached = (0..units.len() as u32).filter(|&index| has_cache(&units[index as usize])).collect();
        Body {
            entry: entry as u32,
            resumptions,
            units,
            cached,
            liveness: OnceLock::new(),
            watch_table: AtomicPtr::default(),
            registry_index: AtomicUsize::new(0),
        }
    }

    /// The caches that hold records and guards of type ids. Other caches hold plain numbers.
    fn attribute_caches(&self) -> impl Iterator<Item = &AtomicU64> {
        self.cached.iter().map(|&index| &self.units[index as usize].cache)
    }
}

fn is_prologue(opcode: u8) -> bool {
    const PROLOGUE: [u8; 3] = [Opcode::CopyFree as u8, Opcode::MakeCell as u8, Opcode::MakeGenerator as u8];
    PROLOGUE.contains(&opcode)
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
        let body = self.body.load(Ordering::Acquire);
        assert!(!body.is_null(), "code that runs has been loaded");
        // SAFETY: set once, freed only with the cell.
        unsafe { &*body }
    }

    /// How many arguments a call passes, if it is as simple as that (see the field).
    #[inline(always)]
    pub fn simple_argument_count(&self) -> u32 {
        self.simple_argument_count.load(Ordering::Acquire)
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

    /// The compiler's output; what is nested in code from an image or a bytecode file is not part of it.
    pub fn code(&self) -> &Code {
        let mut code = self.code.load(Ordering::Acquire);
        if code.is_null() {
            code = self.read_packed();
        }
        // SAFETY: the `Arc` is given back only with the cell.
        unsafe { &*code }
    }

    /// The first unit. The code has been loaded.
    #[inline(always)]
    pub fn units(&self) -> *const Unit {
        self.units.load(Ordering::Relaxed)
    }

    /// How many instructions.
    pub fn unit_count(&self) -> usize {
        self.body().units.len()
    }

    /// The names of the named registers, interned. The code has been loaded.
    #[inline]
    pub fn local_names(&self) -> Ref<Tuple> {
        self.local_names.get().expect("a code object has names of locals")
    }

    /// The interned name of a named register. The code has been loaded.
    pub fn local_name_at(&self, register: usize) -> Ref<Str> {
        // SAFETY: the tuple holds strings only.
        unsafe { Ref::from_value_unchecked(self.local_names().get(register)) }
    }

    /// How many free variables there are.
    pub fn free_count(&self) -> usize {
        self.free_count as usize
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

    /// A constant. The code has been loaded.
    #[inline(always)]
    pub fn constant_at(&self, index: usize) -> Value {
        debug_assert!(self.constants.get().is_some_and(|constants| index < constants.len()));
        let start = self.constants_start.load(Ordering::Relaxed);
        // SAFETY: the verifier proves indices of constants to be in range; items of a tuple are never zero.
        unsafe { Value::from_word((*start.add(index)).load_relaxed()).unwrap_unchecked() }
    }

    /// A name: an interned string. The code has been loaded.
    #[inline(always)]
    pub fn name_at(&self, index: usize) -> Ref<Str> {
        debug_assert!(self.names.get().is_some_and(|names| index < names.len()));
        let start = self.names_start.load(Ordering::Relaxed);
        // SAFETY: the verifier proves indices of names to be in range; `names` holds strings only.
        unsafe { Ref::from_value_unchecked(Value::from_word((*start.add(index)).load_relaxed()).unwrap_unchecked()) }
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has_flags(&self, flags: CodeFlags) -> bool {
        self.flags & flags.0 != 0
    }

    /// How many named registers the arguments fill: parameters, `*args` and `**kwargs`.
    #[inline]
    pub fn parameter_registers(&self) -> usize {
        let extra = |flag: CodeFlags| usize::from(self.has_flags(flag));
        (self.argument_count + self.keyword_only_count) as usize
            + extra(CodeFlags::VARARGS)
            + extra(CodeFlags::VARKEYWORDS)
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

    /// The line of a frame that is beginning: that of the `def`, and 0 for modules.
    pub fn start_line(&self) -> u32 {
        let code = self.code();
        let is_module = !code.flags.has(CodeFlags::NEWLOCALS) && &*code.name == "<module>";
        if is_module { 0 } else { code.first_line }
    }

    /// Which temporaries live where.
    pub(crate) fn liveness(&self) -> &Liveness {
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

fn simple_argument_count(flags: CodeFlags, argument_count: u32, keyword_only_count: u32) -> u32 {
    let is_simple = !flags.has(CodeFlags::VARARGS) && !flags.has(CodeFlags::VARKEYWORDS) && keyword_only_count == 0;
    if is_simple { argument_count } else { NOT_SIMPLE }
}

fn first_item(tuple: Ref<Tuple>) -> *mut Slot {
    tuple.as_ptr().wrapping_add(1).cast_mut().cast::<Slot>()
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
        let names = self.interned_names(code.names.iter().map(|name| Wtf8::new(name)));
        Ok(self.assemble_code(Arc::clone(code), constants, names, true))
    }

    /// Code with constants that exist already, which fit it as the verifier demands.
    pub(crate) fn new_code_with_constants(&self, code: Arc<Code>, constants: Ref<Tuple>) -> Ref<CodeObject> {
        let names = self.interned_names(code.names.iter().map(|name| Wtf8::new(name)));
        self.assemble_code(code, constants, names, false)
    }

    fn interned_names<'a>(&self, names: impl ExactSizeIterator<Item = &'a Wtf8>) -> Ref<Tuple> {
        let tuple = self.new_blank_tuple(names.len());
        for index in 0..names.len() {
            tuple.init(index, Value::NONE);
        }
        for (index, name) in names.enumerate() {
            tuple.init(index, self.intern_text(name).value());
        }
        tuple
    }

    fn assemble_code(
        &self,
        code: Arc<Code>,
        constants: Ref<Tuple>,
        names: Ref<Tuple>,
        has_own_constants: bool,
    ) -> Ref<CodeObject> {
        let local_names = self.interned_names(code.locals.iter().map(|local| Wtf8::new(&local.name)));
        let name = self.intern_str(&code.name);
        let qualified_name = self.intern_str(&code.qualified_name);
        let filename = self.intern_str(&code.filename);
        let body = Body::new(code.instructions.iter().copied());
        let simple = simple_argument_count(code.flags, code.argument_count, code.keyword_only_count);
        let contents = CodeObject {
            header: Header::default(),
            simple_argument_count: AtomicU32::new(simple),
            register_count: code.register_count,
            named_count: code.locals.len() as u32,
            flags: code.flags.0,
            argument_count: code.argument_count,
            positional_only_count: code.positional_only_count,
            keyword_only_count: code.keyword_only_count,
            free_count: code.locals.iter().filter(|local| local.is_free).count() as u32,
            has_caches: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            units: AtomicPtr::new(body.units.as_ptr().cast_mut()),
            constants_start: AtomicPtr::new(first_item(constants)),
            names_start: AtomicPtr::new(first_item(names)),
            body: AtomicPtr::new(Box::into_raw(Box::new(body))),
            code: AtomicPtr::new(Arc::into_raw(code).cast_mut()),
            place: 0,
            has_own_constants,
            image: None,
            image_owner: RefField::empty(),
            constants: RefField::new(constants),
            names: RefField::new(names),
            local_names: RefField::new(local_names),
            name: RefField::new(name),
            qualified_name: RefField::new(qualified_name),
            filename: RefField::new(filename),
        };
        let object = self.allocate(contents);
        self.register_code(object);
        object
    }

    /// The str of a constant's text: what may be a name is interned, as CPython does.
    fn new_constant_text(&self, text: &Wtf8) -> Value {
        if is_name_like(text.as_bytes()) { self.intern_text(text).value() } else { self.new_str_wtf8(text).value() }
    }

    /// The value of a compiler's constant.
    fn new_constant(&self, constant: &Constant) -> PyResult {
        Ok(match constant {
            Constant::None => Value::NONE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Bool(value) => Value::bool(*value),
            Constant::Int(value) => self.new_int(*value),
            Constant::BigInt(value) => self.new_int_from_big((**value).clone()),
            Constant::Float(value) => self.new_float(*value),
            Constant::Complex(real, imaginary) => self.new_complex(Complex { re: *real, im: *imaginary }),
            Constant::Str(text) => self.new_constant_text(text),
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
            Constant::Nested(_) => return Err(raise!(self, SystemError, "code that is kept elsewhere is no constant")),
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
