//! The type `socket`: its cell, its making and end, names and options. `transfer` and `message` move data.
//!
//! The descriptor is an atomic that whoever closes takes out; calls load it once. The other fields are atomics of their own:
//! a thread that changes the timeout changes it for calls that begin later.

use std::mem::size_of;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int::is_int;
use countless_vm::types::type_object::TypeObject;

use super::address::{self, Address, masked};
use super::{message, parsed, transfer};
use crate::support::system::{Rounding, checked, error, last_error, monotonic, nanoseconds, quick};

native_cell! {
    /// The cell.
    pub struct Socket("_socket.socket", LAYOUT) {
        traced {}
        plain {
            /// Plus one; zero is "closed".
            descriptor: AtomicI32,
            pub(super) family: AtomicI32,
            pub(super) kind: AtomicI32,
            pub(super) protocol: AtomicI32,
            /// In nanoseconds, zero for "never wait", negative for "wait for ever".
            pub(super) timeout: AtomicI64,
        }
    }
}

/// The timeout of new sockets.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

impl Socket {
    /// The descriptor; -1 if the socket is closed.
    pub(super) fn fd(&self) -> i32 {
        self.descriptor.load(Ordering::Acquire) - 1
    }

    pub(super) fn protocol(&self) -> i32 {
        self.protocol.load(Ordering::Relaxed)
    }

    fn family(&self) -> i32 {
        self.family.load(Ordering::Relaxed)
    }

    pub(super) fn timeout(&self) -> i64 {
        self.timeout.load(Ordering::Relaxed)
    }

    /// Reads an address argument.
    pub(super) fn address(&self, cx: &Cx, value: Value, function: &str) -> PyResult<Address> {
        address::parse(cx, self.family(), self.protocol(), value, function)
    }

    fn take(&self) -> i32 {
        self.descriptor.swap(0, Ordering::AcqRel) - 1
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Socket {
        header: Default::default(),
        descriptor: AtomicI32::new(0),
        family: AtomicI32::new(0),
        kind: AtomicI32::new(0),
        protocol: AtomicI32::new(0),
        timeout: AtomicI64::new(-1),
    };
    let socket = cx.allocate_instance(class, contents).value();
    cx.mutator().register_finalizable(socket.word());
    Ok(socket)
}

/// Makes a socket object of an open descriptor.
pub(super) fn adopt(cx: &Cx, fd: i32, family: i32, kind: i32, protocol: i32) -> PyResult {
    let socket = new(cx, countless_vm::runtime::bootstrap::native_type(cx, &TYPE)?, Args::NONE)?;
    fill(cx, this::<Socket>(cx, socket), fd, (family, kind, protocol))?;
    Ok(socket)
}

/// Gives a socket its descriptor.
fn fill(cx: &Cx, socket: Ref<Socket>, fd: i32, (family, kind, protocol): (i32, i32, i32)) -> PyResult<()> {
    let timeout = match kind & libc::SOCK_NONBLOCK {
        0 => DEFAULT_TIMEOUT.load(Ordering::Relaxed),
        _ => 0,
    };
    socket.family.store(family, Ordering::Relaxed);
    socket.kind.store(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC), Ordering::Relaxed);
    socket.protocol.store(protocol, Ordering::Relaxed);
    socket.timeout.store(timeout, Ordering::Relaxed);
    socket.descriptor.store(fd + 1, Ordering::Release);
    if timeout >= 0 { set_nonblocking(cx, socket, true) } else { Ok(()) }
}

/// The number of a socket option.
fn int_option(fd: i32, level: i32, option: i32) -> Result<i32, i32> {
    let (mut value, mut length) = (0, size_of::<i32>() as libc::socklen_t);
    // SAFETY: the places are locals, with their size.
    checked(unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &mut length) }.into())?;
    Ok(value)
}

