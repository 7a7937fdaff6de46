//! Sending and receiving, with timeouts and after interruptions (PEP 475).

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::buffer::{Buffer, writable_buffer};
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;

use super::address::{self, Address};
use super::object::{Socket, timed_out};
use super::parsed;
use crate::support::system::{blocking, checked, error, monotonic};

/// Waits for a descriptor to be ready; false if the deadline has passed.
pub(super) fn wait_ready(cx: &Cx, fd: i32, events: i16, deadline: Option<i64>) -> PyResult<bool> {
    let mut record = [libc::pollfd { fd, events, revents: 0 }];
    Ok(crate::select::wait(cx, &mut record, deadline)? > 0)
}

/// Makes a call that may block, on the descriptor it is given, within the socket's timeout. A failure is raised.
pub(super) fn run(cx: &Cx, socket: Ref<Socket>, events: i16, call: impl FnMut(i32) -> i64 + Send) -> PyResult<i64> {
    let timeout = socket.timeout();
    let deadline = (timeout > 0).then(|| monotonic().saturating_add(timeout));
    run_until(cx, socket.fd(), events, deadline, call)
}

/// The same until a deadline.
fn run_until(
    cx: &Cx,
    fd: i32,
    events: i16,
    deadline: Option<i64>,
    mut call: impl FnMut(i32) -> i64 + Send,
) -> PyResult<i64> {
    if fd < 0 {
        return Err(error(cx, libc::EBADF));
    }
    loop {
        if deadline.is_some() && !wait_ready(cx, fd, events, deadline)? {
            return Err(timed_out(cx));
        }
        match blocking(cx, || call(fd))? {
            Ok(answer) => return Ok(answer),
            // Somebody else was quicker.
            Err(libc::EAGAIN) if deadline.is_some() => {}
            Err(errno) => return Err(error(cx, errno)),
        }
    }
}

/// Room for so many bytes.
pub(super) fn room(cx: &Cx, length: usize) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match bytes.try_reserve_exact(length) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(cx.memory_error()),
    }
}

/// Receives up to `length` bytes, and the sender's address if it is asked for.
fn receive(
    cx: &Cx,
    socket: Ref<Socket>,
    length: usize,
    flags: i32,
    mut sender: Option<&mut Address>,
) -> PyResult<(Vec<u8>, usize)> {
    let mut bytes = room(cx, length)?;
    let place = &mut bytes;
    let count = run(cx, socket, libc::POLLIN, |fd| match &mut sender {
        // SAFETY: the vector has reserved `length` bytes; the address is a local of the caller, who waits, with its size.
        Some(sender) => unsafe {
            sender.length = Address::room().length;
            libc::recvfrom(fd, place.as_mut_ptr().cast(), length, flags, sender.place(), &mut sender.length) as i64
        },
        // SAFETY: as above.
        None => unsafe { libc::recv(fd, place.as_mut_ptr().cast(), length, flags) as i64 },
    })? as usize;
    // With MSG_TRUNC the system tells of more bytes than there was room for.
    // SAFETY: the call has filled so many bytes of those reserved.
    unsafe { bytes.set_len(count.min(length)) };
    Ok((bytes, count))
}

/// A size and flags.
fn size_and_flags(cx: &Cx, args: Args<'_>, function: &str) -> PyResult<(usize, i32)> {
    let [size, flags] = parsed(cx, args, function, 1)?;
    let size = number::index_i64(cx, size.unwrap_or(Value::NONE))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    match usize::try_from(size) {
        Ok(size) => Ok((size, flags)),
        Err(_) => Err(raise!(cx, ValueError, "negative buffersize in {function}")),
    }
}

pub(super) fn recv(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let (size, flags) = size_and_flags(cx, args, "recv")?;
    if size == 0 {
        return Ok(cx.new_bytes(b"").value());
    }
    let (bytes, _) = receive(cx, socket, size, flags, None)?;
    Ok(cx.try_new_bytes(&bytes)?.value())
}

pub(super) fn recvfrom(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let (size, flags) = size_and_flags(cx, args, "recvfrom")?;
    let mut sender = Address::room();
    let (bytes, _) = receive(cx, socket, size, flags, Some(&mut sender))?;
    let bytes = cx.try_new_bytes(&bytes)?.value();
    let sender = address::to_python(cx, &sender, socket.protocol())?;
    Ok(cx.new_tuple(&[bytes, sender]).value())
}

static RECV_INTO: Signature<3> = Signature::new("recv_into", ["buffer", "nbytes", "flags"]).required(1);
static RECVFROM_INTO: Signature<3> = Signature::new("recvfrom_into", ["buffer", "nbytes", "flags"]).required(1);

