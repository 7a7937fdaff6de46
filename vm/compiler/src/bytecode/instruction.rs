//! The instruction word, and what is derived from the table: [`Opcode`], [`Op`] with named fields, encoder and decoder.
//!
//! Invariants: a word is `op | n << 8 | a << 16 | b << 32 | c << 48`; an `Instruction` made by [`Op::encode`] always
//! has a valid opcode; words from outside pass [`Instruction::opcode`] (which checks) before anything else reads them.

use super::ops::OperandKind;

/// One instruction: 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Instruction(pub u64);

const _: () = assert!(size_of::<Instruction>() == 8);

impl Instruction {
    /// The opcode's number.
    #[inline(always)]
    pub const fn number(self) -> u8 {
        self.0 as u8
    }

    /// Whether the small operand, of an opcode that has one, is not zero.
    #[inline(always)]
    pub const fn has_n(self) -> bool {
        self.0 & 0xff00 != 0
    }

    /// The opcode, if the number stands for one.
    #[inline]
    pub fn opcode(self) -> Option<Opcode> {
        Opcode::ALL.get(self.number() as usize).copied()
    }

    /// The 8-bit field.
    #[inline(always)]
    pub const fn n(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The first 16-bit place.
    #[inline(always)]
    pub const fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The second 16-bit place.
    #[inline(always)]
    pub const fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// The third 16-bit place.
    #[inline(always)]
    pub const fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The first and second place as one number.
    #[inline(always)]
    pub const fn ab(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// The second and third place as one number.
    #[inline(always)]
    pub const fn bc(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The raw bits of an operand.
    pub fn operand(self, operand: &Operand) -> u32 {
        match (operand.place, operand.kind.is_wide()) {
            (Place::N, _) => u32::from(self.n()),
            (Place::A, false) => u32::from(self.a()),
            (Place::B, false) => u32::from(self.b()),
            (Place::C, _) => u32::from(self.c()),
            (Place::A, true) => self.ab(),
            (Place::B, true) => self.bc(),
        }
    }

    /// The same instruction with an operand's raw bits replaced (bits that do not fit are cut off).
    pub fn with_operand(self, operand: &Operand, bits: u32) -> Instruction {
        let (shift, mask) = match (operand.place, operand.kind.is_wide()) {
            (Place::N, _) => (8, 0xff),
            (Place::A, false) => (16, 0xffff),
            (Place::B, false) => (32, 0xffff),
            (Place::C, _) => (48, 0xffff),
            (Place::A, true) => (16, 0xffff_ffff),
            (Place::B, true) => (32, 0xffff_ffff),
        };
        Instruction(self.0 & !(mask << shift) | (u64::from(bits) & mask) << shift)
    }
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Op::decode(*self) {
            Some(op) => op.fmt(out),
            None => write!(out, "Instruction({:#x})", self.0),
        }
    }
}

/// Where in the word an operand starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The 8-bit field.
    N,
    /// The first 16-bit place.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

/// An operand of an opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The field's name in the table.
    pub name: &'static str,
    /// How it is read.
    pub kind: OperandKind,
    /// Where it starts.
    pub place: Place,
}

impl OperandKind {
    /// Whether it takes two 16-bit places.
    pub const fn is_wide(self) -> bool {
        matches!(self, OperandKind::ConstWide | OperandKind::ImmWide | OperandKind::JumpWide)
    }

    /// Whether it names a register.
    pub const fn is_register(self) -> bool {
        matches!(self, OperandKind::Dst | OperandKind::Src | OperandKind::SrcDst | OperandKind::Base)
    }

