//! The operands of each instruction as a struct of its own, derived from the instruction table: what the handlers decode.
//!
//! Decoding is shifts of a word that is in a register already; each handler takes only the fields it names.

use countless_compiler::bytecode::Instruction;
use countless_compiler::bytecode::instruction::field;

/// A cursor over the places of a word.
struct Cursor {
    word: u64,
    shift: u32,
}

trait Field {
    fn read(cursor: &mut Cursor) -> Self;
}

impl Field for u8 {
    #[inline(always)]
    fn read(cursor: &mut Cursor) -> u8 {
        (cursor.word >> 8) as u8
    }
}

macro_rules! places {
    ($($type:ty, $bits:literal;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn read(cursor: &mut Cursor) -> $type {
                let value = (cursor.word >> cursor.shift) as $type;
                cursor.shift += $bits;
                value
            }
        }
    )*};
}

places! { u16, 16; i16, 16; u32, 32; i32, 32; }

macro_rules! define_operands {
    ($($(#[doc = $doc:literal])* $family:ident :: $handler:ident = $name:ident { $($field:ident : $kind:ident),* };)*) => {$(
        $(#[doc = $doc])*
        #[allow(missing_docs, dead_code)]
        pub struct $name { $(pub $field: field::$kind),* }

        impl $name {
            /// The operands of an instruction with this opcode.
            #[inline(always)]
            #[allow(unused_mut, unused_variables)]
            pub fn decode(word: Instruction) -> $name {
                let mut cursor = Cursor { word: word.0, shift: 16 };
                $name { $($field: Field::read(&mut cursor)),* }
            }
        }
    )*};
}

countless_compiler::for_each_opcode!(define_operands);