/// Receives into a buffer: how many bytes.
fn receive_into(
    cx: &Cx,
    socket: Ref<Socket>,
    target: &Buffer,
    (size, flags): (Option<Value>, Option<Value>),
    (function, too_small): (&str, &str),
    sender: Option<&mut Address>,
) -> PyResult<usize> {
    let size = size.map_or(Ok(0), |size| number::index_i64(cx, size))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    let size = match usize::try_from(size) {
        Err(_) => return Err(raise!(cx, ValueError, "negative buffersize in {function}")),
        Ok(size) if size > target.length => return Err(cx.value_error(too_small)),
        Ok(0) => target.length,
        Ok(size) => size,
    };
    if size == 0 && sender.is_none() {
        return Ok(0);
    }
    let (bytes, count) = receive(cx, socket, size, flags, sender)?;
    target.write(0, &bytes);
    Ok(count)
}

pub(super) fn recv_into(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [target, size, flags] = RECV_INTO.bind(cx, args)?;
    let target = writable_buffer(cx, target.unwrap_or(Value::NONE), "recv_into() argument 1")?;
    let words = ("recv_into", "buffer too small for requested bytes");
    let count = receive_into(cx, socket, &target, (size, flags), words, None);
    target.release(cx);
    Ok(Value::length(count?))
}

pub(super) fn recvfrom_into(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [target, size, flags] = RECVFROM_INTO.bind(cx, args)?;
    let target = writable_buffer(cx, target.unwrap_or(Value::NONE), "recvfrom_into() argument 1")?;
    let mut sender = Address::room();
    let words = ("recvfrom_into", "nbytes is greater than the length of the buffer");
    let count = receive_into(cx, socket, &target, (size, flags), words, Some(&mut sender));
    target.release(cx);
    let sender = count.and_then(|count| Ok((count, address::to_python(cx, &sender, socket.protocol())?)));
    let (count, sender) = sender?;
    Ok(cx.new_tuple(&[Value::length(count), sender]).value())
}

/// Sends bytes once, before a deadline: how many were sent.
fn send_once(
    cx: &Cx,
    fd: i32,
    bytes: &[u8],
    flags: i32,
    to: Option<&Address>,
    deadline: Option<i64>,
) -> PyResult<usize> {
    let (address, length) = (bytes.as_ptr().expose_provenance(), bytes.len());
    let sent = run_until(cx, fd, libc::POLLOUT, deadline, |fd| {
        let start = std::ptr::with_exposed_provenance(address);
        let (target, size) = to.map_or((std::ptr::null(), 0), |to| (to.pointer(), to.length));
        // SAFETY: bytes and address are the caller's, who waits, with their lengths.
        unsafe { libc::sendto(fd, start, length, flags, target, size) as i64 }
    })?;
    Ok(sent as usize)
}

/// When a call that begins now has to end.
fn deadline(socket: Ref<Socket>) -> Option<i64> {
    let timeout = socket.timeout();
    (timeout > 0).then(|| monotonic().saturating_add(timeout))
}

fn data_and_flags(cx: &Cx, args: Args<'_>, function: &str) -> PyResult<(ByteView, i32)> {
    let [data, flags] = parsed(cx, args, function, 1)?;
    let bytes = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    Ok((bytes, flags))
}

pub(super) fn send(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let (bytes, flags) = data_and_flags(cx, args, "send")?;
    Ok(Value::length(send_once(cx, socket.fd(), &bytes, flags, None, deadline(socket))?))
}

pub(super) fn sendall(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let (bytes, flags) = data_and_flags(cx, args, "sendall")?;
    let deadline = deadline(socket);
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let sent = send_once(cx, socket.fd(), rest, flags, None, deadline)?;
        rest = &rest[sent.min(rest.len())..];
        // Handlers may raise, if only at once: what is sent in pieces may take long.
        cx.poll()?;
    }
    Ok(Value::NONE)
}

pub(super) fn sendto(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "socket.sendto")?;
    let (data, flags, to) = match (args.get(0), args.get(1), args.get(2), args.len()) {
        (Some(data), Some(to), _, 2) => (data, None, to),
        (Some(data), Some(flags), Some(to), 3) => (data, Some(flags), to),
        (_, _, _, given) => return Err(raise!(cx, TypeError, "sendto() takes 2 or 3 arguments ({given} given)")),
    };
    let bytes = ByteView::new(cx, data)?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    let to = socket.address(cx, to, "sendto")?;
    Ok(Value::length(send_once(cx, socket.fd(), &bytes, flags, Some(&to), deadline(socket))?))
}

/// Closes a descriptor, or duplicates one: the functions of the module.
pub(super) fn close(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    super::object::close_fd(cx, fd).map_err(|errno| error(cx, errno))?;
    Ok(Value::NONE)
}

pub(super) fn dup(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: the call has no preconditions.
    let copy = checked(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }.into());
    Ok(Value::int(copy.map_err(|errno| error(cx, errno))?))
}
