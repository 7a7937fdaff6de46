//! The exception hierarchy: one table, from which the classes, their type ids and [`ExceptionKind`] come.
//!
//! The cells and behaviour of the exceptions are in `types::exception`.

use countless_gc::TypeId;

use crate::types::ids;

/// Calls the macro `$callback` with rows `Name: Base, Layout, "doc";`, bases first. `Layout` names the cell
/// (`types::exception`): what attributes the class has beyond BaseException's.
macro_rules! for_each_exception {
    ($callback:ident) => { $callback! {
        BaseException: object, Plain, "Common base class for all exceptions.";
        Exception: BaseException, Plain, "Common base class for all non-exit exceptions.";
        BaseExceptionGroup: BaseException, Group, "A combination of multiple unrelated exceptions.";
        ExceptionGroup: BaseExceptionGroup, Group, "A combination of multiple unrelated exceptions.";
        GeneratorExit: BaseException, Plain, "Request that a generator exit.";
        KeyboardInterrupt: BaseException, Plain, "Program interrupted by user.";
        SystemExit: BaseException, SystemExit, "Request to exit from the interpreter.";
        ArithmeticError: Exception, Plain, "Base class for arithmetic errors.";
        FloatingPointError: ArithmeticError, Plain, "Floating-point operation failed.";
        OverflowError: ArithmeticError, Plain, "Result too large to be represented.";
        ZeroDivisionError: ArithmeticError, Plain, "Second argument to a division or modulo operation was zero.";
        AssertionError: Exception, Plain, "Assertion failed.";
        AttributeError: Exception, Attribute, "Attribute not found.";
        BufferError: Exception, Plain, "Buffer error.";
        EOFError: Exception, Plain, "Read beyond end of file.";
        ImportError: Exception, Import, "Import can't find module, or can't find name in module.";
        ModuleNotFoundError: ImportError, Import, "Module not found.";
        LookupError: Exception, Plain, "Base class for lookup errors.";
        IndexError: LookupError, Plain, "Sequence index out of range.";
        KeyError: LookupError, Plain, "Mapping key not found.";
        MemoryError: Exception, Plain, "Out of memory.";
        NameError: Exception, Name, "Name not found globally.";
        UnboundLocalError: NameError, Name, "Local name referenced but not bound to a value.";
        OSError: Exception, Os, "Base class for I/O related errors.";
        BlockingIOError: OSError, Os, "I/O operation would block.";
        ChildProcessError: OSError, Os, "Child process error.";
        ConnectionError: OSError, Os, "Connection error.";
        BrokenPipeError: ConnectionError, Os, "Broken pipe.";
        ConnectionAbortedError: ConnectionError, Os, "Connection aborted.";
        ConnectionRefusedError: ConnectionError, Os, "Connection refused.";
        ConnectionResetError: ConnectionError, Os, "Connection reset.";
        FileExistsError: OSError, Os, "File already exists.";
        FileNotFoundError: OSError, Os, "File not found.";
        InterruptedError: OSError, Os, "Interrupted by signal.";
        IsADirectoryError: OSError, Os, "Operation doesn't work on directories.";
        NotADirectoryError: OSError, Os, "Operation only works on directories.";
        PermissionError: OSError, Os, "Not enough permissions.";
        ProcessLookupError: OSError, Os, "Process not found.";
        TimeoutError: OSError, Os, "Timeout expired.";
        ReferenceError: Exception, Plain, "Weak ref proxy used after referent went away.";
        RuntimeError: Exception, Plain, "Unspecified run-time error.";
        NotImplementedError: RuntimeError, Plain, "Method or function hasn't been implemented yet.";
        PythonFinalizationError: RuntimeError, Plain, "Operation blocked during Python finalization.";
        RecursionError: RuntimeError, Plain, "Recursion limit exceeded.";
        StopAsyncIteration: Exception, Plain, "Signal the end from iterator.__anext__().";
        StopIteration: Exception, StopIteration, "Signal the end from iterator.__next__().";
        SyntaxError: Exception, Syntax, "Invalid syntax.";
        IndentationError: SyntaxError, Syntax, "Improper indentation.";
        TabError: IndentationError, Syntax, "Improper mixture of spaces and tabs.";
        _IncompleteInputError: SyntaxError, Syntax, "incomplete input.";
        SystemError: Exception, Plain, "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
        TypeError: Exception, Plain, "Inappropriate argument type.";
        ValueError: Exception, Plain, "Inappropriate argument value (of correct type).";
        UnicodeError: ValueError, Plain, "Unicode related error.";
        UnicodeDecodeError: UnicodeError, Unicode, "Unicode decoding error.";
        UnicodeEncodeError: UnicodeError, Unicode, "Unicode encoding error.";
        UnicodeTranslateError: UnicodeError, Unicode, "Unicode translation error.";
        Warning: Exception, Plain, "Base class for warning categories.";
        BytesWarning: Warning, Plain, "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
        DeprecationWarning: Warning, Plain, "Base class for warnings about deprecated features.";
        EncodingWarning: Warning, Plain, "Base class for warnings about encodings.";
        FutureWarning: Warning, Plain, "Base class for warnings about constructs that will change semantically\nin the future.";
        ImportWarning: Warning, Plain, "Base class for warnings about probable mistakes in module imports";
        PendingDeprecationWarning: Warning, Plain, "Base class for warnings about features which will be deprecated\nin the future.";
        ResourceWarning: Warning, Plain, "Base class for warnings about resource usage.";
        RuntimeWarning: Warning, Plain, "Base class for warnings about dubious runtime behavior.";
        SyntaxWarning: Warning, Plain, "Base class for warnings about dubious syntax.";
        UnicodeWarning: Warning, Plain, "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
        UserWarning: Warning, Plain, "Base class for warnings generated by user code.";
    } };
}

macro_rules! define_kinds {
    ($($name:ident: $base:ident, $layout:ident, $doc:literal;)*) => {
        /// Names the builtin exceptions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum ExceptionKind { $($name,)* }

        impl ExceptionKind {
            /// Every kind, bases first.
            pub const ALL: &'static [ExceptionKind] = &[$(ExceptionKind::$name,)*];

            /// The class's name.
            pub const fn name(self) -> &'static str {
                match self { $(ExceptionKind::$name => stringify!($name),)* }
            }
        }
    };
}

for_each_exception!(define_kinds);

pub(crate) use for_each_exception;

impl ExceptionKind {
    /// Type id of the class's exact instances.
    pub const fn type_id(self) -> TypeId {
        TypeId(ids::FIRST_EXCEPTION + self as u32)
    }
}
