//! Messages with control data: `sendmsg`, `recvmsg`.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::buffer::{Buffer, writable_buffer};
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::tuple::Tuple;

use super::address::{self, Address};
use super::numbers::control_size;
use super::object::Socket;
use super::parsed;
use super::transfer::{room, run};

/// Memory for control messages, aligned for their headers.
struct Control {
    words: Vec<u64>,
    /// How many bytes of it there are.
    length: usize,
}

impl Control {
    fn with_length(cx: &Cx, length: usize) -> PyResult<Control> {
        let mut words = Vec::new();
        let count = length.div_ceil(size_of::<u64>());
        if words.try_reserve_exact(count).is_err() {
            return Err(cx.memory_error());
        }
        words.resize(count, 0u64);
        Ok(Control { words, length })
    }

    /// A message's record about data, control messages and an address. Its pointers are into what is passed.
    fn record(&mut self, part: &mut libc::iovec, address: &mut Address) -> libc::msghdr {
        // SAFETY: numbers and pointers, for which zero is valid.
        let mut record: libc::msghdr = unsafe { std::mem::zeroed() };
        record.msg_iov = part;
        record.msg_iovlen = 1;
        if address.length > 0 {
            record.msg_name = address.place().cast();
            record.msg_namelen = address.length;
        }
        if self.length > 0 {
            record.msg_control = self.words.as_mut_ptr().cast();
            record.msg_controllen = self.length as _;
        }
        record
    }
}

/// What came with a message.
struct Received {
    bytes: Vec<u8>,
    count: usize,
    control: Control,
    flags: i32,
    sender: Address,
}

/// Receives a message of up to `length` bytes, with so much room for control messages.
fn receive(cx: &Cx, socket: Ref<Socket>, length: usize, control: usize, flags: i32) -> PyResult<Received> {
    let mut received = Received {
        bytes: room(cx, length)?,
        count: 0,
        control: Control::with_length(cx, control)?,
        flags: 0,
        sender: Address::room(),
    };
    let place = &mut received;
    let count = run(cx, socket, libc::POLLIN, |fd| {
        place.sender = Address::room();
        let mut part = libc::iovec { iov_base: place.bytes.as_mut_ptr().cast(), iov_len: length };
        let mut record = place.control.record(&mut part, &mut place.sender);
        // SAFETY: the record is about memory of the caller, who waits, with its sizes.
        let answer = unsafe { libc::recvmsg(fd, &mut record, flags) };
        if answer >= 0 {
            place.flags = record.msg_flags;
            place.sender.length = record.msg_namelen;
            place.control.length = record.msg_controllen as usize;
        }
        answer as i64
    })? as usize;
    // SAFETY: the call has filled so many bytes of those reserved; with MSG_TRUNC it may tell of more.
    unsafe { received.bytes.set_len(count.min(length)) };
    received.count = count;
    Ok(received)
}

/// The control messages as triples. The last one may be cut off.
fn control_messages(cx: &Cx, control: &mut Control) -> PyResult {
    let list = cx.new_list();
    let header = size_of::<libc::cmsghdr>();
    let mut at = 0;
    while control.length >= at + header {
        // SAFETY: a header lies within the memory, at a multiple of its alignment; it is plain numbers.
        let message = unsafe { control.words.as_ptr().cast::<u8>().add(at).cast::<libc::cmsghdr>().read() };
        let claimed = message.cmsg_len;
        let start = at + control_size(0, false).unwrap_or(header);
        if claimed < start - at {
            cx.warn(ExceptionKind::RuntimeWarning, "received malformed or improperly-truncated ancillary data", 1)?;
            break;
        }
        let end = at + claimed.min(control.length - at);
        let is_cut = at + claimed > control.length;
        // SAFETY: the range lies within the memory.
        let data = unsafe {
            std::slice::from_raw_parts(control.words.as_ptr().cast::<u8>().add(start), end.saturating_sub(start))
        };
        let bytes = cx.new_bytes(data).value();
        let triple = [Value::int(message.cmsg_level.into()), Value::int(message.cmsg_type.into()), bytes];
        list.push(cx, cx.new_tuple(&triple).value())?;
        if is_cut {
            cx.warn(ExceptionKind::RuntimeWarning, "received malformed or improperly-truncated ancillary data", 1)?;
            break;
        }
        at += claimed.next_multiple_of(size_of::<usize>());
    }
    Ok(list.value())
}

/// Closes descriptors that came with a message which cannot be handed out.
fn close_rights(cx: &Cx, messages: Value) -> PyResult<()> {
    let messages = iter::to_tuple(cx, messages)?;
    for message in messages.iter() {
        let Some(triple) = message.downcast::<Tuple>(cx) else { continue };
        let is_rights = triple.get(0) == Value::int(libc::SOL_SOCKET.into())
            && triple.get(1) == Value::int(libc::SCM_RIGHTS.into());
        if is_rights {
            let bytes = ByteView::new(cx, triple.get(2))?;
            for fd in bytes.chunks_exact(size_of::<i32>()) {
                let fd = i32::from_ne_bytes(fd.try_into().unwrap_or([0xff; 4]));
                let _ = super::object::close_fd(cx, fd);
            }
        }
    }
    Ok(())
}

