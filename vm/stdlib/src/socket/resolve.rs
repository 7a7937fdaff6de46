//! Names and addresses: what the C library's resolver answers, asked detached, and raised as `gaierror` and `herror`.

use std::ffi::{CStr, CString};
use std::ptr;

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::{ByteView, Bytes};
use countless_vm::types::int::is_int;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use super::address::{self, Address, host_argument, internet_text, masked};
use super::{c, parsed};
use crate::support::path::{encode_text, fs_decode};
use crate::support::system::{errno, error};

/// What the class `gaierror` is kept under.
pub const ADDRESS_ERROR: &str = "socket.gaierror";
/// What the class `herror` is kept under.
pub const HOST_ERROR: &str = "socket.herror";

/// One answer of `getaddrinfo`.
struct Found {
    family: i32,
    kind: i32,
    protocol: i32,
    canonical: Vec<u8>,
    address: Address,
}

/// What is asked for: family, kind of socket, protocol, flags.
#[derive(Clone, Copy, Default)]
struct Hints {
    family: i32,
    kind: i32,
    protocol: i32,
    flags: i32,
}

/// Raises an exception of one of the module's classes: a number with its meaning.
#[cold]
fn raise_numbered(cx: &Cx, class: &str, number: i32, meaning: &CStr) -> Raised {
    let Some(class) = cx.native_state(class) else { return cx.runtime_error("the module _socket is not initialized") };
    let meaning = cx.new_str(&meaning.to_string_lossy()).value();
    match cx.call(class, &[Value::int(number.into()), meaning]) {
        Ok(exception) => cx.raise(exception),
        Err(raised) => raised,
    }
}

/// Raises what `getaddrinfo` failed with: its code, and the system's error for `EAI_SYSTEM`.
#[cold]
fn raise_address_error(cx: &Cx, (code, errno): (i32, i32)) -> Raised {
    if code == libc::EAI_SYSTEM {
        return error(cx, errno);
    }
    // SAFETY: the answer is a text that stays.
    raise_numbered(cx, ADDRESS_ERROR, code, unsafe { CStr::from_ptr(libc::gai_strerror(code)) })
}

