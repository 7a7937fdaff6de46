//! `errno`: the system's error numbers by name.

use countless_vm::native::definition::ModuleDef;
use countless_vm::object::cell::Ref;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::libc_constants;
use crate::support::system::add_constants;

/// Names and numbers; of two names of one number, the later one is what `errorcode` says.
static NUMBERS: &[(&str, i64)] = libc_constants![
    EWOULDBLOCK E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG
    EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK
    EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM
    EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC
    EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP
    ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV ENOENT ENOEXEC
    ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK
    ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO EOPNOTSUPP EOVERFLOW
    EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART
    ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT ETOOMANYREFS ETXTBSY
    EUCLEAN EUNATCH EUSERS EXDEV EXFULL
];

/// What BSD has and Linux lacks: CPython's number for it.
const EFTYPE: (&str, i64) = ("EFTYPE", 134);

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, NUMBERS)?;
    add_constants(cx, module, &[EFTYPE])?;
    let names = cx.new_dict();
    for &(name, number) in NUMBERS.iter().chain([&EFTYPE]) {
        names.set(cx, cx.new_int_from_i64(number), cx.intern_str(name).value())?;
    }
    cx.add_to_module(module, "errorcode", names.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "errno",
    doc: "The system's error numbers by name.\n\nThe dictionary errno.errorcode gives the name of a number; os.strerror() its text.",
    functions: &[],
    types: &[],
    execute: Some(execute),
};
