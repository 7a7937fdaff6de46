"""Names and kinds of the register instructions that this interpreter runs.

The instruction set is not CPython's: each instruction is one word with its operands, there is no evaluation stack and
no EXTENDED_ARG prefix.
"""

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg",
           "hasconst", "hasname", "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

import _opcode
from _opcode_metadata import HAVE_ARGUMENT, opmap

EXTENDED_ARG = -1
cmp_op = ("<", "<=", "==", "!=", ">", ">=")

opname = [f"<{number}>" for number in range(max(opmap.values()) + 1)]
for _name, _number in opmap.items():
    opname[_number] = _name
del _name, _number


def _select(has_kind):
    return [number for number in opmap.values() if has_kind(number)]


hasarg = _select(_opcode.has_arg)
hasconst = _select(_opcode.has_const)
hasname = _select(_opcode.has_name)
hasjump = _select(_opcode.has_jump)
hasfree = _select(_opcode.has_free)
haslocal = _select(_opcode.has_local)
hasexc = _select(_opcode.has_exc)
hasjrel = hasjump
hasjabs = []
hascompare = []


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """Compute the stack effect of an instruction: always 0, since operands are registers."""
    if not _opcode.is_valid(opcode):
        raise ValueError("invalid opcode or oparg")
    if jump not in (None, True, False):
        raise ValueError("stack_effect: jump must be False, True or None")
    return 0