static INIT: Signature<4> = Signature::new("socket", ["family", "type", "proto", "fileno"]);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let socket = this::<Socket>(cx, value);
    let [family, kind, protocol, fileno] = INIT.bind(cx, args)?;
    let int = |value: Option<Value>| value.map_or(Ok(-1), |value| cx.c_int_argument(value));
    let (mut family, mut kind, mut protocol) = (int(family)?, int(kind)?, int(protocol)?);
    let fd = match fileno.and_then(Value::not_none) {
        Some(fileno) => {
            let fd = cx.c_int_argument(fileno)?;
            if fd < 0 {
                return Err(cx.value_error("negative file descriptor"));
            }
            let mut own = Address::room();
            // SAFETY: the place is a local, with its size.
            match checked(unsafe { libc::getsockname(fd, own.place(), &mut own.length) }.into()) {
                Ok(_) if family == -1 => family = own.family(),
                Ok(_) => {}
                Err(errno) if family == -1 || errno == libc::EBADF || errno == libc::ENOTSOCK => {
                    return Err(error(cx, errno));
                }
                Err(_) => {}
            }
            let known = |option| int_option(fd, libc::SOL_SOCKET, option).map_err(|errno| error(cx, errno));
            if kind == -1 {
                kind = known(libc::SO_TYPE)?;
            }
            if protocol == -1 {
                protocol = known(libc::SO_PROTOCOL)?;
            }
            fd
        }
        None => {
            family = if family == -1 { libc::AF_INET } else { family };
            kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
            protocol = if protocol == -1 { 0 } else { protocol };
            // SAFETY: the call has no preconditions.
            let call = || checked(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) }.into());
            cx.mutator().detached(call).map_err(|errno| error(cx, errno))? as i32
        }
    };
    fill(cx, socket, fd, (family, kind, protocol))
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let socket = this::<Socket>(cx, value);
    let (family, kind) = (socket.family(), socket.kind.load(Ordering::Relaxed));
    let text =
        format!("<socket object, fd={}, family={family}, type={kind}, proto={}>", socket.fd(), socket.protocol());
    Ok(cx.new_str(&text).value())
}

