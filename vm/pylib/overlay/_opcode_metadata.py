"""The numbers of the instruction set, from the interpreter's own table.

Specialisation happens in caches beside the code and never rewrites an instruction, so no instruction has specialised
forms and none are reserved for instrumentation.
"""

import _opcode

opmap = _opcode.opmap()
HAVE_ARGUMENT = 0
MIN_INSTRUMENTED_OPCODE = max(opmap.values()) + 1
_specializations = {}
_specialized_opmap = {}
