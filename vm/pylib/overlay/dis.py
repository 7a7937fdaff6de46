"""Disassembler of the register instructions that this interpreter runs.

The interface is that of CPython's module; the instructions are this interpreter's own and come decoded from the
native module `_opcode`, so that there is one decoder.
"""

import collections
import io
import sys
import types

import _opcode
from opcode import *
from opcode import __all__ as _opcode_names

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _opcode_names
del _opcode_names

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
    0x4000000: "HAS_DOCSTRING",
    0x8000000: "METHOD",
}

Positions = collections.namedtuple(
    "Positions", "lineno end_lineno col_offset end_col_offset", defaults=(None,) * 4)

Instruction = collections.namedtuple(
    "Instruction",
    "opname opcode arg argval argrepr offset start_offset starts_line line_number label positions cache_info",
    defaults=(None, None, None))
Instruction.is_jump_target = property(lambda self: self.label is not None)
Instruction.jump_target = property(lambda self: self.argval if self.opcode in hasjump else None)
Instruction.oparg = property(lambda self: self.arg)


def pretty_flags(flags):
    """Return the names of a code object's flags."""
    names = []
    bit = 1
    while flags:
        if flags & bit:
            names.append(COMPILER_FLAG_NAMES.get(bit, hex(bit)))
            flags &= ~bit
        bit <<= 1
    return ", ".join(names) or "0x0"


def _get_code_object(source):
    """Find the code object behind a function, method, generator, class body source or string."""
    for attribute in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        source = getattr(source, attribute, source)
    if isinstance(source, str):
        try:
            return compile(source, "<disassembly>", "eval")
        except SyntaxError:
            return compile(source, "<disassembly>", "exec")
    if isinstance(source, types.CodeType):
        return source
    raise TypeError(f"don't know how to disassemble {type(source).__name__} objects")


def findlinestarts(code):
    """Yield (offset, line) where a new source line begins."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def findlabels(code):
    """Return the offsets that some instruction may jump to."""
    return [instruction.offset for instruction in get_instructions(code) if instruction.is_jump_target]


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Yield an Instruction for each instruction of a function, method, string of source code or code object."""
    code = _get_code_object(x)
    shift = 0 if first_line is None else first_line - code.co_firstlineno
    labels = 0
    last_line = False
    for offset, number, arg, value, text, positions, is_target in _opcode.instructions(code):
        positions = Positions(*positions)
        line = None if positions.lineno is None else positions.lineno + shift
        if is_target:
            labels += 1
        yield Instruction(opname[number], number, arg, value, text, offset, offset, line != last_line, line,
                          labels if is_target else None, positions)
        last_line = line


def code_info(x):
    """Return a multi-line description of a code object."""
    code = _get_code_object(x)
    rows = [
        ("Name", code.co_name),
        ("Filename", code.co_filename),
        ("Argument count", code.co_argcount),
        ("Positional-only arguments", code.co_posonlyargcount),
        ("Kw-only arguments", code.co_kwonlyargcount),
        ("Number of locals", code.co_nlocals),
        ("Stack size", code.co_stacksize),
        ("Flags", pretty_flags(code.co_flags)),
    ]
    lines = [f"{title + ':':<18}{value}" for title, value in rows]
    tables = [
        ("Constants", [repr(constant) for constant in code.co_consts]),
        ("Names", code.co_names),
        ("Variable names", code.co_varnames),
        ("Free variables", code.co_freevars),
        ("Cell variables", code.co_cellvars),
    ]
    for title, values in tables:
        if values:
            lines.append(f"{title}:")
            lines.extend(f"{index:>4}: {value}" for index, value in enumerate(values))
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Print what code_info returns."""
    print(code_info(co), file=file)


def _write(code, lasti, file, show_offsets, show_positions):
    for instruction in get_instructions(code):
        if instruction.starts_line and instruction.offset:
            print(file=file)
        if show_positions:
            place = ":".join("?" if part is None else str(part) for part in instruction.positions)
        else:
            place = str(instruction.line_number or "--") if instruction.starts_line else ""
        label = f"L{instruction.label}:" if instruction.is_jump_target else ""
        offset = f"{instruction.offset:>6}" if show_offsets else ""
        mark = "-->" if instruction.offset == lasti else ""
        row = f"{place:>5} {mark:>3} {label:>5}{offset} {instruction.opname:<24} {instruction.argrepr}"
        print(row.rstrip(), file=file)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False,
                show_positions=False):
    """Print the instructions of one code object."""
    _write(co, lasti, file, show_offsets, show_positions)


disco = disassemble


def _disassemble_recursive(code, depth, file, options):
    disassemble(code, file=file, **options)
    if depth is not None and depth <= 0:
        return
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            print(f"\nDisassembly of {constant!r}:", file=file)
            _disassemble_recursive(constant, None if depth is None else depth - 1, file, options)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False,
        show_positions=False):
    """Disassemble classes, methods, functions, code or the last traceback."""
    options = {"show_offsets": show_offsets, "show_positions": show_positions}
    if x is None:
        distb(file=file, **options)
        return
    if isinstance(x, (type, types.ModuleType)):
        for name, member in sorted(vars(x).items()):
            try:
                code = _get_code_object(member) if not isinstance(member, str) else None
            except TypeError:
                code = None
            if code is not None:
                print(f"Disassembly of {name}:", file=file)
                _disassemble_recursive(code, depth, file, options)
                print(file=file)
        return
    _disassemble_recursive(_get_code_object(x), depth, file, options)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassemble a traceback (by default the last one), marking where it was raised."""
    if tb is None:
        last = getattr(sys, "last_exc", None)
        if last is None:
            raise RuntimeError("no last traceback to disassemble")
        tb = last.__traceback__
        while tb.tb_next:
            tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


class Bytecode:
    """The instructions of one piece of code: iterate over it, or call dis() for text."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False,
                 show_offsets=False, show_positions=False):
        self.codeobj = _get_code_object(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self.show_offsets = show_offsets
        self.show_positions = show_positions
        self._original_object = x

    def __iter__(self):
        return get_instructions(self.codeobj, first_line=self.first_line)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """Build a Bytecode for the innermost frame of a traceback."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def info(self):
        """Return a description of the code object."""
        return code_info(self.codeobj)

    def dis(self):
        """Return the instructions as text."""
        with io.StringIO() as text:
            lasti = -1 if self.current_offset is None else self.current_offset
            _write(self.codeobj, lasti, text, self.show_offsets, self.show_positions)
            return text.getvalue()


def main(args=None):
    """Disassemble a file, or standard input."""
    import argparse

    parser = argparse.ArgumentParser(color=True)
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("-P", "--show-positions", action="store_true", help="show source positions")
    parser.add_argument("infile", nargs="?", default="-")
    arguments = parser.parse_args(args)
    if arguments.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = arguments.infile
        with open(name, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=arguments.show_offsets,
        show_positions=arguments.show_positions)


if __name__ == "__main__":
    main()