/// The tuple that is returned: first what the data became.
fn answer(cx: &Cx, socket: Ref<Socket>, first: Value, mut received: Received) -> PyResult {
    let messages = control_messages(cx, &mut received.control)?;
    match address::to_python(cx, &received.sender, socket.protocol()) {
        Ok(sender) => Ok(cx.new_tuple(&[first, messages, Value::int(received.flags.into()), sender]).value()),
        Err(raised) => {
            let exception = cx.take_exception(raised);
            close_rights(cx, messages)?;
            Err(cx.raise_unchained(exception))
        }
    }
}

/// The room for control messages, and flags.
fn control_and_flags(cx: &Cx, control: Option<Value>, flags: Option<Value>) -> PyResult<(usize, i32)> {
    let control = control.map_or(Ok(0), |control| number::index_i64(cx, control))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    match usize::try_from(control) {
        Ok(control) if control <= i32::MAX as usize => Ok((control, flags)),
        _ => Err(cx.value_error("invalid ancillary data buffer length")),
    }
}

pub(super) fn recvmsg(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [size, control, flags] = parsed(cx, args, "recvmsg", 1)?;
    let size = number::index_i64(cx, size.unwrap_or(Value::NONE))?;
    let Ok(size) = usize::try_from(size) else { return Err(cx.value_error("negative buffer size in recvmsg()")) };
    let (control, flags) = control_and_flags(cx, control, flags)?;
    let received = receive(cx, socket, size, control, flags)?;
    let bytes = cx.try_new_bytes(&received.bytes)?.value();
    answer(cx, socket, bytes, received)
}

/// Asks each object of a tuple for writable memory.
fn borrow_all(cx: &Cx, objects: Ref<Tuple>, buffers: &mut Vec<Buffer>) -> PyResult<()> {
    const WHAT: &str = "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers";
    for object in objects.iter() {
        match writable_buffer(cx, object, "") {
            Ok(buffer) => buffers.push(buffer),
            Err(raised) => {
                cx.ignore_if(raised, ExceptionKind::TypeError)?;
                return Err(cx.type_error(WHAT));
            }
        }
    }
    Ok(())
}

pub(super) fn recvmsg_into(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [targets, control, flags] = parsed(cx, args, "recvmsg_into", 1)?;
    let objects = iterable(cx, targets.unwrap_or(Value::NONE), "recvmsg_into() argument 1 must be an iterable")?;
    // The owners are held by the tuple.
    let mut buffers = Vec::new();
    let received = borrow_all(cx, objects, &mut buffers).and_then(|()| {
        let (control, flags) = control_and_flags(cx, control, flags)?;
        let size = buffers.iter().try_fold(0usize, |size, buffer| size.checked_add(buffer.length));
        let received = receive(cx, socket, size.ok_or_else(|| cx.memory_error())?, control, flags)?;
        let mut rest = &received.bytes[..];
        for buffer in &buffers {
            let (part, after) = rest.split_at(buffer.length.min(rest.len()));
            buffer.write(0, part);
            rest = after;
        }
        Ok(received)
    });
    for buffer in buffers {
        buffer.release(cx);
    }
    std::hint::black_box(objects);
    let received = received?;
    answer(cx, socket, Value::length(received.count), received)
}

/// The items of an iterable argument.
fn iterable(cx: &Cx, value: Value, message: &str) -> PyResult<Ref<Tuple>> {
    if cx.type_of(value).slots.iter().is_none() && cx.type_of(value).slots.subscript().is_none() {
        return Err(cx.type_error(message));
    }
    iter::to_tuple(cx, value)
}