/// A socket that nobody can reach any more is closed, with a warning.
fn finalize(cx: &Cx, value: Value) -> PyResult<()> {
    let socket = this::<Socket>(cx, value);
    if socket.fd() < 0 {
        return Ok(());
    }
    let warned = object::repr(cx, value)
        .and_then(|shown| cx.warn(ExceptionKind::ResourceWarning, &format!("unclosed {}", shown.as_wtf8()), 1));
    if let Err(raised) = warned {
        // A warning that is an error has nowhere to go.
        if cx.pending_is(&raised, ExceptionKind::Warning) {
            let exception = cx.take_exception(raised);
            cx.write_unraisable(exception, None, value);
        } else {
            cx.discard(raised);
        }
    }
    match socket.take() {
        fd @ 0.. => {
            // What fails now is nobody's any more.
            let _ = close_fd(cx, fd);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Closes a descriptor. An interrupted close has closed it.
pub(super) fn close_fd(cx: &Cx, fd: i32) -> Result<(), i32> {
    // SAFETY: the caller owns the descriptor.
    match cx.mutator().detached(|| checked(unsafe { libc::close(fd) }.into())) {
        Ok(_) | Err(libc::EINTR | libc::ECONNRESET) => Ok(()),
        Err(errno) => Err(errno),
    }
}

fn close(cx: &Cx, socket: Ref<Socket>) -> PyResult {
    match socket.take() {
        fd @ 0.. => close_fd(cx, fd).map_err(|errno| error(cx, errno)).map(|()| Value::NONE),
        _ => Ok(Value::NONE),
    }
}

fn detach(_cx: &Cx, socket: Ref<Socket>) -> PyResult {
    Ok(Value::int(socket.take().into()))
}

fn fileno(_cx: &Cx, socket: Ref<Socket>) -> PyResult {
    Ok(Value::int(socket.fd().into()))
}

fn set_nonblocking(cx: &Cx, socket: Ref<Socket>, nonblocking: bool) -> PyResult<()> {
    let (fd, mut flag) = (socket.fd(), libc::c_int::from(nonblocking));
    // SAFETY: the request reads an int, a local.
    quick(cx, unsafe { libc::ioctl(fd, libc::FIONBIO, &raw mut flag) }.into()).map(|_| ())
}

/// Reads a timeout: negative for None.
fn timeout_argument(cx: &Cx, value: Value) -> PyResult<i64> {
    let Some(value) = value.not_none() else { return Ok(-1) };
    let nanoseconds = nanoseconds(cx, value, Rounding::Up).map_err(|raised| {
        if cx.pending_is(&raised, ExceptionKind::OverflowError) {
            cx.discard(raised);
            return cx.overflow_error("timestamp out of range for C PyTime_t");
        }
        raised
    })?;
    if nanoseconds < 0 {
        return Err(cx.value_error("Timeout value out of range"));
    }
    Ok(nanoseconds)
}

/// A timeout as Python shows it.
fn timeout_value(cx: &Cx, timeout: i64) -> Value {
    if timeout < 0 { Value::NONE } else { cx.new_float(timeout as f64 / 1e9) }
}

fn settimeout(cx: &Cx, socket: Ref<Socket>, value: Value) -> PyResult {
    let timeout = timeout_argument(cx, value)?;
    socket.timeout.store(timeout, Ordering::Relaxed);
    set_nonblocking(cx, socket, timeout >= 0)?;
    Ok(Value::NONE)
}

fn gettimeout(cx: &Cx, socket: Ref<Socket>) -> PyResult {
    Ok(timeout_value(cx, socket.timeout()))
}

fn setblocking(cx: &Cx, socket: Ref<Socket>, flag: Value) -> PyResult {
    let blocking = object::is_true(cx, flag)?;
    socket.timeout.store(if blocking { -1 } else { 0 }, Ordering::Relaxed);
    set_nonblocking(cx, socket, !blocking)?;
    Ok(Value::NONE)
}

fn getblocking(_cx: &Cx, socket: Ref<Socket>) -> PyResult {
    Ok(Value::bool(socket.timeout() != 0))
}

pub(super) fn getdefaulttimeout(cx: &Cx, _module: Value) -> PyResult {
    Ok(timeout_value(cx, DEFAULT_TIMEOUT.load(Ordering::Relaxed)))
}

pub(super) fn setdefaulttimeout(cx: &Cx, _module: Value, value: Value) -> PyResult {
    DEFAULT_TIMEOUT.store(timeout_argument(cx, value)?, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn bind(cx: &Cx, socket: Ref<Socket>, address: Value) -> PyResult {
    let address = socket.address(cx, address, "bind")?;
    let fd = socket.fd();
    // SAFETY: the address is a local, with its length.
    let call = || checked(unsafe { libc::bind(fd, address.pointer(), address.length) }.into());
    cx.mutator().detached(call).map_err(|errno| error(cx, errno))?;
    Ok(Value::NONE)
}

fn listen(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [backlog] = parsed(cx, args, "listen", 0)?;
    let backlog = backlog.map_or(Ok(libc::SOMAXCONN.min(128)), |backlog| cx.c_int_argument(backlog))?;
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::listen(socket.fd(), backlog.max(0)) }.into())?;
    Ok(Value::NONE)
}

fn accept(cx: &Cx, socket: Ref<Socket>) -> PyResult {
    let mut peer = Address::room();
    let place = &mut peer;
    let fd = transfer::run(cx, socket, libc::POLLIN, |fd| {
        place.length = Address::room().length;
        // SAFETY: the place is a local of the caller, who waits, with its size.
        unsafe { libc::accept4(fd, place.place(), &mut place.length, libc::SOCK_CLOEXEC) }.into()
    })?;
    let shown = match address::to_python(cx, &peer, socket.protocol()) {
        Ok(shown) => shown,
        Err(raised) => {
            let _ = close_fd(cx, fd as i32);
            return Err(raised);
        }
    };
    Ok(cx.new_tuple(&[Value::int(fd), shown]).value())
}

/// Connects: the error number if that failed.
fn connect_to(cx: &Cx, socket: Ref<Socket>, address: &Address) -> PyResult<Result<(), i32>> {
    let (fd, timeout) = (socket.fd(), socket.timeout());
    // SAFETY: the address is the caller's, who waits, with its length.
    let call = || checked(unsafe { libc::connect(fd, address.pointer(), address.length) }.into());
    let errno = match cx.mutator().detached(call) {
        Ok(_) => return Ok(Ok(())),
        Err(errno) => errno,
    };
    // An attempt that was interrupted, or is under way, goes on in the system.
    match errno {
        libc::EINTR => {
            cx.poll()?;
            if timeout == 0 {
                return Ok(Err(errno));
            }
        }
        libc::EINPROGRESS if timeout > 0 => {}
        _ => return Ok(Err(errno)),
    }
    let deadline = (timeout > 0).then(|| monotonic().saturating_add(timeout));
    if !transfer::wait_ready(cx, fd, libc::POLLOUT, deadline)? {
        return Ok(Err(TIMED_OUT));
    }
    match int_option(fd, libc::SOL_SOCKET, libc::SO_ERROR) {
        Ok(0 | libc::EISCONN) => Ok(Ok(())),
        Ok(errno) | Err(errno) => Ok(Err(errno)),
    }
}

/// Stands for an error number where a timeout has passed.
const TIMED_OUT: i32 = -1;

fn connect(cx: &Cx, socket: Ref<Socket>, address: Value) -> PyResult {
    let address = socket.address(cx, address, "connect")?;
    match connect_to(cx, socket, &address)? {
        Ok(()) => Ok(Value::NONE),
        Err(TIMED_OUT) => Err(timed_out(cx)),
        Err(errno) => Err(error(cx, errno)),
    }
}

/// Raises what a call raises whose timeout has passed.
#[cold]
pub(super) fn timed_out(cx: &Cx) -> Raised {
    raise!(cx, TimeoutError, "timed out")
}

fn connect_ex(cx: &Cx, socket: Ref<Socket>, address: Value) -> PyResult {
    let address = socket.address(cx, address, "connect_ex")?;
    Ok(Value::int(match connect_to(cx, socket, &address)? {
        Ok(()) => 0,
        Err(TIMED_OUT) => libc::EWOULDBLOCK.into(),
        Err(errno) => errno.into(),
    }))
}

/// Asks for an address of the socket.
fn own_address(
    cx: &Cx,
    socket: Ref<Socket>,
    ask: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> PyResult {
    let mut address = Address::room();
    let mut length = address.length;
    // SAFETY: the places are locals, with their size.
    quick(cx, unsafe { ask(socket.fd(), address.place(), &mut length) }.into())?;
    address.length = length;
    address::to_python(cx, &address, socket.protocol())
}

fn getsockname(cx: &Cx, socket: Ref<Socket>) -> PyResult {
    own_address(cx, socket, libc::getsockname)
}

fn getpeername(cx: &Cx, socket: Ref<Socket>) -> PyResult {
    own_address(cx, socket, libc::getpeername)
}

fn shutdown(cx: &Cx, socket: Ref<Socket>, how: Value) -> PyResult {
    let (fd, how) = (socket.fd(), cx.c_int_argument(how)?);
    // SAFETY: the call has no preconditions.
    let call = || checked(unsafe { libc::shutdown(fd, how) }.into());
    cx.mutator().detached(call).map_err(|errno| error(cx, errno))?;
    Ok(Value::NONE)
}

fn setsockopt(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    const NAME: &str = "setsockopt";
    let wrong_count = |given| raise!(cx, TypeError, "{NAME}() takes exactly 3 arguments ({given} given)");
    let absent = args.get(2).is_some_and(|value| value.is_none()) && args.len() == 4;
    if args.len() != 3 && !absent {
        return Err(wrong_count(args.len()));
    }
    let [level, option, value, length] = parsed(cx, args, NAME, 3)?.map(|value| value.unwrap_or(Value::NONE));
    let (level, option) = (cx.c_int_argument(level)?, cx.c_int_argument(option)?);
    let set = |pointer: *const u8, length: libc::socklen_t| {
        // SAFETY: the pointer is null, or to so many bytes of the caller's.
        quick(cx, unsafe { libc::setsockopt(socket.fd(), level, option, pointer.cast(), length) }.into())
    };
    if absent {
        set(std::ptr::null(), masked(cx, Some(length))?)?;
        return Ok(Value::NONE);
    }
    let number = if is_int(cx, value) { number::as_index_i64(cx, value) } else { None };
    let bytes =
        match number.and_then(|number| i32::try_from(number).ok().or(u32::try_from(number).ok().map(|n| n as i32))) {
            Some(number) => number.to_ne_bytes().to_vec(),
            None => ByteView::new(cx, value)?.to_vec(),
        };
    set(bytes.as_ptr(), bytes.len() as libc::socklen_t)?;
    Ok(Value::NONE)
}

fn getsockopt(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    const MOST: i32 = 1024;
    let [level, option, length] = parsed(cx, args, "getsockopt", 2)?;
    let int = |value: Option<Value>| value.map_or(Ok(0), |value| cx.c_int_argument(value));
    let (level, option, length) = (int(level)?, int(option)?, int(length)?);
    match length {
        0 => match int_option(socket.fd(), level, option) {
            Ok(value) => Ok(Value::int(value.into())),
            Err(errno) => Err(error(cx, errno)),
        },
        1..=MOST => {
            let mut bytes = vec![0u8; length as usize];
            let mut size = length as libc::socklen_t;
            // SAFETY: the places are locals, with their size.
            let answer = unsafe { libc::getsockopt(socket.fd(), level, option, bytes.as_mut_ptr().cast(), &mut size) };
            if answer < 0 {
                return Err(last_error(cx));
            }
            Ok(cx.new_bytes(&bytes[..(size as usize).min(bytes.len())]).value())
        }
        _ => Err(raise!(cx, OSError, "getsockopt buflen out of range")),
    }
}

/// The type.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_socket",
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\n\
          socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\n\
          One end of a connection.\n\n\
          Of a descriptor that is given as fileno, family, type and protocol are found out unless\n\
          they are given. A new socket is not inherited by child processes.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), finalize: Some(finalize), ..Slots::NONE },
    methods: METHODS,
    attributes: &[
        GetSet::member(
            "family",
            |_cx, socket: Ref<Socket>| Ok(Value::int(socket.family().into())),
            "the socket family",
        ),
        GetSet::member(
            "type",
            |_cx, socket: Ref<Socket>| Ok(Value::int(socket.kind.load(Ordering::Relaxed).into())),
            "the socket type",
        ),
        GetSet::member(
            "proto",
            |_cx, socket: Ref<Socket>| Ok(Value::int(socket.protocol().into())),
            "the socket protocol",
        ),
        GetSet::read_only("timeout", gettimeout, "the socket timeout"),
    ],
    ..TypeDef::new("socket", &LAYOUT)
};

static METHODS: &[Method] = &[
    Method::none(
        "_accept",
        accept,
        "_accept() -> (integer, address info)\n\nWait for a connection: its descriptor and the peer's address.",
    ),
    Method::one(
        "bind",
        bind,
        "bind($self, object, /)\n--\n\nbind(address)\n\nGive the socket an address of this machine.",
    ),
    Method::none("close", close, "close($self, /)\n--\n\nclose()\n\nClose the socket; a second time has no effect."),
    Method::one(
        "connect",
        connect,
        "connect($self, object, /)\n--\n\nconnect(address)\n\nConnect the socket to a remote address.",
    ),
    Method::one(
        "connect_ex",
        connect_ex,
        "connect_ex($self, object, /)\n--\n\nconnect_ex(address) -> errno\n\nThe same, but an error of the system is returned as its number.",
    ),
    Method::none(
        "detach",
        detach,
        "detach($self, /)\n--\n\ndetach()\n\nGive the descriptor away: the object is closed, the descriptor is not.",
    ),
    Method::none(
        "fileno",
        fileno,
        "fileno($self, /)\n--\n\nfileno() -> integer\n\nThe descriptor; -1 if the socket is closed.",
    ),
    Method::none(
        "getpeername",
        getpeername,
        "getpeername($self, /)\n--\n\ngetpeername() -> address info\n\nThe address of the other end.",
    ),
    Method::none(
        "getsockname",
        getsockname,
        "getsockname($self, /)\n--\n\ngetsockname() -> address info\n\nThe address of this end.",
    ),
    Method::many(
        "getsockopt",
        getsockopt,
        "getsockopt(level, option[, buffersize]) -> value\n\nAn option of the socket: an int, or with a size so many bytes at most.",
    ),
    Method::many("listen", listen, "listen([backlog])\n\nAccept connections. The backlog is how many may wait."),
    Method::many(
        "recv",
        transfer::recv,
        "recv(buffersize[, flags]) -> data\n\nReceive up to so many bytes; nothing at the end of the stream.",
    ),
    Method::many(
        "recv_into",
        transfer::recv_into,
        "recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nReceive into a buffer; how many bytes.",
    ),
    Method::many(
        "recvfrom",
        transfer::recvfrom,
        "recvfrom(buffersize[, flags]) -> (data, address info)\n\nReceive data and the sender's address.",
    ),
    Method::many(
        "recvfrom_into",
        transfer::recvfrom_into,
        "recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\nReceive into a buffer; how many bytes, and the sender's address.",
    ),
    Method::many(
        "send",
        transfer::send,
        "send(data[, flags]) -> count\n\nSend data; how many bytes were sent, which may be fewer.",
    ),
    Method::many(
        "sendall",
        transfer::sendall,
        "sendall(data[, flags])\n\nSend all of the data. After an error nobody can tell how much was sent.",
    ),
    Method::many("sendto", transfer::sendto, "sendto(data[, flags], address) -> count\n\nSend data to an address."),
    Method::one(
        "setblocking",
        setblocking,
        "setblocking($self, object, /)\n--\n\nsetblocking(flag)\n\nWhether calls wait: for ever, or not at all.",
    ),
    Method::none("getblocking", getblocking, "getblocking($self, /)\n--\n\ngetblocking()\n\nWhether calls wait."),
    Method::one(
        "settimeout",
        settimeout,
        "settimeout($self, object, /)\n--\n\nsettimeout(timeout)\n\nHow many seconds calls wait; None for ever.",
    ),
    Method::none(
        "gettimeout",
        gettimeout,
        "gettimeout($self, /)\n--\n\ngettimeout() -> timeout\n\nHow many seconds calls wait; None for ever.",
    ),
    Method::many(
        "setsockopt",
        setsockopt,
        "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\nsetsockopt(level, option, None, optlen: int)\n\nSet an option of the socket.",
    ),
    Method::one(
        "shutdown",
        shutdown,
        "shutdown($self, object, /)\n--\n\nshutdown(flag)\n\nEnd one direction, or both (SHUT_RD, SHUT_WR, SHUT_RDWR).",
    ),
    Method::many(
        "recvmsg",
        message::recvmsg,
        "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\nReceive data and control messages: triples of level, type and bytes.",
    ),
    Method::many(
        "recvmsg_into",
        message::recvmsg_into,
        "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\nThe same into buffers, one after the other.",
    ),
    Method::many(
        "sendmsg",
        message::sendmsg,
        "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\nSend the data of buffers, one after the other, and control messages: triples of level,\ntype and bytes.",
    ),
    Method::many(
        "sendmsg_afalg",
        message::sendmsg_afalg,
        "sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])\n\nTell the system's cryptography what to do, and send it data.",
    ),
];