/// Asks the resolver. A thread that calls this is detached.
fn ask(host: Option<&CStr>, service: Option<&CStr>, hints: Hints) -> Result<Vec<Found>, (i32, i32)> {
    // SAFETY: numbers and null pointers, for which zero is valid.
    let mut wanted: libc::addrinfo = unsafe { std::mem::zeroed() };
    (wanted.ai_family, wanted.ai_socktype) = (hints.family, hints.kind);
    (wanted.ai_protocol, wanted.ai_flags) = (hints.protocol, hints.flags);
    let mut first = ptr::null_mut();
    let text = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
    // SAFETY: the names are null or end with NUL; hints and place are locals.
    let code = unsafe { libc::getaddrinfo(text(host), text(service), &wanted, &mut first) };
    if code != 0 {
        return Err((code, errno()));
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: the list is the resolver's until it is freed below; each record's pointers are null or valid.
    unsafe {
        while let Some(record) = next.as_ref() {
            let canonical =
                record.ai_canonname.as_ref().map_or(Vec::new(), |name| CStr::from_ptr(name).to_bytes().to_vec());
            found.push(Found {
                family: record.ai_family,
                kind: record.ai_socktype,
                protocol: record.ai_protocol,
                canonical,
                address: Address::copied(record.ai_addr, record.ai_addrlen),
            });
            next = record.ai_next;
        }
        libc::freeaddrinfo(first);
    }
    Ok(found)
}

fn ask_detached(cx: &Cx, host: Option<&CStr>, service: Option<&CStr>, hints: Hints) -> PyResult<Vec<Found>> {
    cx.mutator().detached(|| ask(host, service, hints)).map_err(|failure| raise_address_error(cx, failure))
}

/// The address that a text of numbers stands for, in one family.
fn parse_numbers(text: &CStr, family: i32) -> Option<Address> {
    let mut bytes = [0u8; 16];
    // SAFETY: the text ends with NUL; there is room for either family's bytes.
    let answer = unsafe { c::inet_pton(family, text.as_ptr(), bytes.as_mut_ptr().cast()) };
    (answer == 1).then(|| Address::internet(family, bytes))
}

/// The address of a host, as numbers or by name: of the family, or of any (`AF_UNSPEC`). The empty name stands for any
/// address, `<broadcast>` for all hosts.
pub fn numeric_or_resolved(cx: &Cx, name: &CStr, family: i32) -> PyResult<Address> {
    let first = |found: Vec<Found>| match found.into_iter().next() {
        Some(found) => Ok(found.address),
        None => Err(raise!(cx, OSError, "no address found")),
    };
    match name.to_bytes() {
        b"" => {
            let hints = Hints { family, kind: libc::SOCK_DGRAM, flags: libc::AI_PASSIVE, ..Hints::default() };
            let found = ask_detached(cx, None, Some(c"0"), hints)?;
            if found.len() > 1 {
                return Err(raise!(cx, OSError, "wildcard resolved to multiple address"));
            }
            first(found)
        }
        b"255.255.255.255" | b"<broadcast>" => {
            if family != libc::AF_INET && family != libc::AF_UNSPEC {
                return Err(raise!(cx, OSError, "address family mismatched"));
            }
            Ok(Address::internet(libc::AF_INET, [0xff; 16]))
        }
        text => {
            if matches!(family, libc::AF_UNSPEC | libc::AF_INET)
                && let Some(address) = parse_numbers(name, libc::AF_INET)
            {
                return Ok(address);
            }
            if matches!(family, libc::AF_UNSPEC | libc::AF_INET6)
                && !text.contains(&b'%')
                && let Some(address) = parse_numbers(name, libc::AF_INET6)
            {
                return Ok(address);
            }
            first(ask_detached(cx, Some(name), None, Hints { family, ..Hints::default() })?)
        }
    }
}

static GETADDRINFO: Signature<6> =
    Signature::new("getaddrinfo", ["host", "port", "family", "type", "proto", "flags"]).required(2);

/// A text for the resolver.
fn resolver_text(cx: &Cx, bytes: Vec<u8>) -> PyResult<Option<CString>> {
    CString::new(bytes).map(Some).map_err(|_| cx.value_error("embedded null character"))
}

pub(super) fn getaddrinfo(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [host, service, family, kind, protocol, flags] = GETADDRINFO.bind(cx, args)?;
    let (host, service) = (host.unwrap_or(Value::NONE), service.unwrap_or(Value::NONE));
    let int = |value: Option<Value>| value.map_or(Ok(0), |value| cx.c_int_argument(value));
    let hints = Hints { family: int(family)?, kind: int(kind)?, protocol: int(protocol)?, flags: int(flags)? };
    let host = match host.downcast::<Str>(cx) {
        Some(text) => resolver_text(cx, address::encoded(cx, text)?)?,
        None if host.is_none() => None,
        None => match host.downcast::<Bytes>(cx) {
            Some(bytes) => resolver_text(cx, bytes.as_bytes().to_vec())?,
            None => return Err(cx.type_error("getaddrinfo() argument 1 must be string or None")),
        },
    };
    let service = match service.downcast::<Str>(cx) {
        Some(text) => resolver_text(cx, utf_8(cx, text)?)?,
        None if service.is_none() => None,
        None if is_int(cx, service) => resolver_text(cx, object::str(cx, service)?.as_bytes().to_vec())?,
        None => match service.downcast::<Bytes>(cx) {
            Some(bytes) => resolver_text(cx, bytes.as_bytes().to_vec())?,
            None => return Err(raise!(cx, OSError, "Int or String expected")),
        },
    };
    let found = ask_detached(cx, host.as_deref(), service.as_deref(), hints)?;
    let list = cx.new_list();
    for found in &found {
        let shown = address::to_python(cx, &found.address, found.protocol)?;
        let canonical = fs_decode(cx, &found.canonical).value();
        let number = |value: i32| Value::int(value.into());
        let row = [number(found.family), number(found.kind), number(found.protocol), canonical, shown];
        list.push(cx, cx.new_tuple(&row).value())?;
    }
    Ok(list.value())
}

/// The bytes of a text, which must not hold surrogates.
fn utf_8(cx: &Cx, text: Ref<Str>) -> PyResult<Vec<u8>> {
    match text.to_str() {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => {
            let encoded = countless_vm::runtime::codecs::encode(cx, text, Some(cx.new_str("utf-8")), None)?;
            Ok(ByteView::new(cx, encoded)?.to_vec())
        }
    }
}

pub(super) fn getnameinfo(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [given, flags] = parsed(cx, args, "getnameinfo", 2)?.map(|value| value.unwrap_or(Value::NONE));
    let flags = cx.c_int_argument(flags)?;
    let Some(tuple) = given.downcast::<Tuple>(cx) else {
        return Err(cx.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let host = tuple.item(0).and_then(|host| host.downcast::<Str>(cx));
    let Some(host) = host.filter(|_| (2..=4).contains(&tuple.len())) else {
        return Err(cx.type_error("getnameinfo(): illegal sockaddr argument"));
    };
    let host = utf_8(cx, host)?;
    let Ok(host) = CString::new(host) else { return Err(cx.value_error("embedded null character")) };
    let port = cx.c_int_argument(tuple.get(1))?;
    let (flow, scope) = (masked(cx, tuple.item(2))?, masked(cx, tuple.item(3))?);
    if flow > 0xf_ffff {
        return Err(cx.overflow_error("getnameinfo(): flowinfo must be 0-1048575."));
    }
    // Of datagrams, so that a port has one answer.
    let hints = Hints { kind: libc::SOCK_DGRAM, flags: libc::AI_NUMERICHOST, ..Hints::default() };
    let service = CString::new(port.to_string()).unwrap_or_default();
    let found = ask_detached(cx, Some(&host), Some(&service), hints)?;
    if found.len() > 1 {
        return Err(raise!(cx, OSError, "sockaddr resolved to multiple addresses"));
    }
    let Some(Found { address, .. }) = found.first() else { return Err(raise!(cx, OSError, "no address found")) };
    let address = match address.family() {
        libc::AF_INET if tuple.len() != 2 => return Err(raise!(cx, OSError, "IPv4 sockaddr must be 2 tuple")),
        libc::AF_INET6 => address.with_port(port as u16, flow, scope),
        _ => *address,
    };
    let (host, service) =
        cx.mutator().detached(|| names_of(&address, flags)).map_err(|failure| raise_address_error(cx, failure))?;
    Ok(cx.new_tuple(&[fs_decode(cx, &host).value(), fs_decode(cx, &service).value()]).value())
}

/// The names of an address and of its port.
fn names_of(address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>), (i32, i32)> {
    let mut host = [0 as libc::c_char; libc::NI_MAXHOST as usize];
    let mut service = [0 as libc::c_char; 32];
    // SAFETY: the address is a local's; the places have the sizes that are said, and are ended with NUL on success.
    unsafe {
        let code = libc::getnameinfo(
            address.pointer(),
            address.length,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr(),
            service.len() as libc::socklen_t,
            flags,
        );
        if code != 0 {
            return Err((code, errno()));
        }
        Ok((CStr::from_ptr(host.as_ptr()).to_bytes().to_vec(), CStr::from_ptr(service.as_ptr()).to_bytes().to_vec()))
    }
}

/// A host with its aliases and addresses.
struct Host {
    name: Vec<u8>,
    aliases: Vec<Vec<u8>>,
    family: i32,
    addresses: Vec<Vec<u8>>,
}

/// Copies a list of pointers that ends with null.
///
/// # Safety
///
/// The list is null or ends with null; `copy` may read what its pointers point to.
unsafe fn copied_list(list: *mut *mut libc::c_char, copy: impl Fn(*const libc::c_char) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut copies = Vec::new();
    if list.is_null() {
        return copies;
    }
    // SAFETY: the caller's contract.
    unsafe {
        while let Some(&pointer) = list.add(copies.len()).as_ref().filter(|pointer| !pointer.is_null()) {
            copies.push(copy(pointer));
        }
    }
    copies
}

/// Looks a host up by a call that fills a record with pointers into a buffer; the resolver's error number if there is none.
fn find_host(
    call: impl Fn(*mut libc::hostent, &mut [libc::c_char], *mut *mut libc::hostent, *mut i32) -> i32,
) -> Result<Host, i32> {
    let mut size = 8192;
    loop {
        let mut buffer: Vec<libc::c_char> = vec![0; size];
        // SAFETY: numbers and pointers, for which zero is valid.
        let mut record: libc::hostent = unsafe { std::mem::zeroed() };
        let (mut found, mut failure) = (ptr::null_mut(), 0);
        match call(&mut record, &mut buffer, &mut found, &mut failure) {
            libc::ERANGE if size < 1 << 20 => size *= 2,
            // SAFETY: the call has filled the record: texts end with NUL, lists with null, addresses have the length that it says.
            0 if !found.is_null() => unsafe {
                let text = |pointer| CStr::from_ptr(pointer).to_bytes().to_vec();
                let length = record.h_length as usize;
                return Ok(Host {
                    name: text(record.h_name),
                    aliases: copied_list(record.h_aliases, text),
                    family: record.h_addrtype,
                    addresses: copied_list(record.h_addr_list, |pointer| {
                        std::slice::from_raw_parts(pointer.cast::<u8>(), length).to_vec()
                    }),
                });
            },
            _ => return Err(failure),
        }
    }
}

unsafe extern "C" {
    fn hstrerror(code: libc::c_int) -> *const libc::c_char;
}

fn host_tuple(cx: &Cx, host: Result<Host, i32>) -> PyResult {
    let host = host.map_err(|code| {
        // SAFETY: the answer is a text that stays.
        raise_numbered(cx, HOST_ERROR, code, unsafe { CStr::from_ptr(hstrerror(code)) })
    })?;
    let (aliases, addresses) = (cx.new_list(), cx.new_list());
    for alias in &host.aliases {
        aliases.push(cx, fs_decode(cx, alias).value())?;
    }
    for bytes in &host.addresses {
        addresses.push(cx, internet_text(cx, host.family, bytes)?.value())?;
    }
    Ok(cx.new_tuple(&[fs_decode(cx, &host.name).value(), aliases.value(), addresses.value()]).value())
}

pub(super) fn gethostbyname(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = parsed(cx, args, "gethostbyname", 1)?.map(|value| value.unwrap_or(Value::NONE));
    let found = numeric_or_resolved(cx, &host_argument(cx, name, "gethostbyname")?, libc::AF_INET)?;
    let bytes = found.internet_bytes().unwrap_or_default();
    Ok(internet_text(cx, libc::AF_INET, &bytes)?.value())
}

pub(super) fn gethostbyname_ex(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = parsed(cx, args, "gethostbyname_ex", 1)?.map(|value| value.unwrap_or(Value::NONE));
    let name = host_argument(cx, name, "gethostbyname_ex")?;
    numeric_or_resolved(cx, &name, libc::AF_INET)?;
    let host = cx.mutator().detached(|| {
        find_host(|record, buffer, found, failure| {
            // SAFETY: the name ends with NUL; record, buffer with its length, and places are valid for the call.
            unsafe { c::gethostbyname_r(name.as_ptr(), record, buffer.as_mut_ptr(), buffer.len(), found, failure) }
        })
    });
    host_tuple(cx, host)
}

pub(super) fn gethostbyaddr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = parsed(cx, args, "gethostbyaddr", 1)?.map(|value| value.unwrap_or(Value::NONE));
    let found = numeric_or_resolved(cx, &host_argument(cx, name, "gethostbyaddr")?, libc::AF_UNSPEC)?;
    let Some(bytes) = found.internet_bytes() else { return Err(raise!(cx, OSError, "unsupported address family")) };
    let family = found.family();
    let host = cx.mutator().detached(|| {
        find_host(|record, buffer, found, failure| {
            let (address, length) = (bytes.as_ptr().cast(), bytes.len() as libc::socklen_t);
            // SAFETY: the bytes with their length, record, buffer with its length, and places are valid for the call.
            unsafe {
                c::gethostbyaddr_r(address, length, family, record, buffer.as_mut_ptr(), buffer.len(), found, failure)
            }
        })
    });
    host_tuple(cx, host)
}

/// A protocol's name, or none for any.
fn protocol_name(cx: &Cx, name: Option<Value>, function: &str) -> PyResult<Option<CString>> {
    match name {
        Some(name) => resolver_text(cx, encode_text(cx, cx.str_argument_at(name, function, 2)?)?),
        None => Ok(None),
    }
}

/// The tables of services and protocols are read with one cursor for the process.
static TABLES: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Runs a look-up in those tables, detached.
fn look_up<R: Send>(cx: &Cx, find: impl FnOnce() -> R + Send) -> R {
    cx.mutator().detached(|| {
        let _guard = TABLES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        find()
    })
}

pub(super) fn getservbyname(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name, protocol] = parsed(cx, args, "getservbyname", 1)?;
    let name = encode_text(cx, cx.str_argument_at(name.unwrap_or(Value::NONE), "getservbyname", 1)?)?;
    let Ok(name) = CString::new(name) else { return Err(cx.value_error("embedded null character")) };
    let protocol = protocol_name(cx, protocol, "getservbyname")?;
    let port = look_up(cx, || {
        let protocol = protocol.as_deref().map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the names end with NUL; the record is read while the tables are ours.
        unsafe { libc::getservbyname(name.as_ptr(), protocol).as_ref() }
            .map(|record| u16::from_be(record.s_port as u16))
    });
    match port {
        Some(port) => Ok(Value::int(port.into())),
        None => Err(raise!(cx, OSError, "service/proto not found")),
    }
}

pub(super) fn getservbyport(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [port, protocol] = parsed(cx, args, "getservbyport", 1)?;
    let port = cx.c_int_argument(port.unwrap_or(Value::NONE))?;
    let protocol = protocol_name(cx, protocol, "getservbyport")?;
    let Ok(port) = u16::try_from(port) else {
        return Err(cx.overflow_error("getservbyport: port must be 0-65535."));
    };
    let name = look_up(cx, || {
        let protocol = protocol.as_deref().map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the name ends with NUL; the record and its name are read while the tables are ours.
        unsafe {
            let record = libc::getservbyport(port.to_be().into(), protocol).as_ref()?;
            Some(CStr::from_ptr(record.s_name).to_bytes().to_vec())
        }
    });
    match name {
        Some(name) => Ok(fs_decode(cx, &name).value()),
        None => Err(raise!(cx, OSError, "port/proto not found")),
    }
}

pub(super) fn getprotobyname(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = parsed(cx, args, "getprotobyname", 1)?.map(|value| value.unwrap_or(Value::NONE));
    let name = encode_text(cx, cx.str_argument_at(name, "getprotobyname", 1)?)?;
    let Ok(name) = CString::new(name) else { return Err(cx.value_error("embedded null character")) };
    // SAFETY: the name ends with NUL; the record is read while the tables are ours.
    let number = look_up(cx, || unsafe { libc::getprotobyname(name.as_ptr()).as_ref() }.map(|record| record.p_proto));
    match number {
        Some(number) => Ok(Value::int(number.into())),
        None => Err(raise!(cx, OSError, "protocol not found")),
    }
}

pub(super) fn gethostname(cx: &Cx, _module: Value) -> PyResult {
    let mut name = [0u8; 1024];
    // SAFETY: the place has the length that is said; its last byte stays NUL.
    let answer = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    crate::support::system::quick(cx, answer.into())?;
    Ok(fs_decode(cx, name.split(|&byte| byte == 0).next().unwrap_or_default()).value())
}

pub(super) fn sethostname(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = parsed(cx, args, "sethostname", 1)?.map(|value| value.unwrap_or(Value::NONE));
    let name = match name.downcast::<Str>(cx) {
        Some(text) => encode_text(cx, text)?,
        None => ByteView::new(cx, name)?.to_vec(),
    };
    // SAFETY: the bytes are a local's, with their length.
    crate::support::system::quick(cx, unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn if_nameindex(cx: &Cx, _module: Value) -> PyResult {
    let mut interfaces = Vec::new();
    // SAFETY: the array is the C library's until it is freed, and ends with a row without number and name.
    unsafe {
        let first = libc::if_nameindex();
        if first.is_null() {
            return Err(crate::support::system::last_error(cx));
        }
        let mut row = first;
        while (*row).if_index != 0 && !(*row).if_name.is_null() {
            interfaces.push(((*row).if_index, CStr::from_ptr((*row).if_name).to_bytes().to_vec()));
            row = row.add(1);
        }
        libc::if_freenameindex(first);
    }
    let list: Ref<List> = cx.new_list();
    for (index, name) in interfaces {
        list.push(cx, cx.new_tuple(&[Value::int(index.into()), fs_decode(cx, &name).value()]).value())?;
    }
    Ok(list.value())
}

pub(super) fn if_nametoindex(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = crate::support::path::fs_encode(cx, name)?;
    let Ok(name) = CString::new(name) else { return Err(cx.value_error("embedded null byte")) };
    // SAFETY: the name ends with NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(crate::support::system::last_error(cx)),
        index => Ok(Value::int(index.into())),
    }
}

pub(super) fn if_indextoname(cx: &Cx, _module: Value, index: Value) -> PyResult {
    let index = number::index(cx, index)?;
    let index = match number::as_index_i64(cx, index) {
        Some(..0) => return Err(cx.value_error("Cannot convert negative int")),
        Some(index @ 0..=0xffff_ffff) => index as u32,
        _ => return Err(cx.overflow_error("Python int too large for C unsigned int")),
    };
    let mut name = [0 as libc::c_char; libc::IFNAMSIZ];
    // SAFETY: the place has room for a name, which is ended with NUL.
    unsafe {
        if libc::if_indextoname(index, name.as_mut_ptr()).is_null() {
            return Err(crate::support::system::last_error(cx));
        }
        Ok(fs_decode(cx, CStr::from_ptr(name.as_ptr()).to_bytes()).value())
    }
}