    /// Whether it is a jump distance.
    pub const fn is_jump(self) -> bool {
        matches!(self, OperandKind::Jump | OperandKind::JumpWide)
    }
}

/// Assigns places to the operands of one row, in order.
const fn with_places<const N: usize>(rows: [(&'static str, OperandKind); N]) -> [Operand; N] {
    let mut operands = [Operand { name: "", kind: OperandKind::Small, place: Place::N }; N];
    let mut next = 0;
    let mut at = 0;
    while at < N {
        let (name, kind) = rows[at];
        let place = match (kind, next) {
            (OperandKind::Small, _) => Place::N,
            (_, 0) => Place::A,
            (_, 1) => Place::B,
            (_, 2) => Place::C,
            _ => panic!("a row of the instruction table has more operands than places"),
        };
        if !matches!(kind, OperandKind::Small) {
            next += 1 + kind.is_wide() as usize;
        }
        assert!(next <= 3, "a row of the instruction table has more operands than places");
        operands[at] = Operand { name, kind, place };
        at += 1;
    }
    operands
}

/// The Rust type of an operand of each kind, for whoever derives code from the instruction table.
#[allow(missing_docs)]
pub mod field {
    pub type Dst = u16;
    pub type Src = u16;
    pub type SrcDst = u16;
    pub type Base = u16;
    pub type Const = u16;
    pub type ConstWide = u32;
    pub type Name = u16;
    pub type Imm = i16;
    pub type ImmWide = i32;
    pub type Jump = i16;
    pub type JumpWide = i32;
    pub type Count = u16;
    pub type Small = u8;
}

/// A cursor over the places of a word; each field type takes what it needs.
struct Cursor {
    word: u64,
    shift: u32,
}

/// A field type's way in and out of the word.
trait Field: Sized {
    fn write(self, cursor: &mut Cursor);
    fn read(cursor: &mut Cursor) -> Self;
}

impl Field for u8 {
    #[inline(always)]
    fn write(self, cursor: &mut Cursor) {
        cursor.word |= u64::from(self) << 8;
    }

    #[inline(always)]
    fn read(cursor: &mut Cursor) -> u8 {
        (cursor.word >> 8) as u8
    }
}

macro_rules! wide_field {
    ($($type:ty as $unsigned:ty, $bits:literal;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn write(self, cursor: &mut Cursor) {
                cursor.word |= u64::from(self as $unsigned) << cursor.shift;
                cursor.shift += $bits;
            }

            #[inline(always)]
            fn read(cursor: &mut Cursor) -> $type {
                let bits = (cursor.word >> cursor.shift) as $unsigned;
                cursor.shift += $bits;
                bits as $type
            }
        }
    )*};
}

wide_field! { u16 as u16, 16; i16 as u16, 16; u32 as u32, 32; i32 as u32, 32; }

macro_rules! define_opcodes {
    ($($(#[doc = $doc:literal])* $family:ident :: $handler:ident = $name:ident { $($field:ident : $kind:ident),* };)*) => {
        /// The opcodes, in the order of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode { $($(#[doc = $doc])* $name,)* }

        impl Opcode {
            /// All of them, by number.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$name,)*];

            /// The name in the table.
            pub const fn name(self) -> &'static str {
                match self { $(Opcode::$name => stringify!($name),)* }
            }

            /// The operands in the table's order, with their places.
            pub const fn operands(self) -> &'static [Operand] {
                match self {
                    $(Opcode::$name => {
                        const OPERANDS: &[Operand] =
                            &with_places([$((stringify!($field), OperandKind::$kind),)*]);
                        OPERANDS
                    })*
                }
            }
        }

        /// An instruction taken apart into named fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Op { $($(#[doc = $doc])* $name { $($field: field::$kind),* },)* }

        impl Op {
            /// The opcode.
            pub const fn opcode(self) -> Opcode {
                match self { $(Op::$name { .. } => Opcode::$name,)* }
            }

            /// The instruction word.
            #[allow(unused_mut)]
            pub fn encode(self) -> Instruction {
                match self {
                    $(Op::$name { $($field),* } => {
                        let mut cursor = Cursor { word: Opcode::$name as u64, shift: 16 };
                        $($field.write(&mut cursor);)*
                        Instruction(cursor.word)
                    })*
                }
            }

            /// The fields of a word; `None` if its opcode is not in the table.
            #[allow(unused_mut, unused_variables)]
            pub fn decode(instruction: Instruction) -> Option<Op> {
                let mut cursor = Cursor { word: instruction.0, shift: 16 };
                Some(match instruction.opcode()? {
                    $(Opcode::$name => Op::$name { $($field: Field::read(&mut cursor)),* },)*
                })
            }
        }
    };
}

crate::for_each_opcode!(define_opcodes);

impl Opcode {
    /// Whether control never goes on to the next instruction.
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Opcode::Jump | Opcode::JumpBack | Opcode::Return | Opcode::ReturnNone | Opcode::Raise | Opcode::Reraise
        )
    }

    /// The jump operand, if there is one.
    pub fn jump_operand(self) -> Option<&'static Operand> {
        self.operands().iter().find(|operand| operand.kind.is_jump())
    }
}

impl Instruction {
    /// The jump's distance in instructions from the following one, if this is a jump.
    pub fn jump_distance(self) -> Option<i32> {
        let operand = self.opcode()?.jump_operand()?;
        let bits = self.operand(operand);
        Some(match operand.kind {
            OperandKind::Jump => i32::from(bits as u16 as i16),
            _ => bits as i32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips() {
        let ops = [
            Op::Nop {},
            Op::Add { n: 1, dst: 7, a: 65535, b: 3 },
            Op::LoadInt { dst: 2, value: -5 },
            Op::JumpLessI { n: 1, a: 4, value: -1, target: -300 },
            Op::Jump { target: -70000 },
            Op::JumpIfTrue { src: 9, target: i32::MIN },
        ];
        for op in ops {
            assert_eq!(Op::decode(op.encode()), Some(op));
        }
        assert_eq!(Op::Jump { target: -70000 }.encode().jump_distance(), Some(-70000));
        assert_eq!(Op::decode(Instruction(255)), None);
    }

    #[test]
    fn operands_can_be_replaced_one_by_one() {
        let instruction = Op::Add { n: 1, dst: 7, a: 8, b: 9 }.encode();
        let replaced = Opcode::Add
            .operands()
            .iter()
            .fold(instruction, |word, operand| word.with_operand(operand, word.operand(operand) + 1));
        assert_eq!(Op::decode(replaced), Some(Op::Add { n: 2, dst: 8, a: 9, b: 10 }));
    }
}