/// The bytes of buffers, one after the other.
fn gathered(cx: &Cx, buffers: Value, message: &str) -> PyResult<Vec<u8>> {
    let buffers = iterable(cx, buffers, message)?;
    let mut bytes = Vec::new();
    for buffer in buffers.iter() {
        let part = ByteView::new(cx, buffer)?;
        if bytes.try_reserve(part.len()).is_err() {
            return Err(cx.memory_error());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// A control message to be sent.
struct Part {
    level: i32,
    kind: i32,
    data: Vec<u8>,
}

/// Lays control messages out one after the other.
fn laid_out(cx: &Cx, parts: &[Part]) -> PyResult<Control> {
    let total = parts.iter().try_fold(0usize, |total, part| total.checked_add(control_size(part.data.len(), true)?));
    let Some(total) = total else { return Err(raise!(cx, OSError, "too much ancillary data")) };
    let mut control = Control::with_length(cx, total)?;
    let mut at = 0;
    for part in parts {
        let (claimed, start) = (control_size(part.data.len(), false).unwrap_or(0), control_size(0, false).unwrap_or(0));
        // SAFETY: zero is valid for plain numbers.
        let mut header: libc::cmsghdr = unsafe { std::mem::zeroed() };
        (header.cmsg_level, header.cmsg_type, header.cmsg_len) = (part.level, part.kind, claimed as _);
        // SAFETY: the memory has room for all messages with their padding; each begins at a multiple of a word.
        unsafe {
            let place = control.words.as_mut_ptr().cast::<u8>().add(at);
            place.cast::<libc::cmsghdr>().write(header);
            std::ptr::copy_nonoverlapping(part.data.as_ptr(), place.add(start), part.data.len());
        }
        at += control_size(part.data.len(), true).unwrap_or(0);
    }
    Ok(control)
}

/// Sends a message: how many bytes.
fn send(
    cx: &Cx,
    socket: Ref<Socket>,
    mut bytes: Vec<u8>,
    mut control: Control,
    mut to: Address,
    flags: i32,
) -> PyResult {
    let (bytes, control, to) = (&mut bytes, &mut control, &mut to);
    let sent = run(cx, socket, libc::POLLOUT, |fd| {
        let mut part = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
        let record = control.record(&mut part, to);
        // SAFETY: the record is about memory of the caller, who waits, with its sizes.
        unsafe { libc::sendmsg(fd, &record, flags) as i64 }
    })?;
    Ok(Value::int(sent))
}

pub(super) fn sendmsg(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    let [buffers, control, flags, to] = parsed(cx, args, "sendmsg", 1)?;
    let bytes = gathered(cx, buffers.unwrap_or(Value::NONE), "sendmsg() argument 1 must be an iterable")?;
    let mut parts = Vec::new();
    if let Some(control) = control {
        let items = iterable(cx, control, "sendmsg() argument 2 must be an iterable")?;
        for item in items.iter() {
            parts.push(part_of(cx, item)?);
        }
    }
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    let to = match to.and_then(Value::not_none) {
        Some(to) => socket.address(cx, to, "sendmsg")?,
        None => Address::none(),
    };
    send(cx, socket, bytes, laid_out(cx, &parts)?, to, flags)
}

fn part_of(cx: &Cx, item: Value) -> PyResult<Part> {
    const ITEMS: &str = "[sendmsg() ancillary data items]() argument must be";
    let Some(triple) = item.downcast::<Tuple>(cx) else {
        let class = item.class_name(cx);
        return Err(raise!(cx, TypeError, "{ITEMS} 3-item tuple, not {class}"));
    };
    if triple.len() != 3 {
        return Err(raise!(cx, TypeError, "{ITEMS} tuple of length 3, not {}", triple.len()));
    }
    let (level, kind) = (cx.c_int_argument(triple.get(0))?, cx.c_int_argument(triple.get(1))?);
    Ok(Part { level, kind, data: ByteView::new(cx, triple.get(2))?.to_vec() })
}

static SENDMSG_AFALG: Signature<5> =
    Signature::new("sendmsg_afalg", ["msg", "op", "iv", "assoclen", "flags"]).keyword_only_from(1);

pub(super) fn sendmsg_afalg(cx: &Cx, socket: Ref<Socket>, args: Args<'_>) -> PyResult {
    if socket.family.load(std::sync::atomic::Ordering::Relaxed) != libc::AF_ALG {
        return Err(raise!(cx, OSError, "algset is only supported for AF_ALG"));
    }
    let [data, operation, vector, associated, flags] = SENDMSG_AFALG.bind(cx, args)?;
    let operation = operation.map_or(Ok(-1), |operation| cx.c_int_argument(operation))?;
    if operation < 0 {
        return Err(cx.type_error("Invalid or missing argument 'op'"));
    }
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    let bytes = match data {
        Some(data) => gathered(cx, data, "sendmsg_afalg() argument 1 must be an iterable")?,
        None => Vec::new(),
    };
    let part = |kind, data| Part { level: libc::SOL_ALG, kind, data };
    let mut parts = vec![part(libc::ALG_SET_OP, operation.to_ne_bytes().to_vec())];
    if let Some(vector) = vector {
        let vector = ByteView::new(cx, vector)?;
        let mut counted = (vector.len() as u32).to_ne_bytes().to_vec();
        counted.extend_from_slice(&vector);
        parts.push(part(libc::ALG_SET_IV, counted));
    }
    if let Some(associated) = associated {
        let length = cx.c_int_argument(associated)?;
        if length < 0 {
            return Err(cx.type_error("assoclen must be positive"));
        }
        parts.push(part(libc::ALG_SET_AEAD_ASSOCLEN, length.to_ne_bytes().to_vec()));
    }
    send(cx, socket, bytes, laid_out(cx, &parts)?, Address::none(), flags)
}
