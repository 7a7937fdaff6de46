//! Addresses: between Python's tuples and the system's records.

use std::ffi::{CStr, CString};
use std::mem::{offset_of, size_of};

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::codecs;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytearray::ByteArray;
use countless_vm::types::bytes::{ByteView, Bytes};
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use super::c;
use super::resolve::numeric_or_resolved;
use crate::support::path::{encode_text, fs_decode};
use crate::support::system::last_error;

/// A record of `sys/socket.h` for one family of addresses.
///
/// # Safety
///
/// The type is plain numbers, for which every pattern of bytes is valid, and is not larger than `sockaddr_storage`.
unsafe trait Record: Copy {}

// SAFETY: plain numbers, of at most 128 bytes.
unsafe impl Record for libc::sockaddr_in {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_in6 {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_un {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_nl {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_ll {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_vm {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr_alg {}
// SAFETY: as above.
unsafe impl Record for CanAddress {}
// SAFETY: as above.
unsafe impl Record for libc::sockaddr {}

/// `sockaddr_can`, with what the protocols keep there as bytes.
#[repr(C)]
#[derive(Clone, Copy)]
struct CanAddress {
    family: libc::sa_family_t,
    interface: libc::c_int,
    rest: [u32; 4],
}

/// An address as the system has it.
#[derive(Clone, Copy)]
pub struct Address {
    storage: libc::sockaddr_storage,
    /// How many bytes of it there are.
    pub length: libc::socklen_t,
}

impl Address {
    /// Room for any address.
    pub fn room() -> Address {
        // SAFETY: plain numbers, for which zero is valid.
        let storage = unsafe { std::mem::zeroed() };
        Address { storage, length: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    /// No address.
    pub fn none() -> Address {
        Address { length: 0, ..Address::room() }
    }

    fn of<R: Record>(record: R, length: usize) -> Address {
        let mut address = Address::room();
        // SAFETY: a record is no larger than the storage, which is aligned for all of them.
        unsafe { (&raw mut address.storage).cast::<R>().write(record) };
        address.length = length as libc::socklen_t;
        address
    }

    fn whole<R: Record>(record: R) -> Address {
        Address::of(record, size_of::<R>())
    }

    fn read<R: Record>(&self) -> R {
        // SAFETY: a record is no larger than the storage, and valid whatever is in it.
        unsafe { (&raw const self.storage).cast::<R>().read() }
    }

    /// Copies what the C library points to.
    ///
    /// # Safety
    ///
    /// `length` bytes from `pointer` are readable.
    pub unsafe fn copied(pointer: *const libc::sockaddr, length: libc::socklen_t) -> Address {
        let mut address = Address::room();
        let length = length.min(address.length);
        // SAFETY: the caller's contract; the storage has room.
        unsafe {
            std::ptr::copy_nonoverlapping(
                pointer.cast::<u8>(),
                (&raw mut address.storage).cast::<u8>(),
                length as usize,
            );
        }
        address.length = length;
        address
    }

    /// For calls that read an address.
    pub fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    /// For calls that write an address.
    pub fn place(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    /// The family.
    pub fn family(&self) -> i32 {
        self.storage.ss_family.into()
    }

    /// An address of the internet without a port.
    pub fn internet(family: i32, bytes: [u8; 16]) -> Address {
        if family == libc::AF_INET6 {
            let mut record = Address::room().read::<libc::sockaddr_in6>();
            record.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            record.sin6_addr.s6_addr = bytes;
            return Address::whole(record);
        }
        let mut record = Address::room().read::<libc::sockaddr_in>();
        record.sin_family = libc::AF_INET as libc::sa_family_t;
        record.sin_addr.s_addr = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        Address::whole(record)
    }

    /// The bytes of an address of the internet: 4 or 16.
    pub fn internet_bytes(&self) -> Option<Vec<u8>> {
        match self.family() {
            libc::AF_INET => Some(self.read::<libc::sockaddr_in>().sin_addr.s_addr.to_ne_bytes().to_vec()),
            libc::AF_INET6 => Some(self.read::<libc::sockaddr_in6>().sin6_addr.s6_addr.to_vec()),
            _ => None,
        }
    }

    /// The same address with a port and, of IPv6, a flow and a scope.
    pub fn with_port(self, port: u16, flow: u32, scope: u32) -> Address {
        match self.family() {
            libc::AF_INET6 => {
                let mut record = self.read::<libc::sockaddr_in6>();
                record.sin6_port = port.to_be();
                record.sin6_flowinfo = flow.to_be();
                record.sin6_scope_id = scope;
                Address::whole(record)
            }
            libc::AF_INET => {
                let mut record = self.read::<libc::sockaddr_in>();
                record.sin_port = port.to_be();
                Address::whole(record)
            }
            _ => self,
        }
    }
}

/// The longest text of an address of IPv6, with its NUL.
const INET6_TEXT_SIZE: usize = 46;

/// The text of an address of the internet.
pub fn internet_text(cx: &Cx, family: i32, bytes: &[u8]) -> PyResult<Ref<Str>> {
    let mut text = [0 as libc::c_char; INET6_TEXT_SIZE];
    // SAFETY: callers give as many bytes as the family's addresses have; the text has room for either's.
    let answer =
        unsafe { c::inet_ntop(family, bytes.as_ptr().cast(), text.as_mut_ptr(), text.len() as libc::socklen_t) };
    if answer.is_null() {
        return Err(last_error(cx));
    }
    // SAFETY: the call has ended the text with NUL.
    Ok(cx.new_str(&unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy()))
}

/// The bytes of a host's name as the C library takes it: as they are, ASCII text, or other text by the codec `idna`. `None`
/// if the value is neither text nor bytes.
fn host_bytes(cx: &Cx, value: Value) -> PyResult<Option<Vec<u8>>> {
    match value.downcast::<Str>(cx) {
        Some(text) => match text.to_str().filter(|text| text.is_ascii()) {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => encoded(cx, text).map(Some),
        },
        None if value.downcast::<Bytes>(cx).is_some() || value.downcast::<ByteArray>(cx).is_some() => {
            Ok(Some(ByteView::new(cx, value)?.to_vec()))
        }
        None => Ok(None),
    }
}

/// The name of a host in an address.
fn host_name(cx: &Cx, value: Value) -> PyResult<CString> {
    match host_bytes(cx, value)? {
        Some(bytes) => CString::new(bytes).map_err(|_| cx.type_error("host name must not contain null character")),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "str, bytes or bytearray expected, not {class}"))
        }
    }
}

/// The name of a host as a function's first argument.
pub fn host_argument(cx: &Cx, value: Value, function: &str) -> PyResult<CString> {
    let expected = match host_bytes(cx, value)?.map(CString::new) {
        Some(Ok(name)) => return Ok(name),
        Some(Err(_)) => "encoded string without null bytes",
        None => "str, bytes or bytearray",
    };
    let class = value.class_name(cx);
    Err(raise!(cx, TypeError, "{function}() argument 1 must be {expected}, not {class}"))
}

/// The text of a host's name by the codec `idna`.
pub fn encoded(cx: &Cx, text: Ref<Str>) -> PyResult<Vec<u8>> {
    let encoded = codecs::encode(cx, text, Some(cx.new_str("idna")), None)?;
    Ok(ByteView::new(cx, encoded)?.to_vec())
}

/// The elements of an address, between `least` and `N`.
fn elements<const N: usize>(
    cx: &Cx,
    value: Value,
    (function, family, shape): (&str, &str, &str),
    least: usize,
) -> PyResult<[Option<Value>; N]> {
    let Some(tuple) = value.downcast::<Tuple>(cx) else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "{function}(): {family} address must be tuple, not {class}"));
    };
    if !(least..=N).contains(&tuple.len()) {
        return Err(raise!(cx, TypeError, "{family} address must be {shape}"));
    }
    Ok(std::array::from_fn(|index| tuple.item(index)))
}

/// A number that C takes for an `unsigned int` without looking at its size.
pub fn masked(cx: &Cx, value: Option<Value>) -> PyResult<u32> {
    let Some(value) = value else { return Ok(0) };
    let value = number::index(cx, value)?;
    Ok(number::as_index_i64(cx, value).map_or(u32::MAX, |value| value as u32))
}

/// A number of 16 bits: "{function}(): {what} must be 0-65535."
fn port(cx: &Cx, value: Value, function: &str, what: &str) -> PyResult<u16> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value).map(u16::try_from) {
        Some(Ok(port)) => Ok(port),
        _ => Err(raise!(cx, OverflowError, "{function}(): {what} must be 0-65535.")),
    }
}

/// The number of an interface by its name.
fn interface(cx: &Cx, name: Value) -> PyResult<u32> {
    let name = match name.downcast::<Str>(cx) {
        Some(text) => encode_text(cx, text)?,
        None => ByteView::new(cx, name)?.to_vec(),
    };
    if name.is_empty() {
        return Ok(0);
    }
    let name = CString::new(name).map_err(|_| cx.value_error("embedded null character"))?;
    if name.as_bytes_with_nul().len() > libc::IFNAMSIZ {
        return Err(raise!(cx, OSError, "interface name too long"));
    }
    // SAFETY: the name ends with NUL.
    match cx.mutator().detached(|| unsafe { libc::if_nametoindex(name.as_ptr()) }) {
        0 => Err(last_error(cx)),
        index => Ok(index),
    }
}

/// The name of an interface; empty if there is none.
fn interface_name(cx: &Cx, index: u32) -> Value {
    let mut name = [0 as libc::c_char; libc::IFNAMSIZ];
    // SAFETY: the place has room for a name.
    if index == 0 || unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return cx.new_str("").value();
    }
    // SAFETY: the call has ended the name with NUL.
    fs_decode(cx, unsafe { CStr::from_ptr(name.as_ptr()) }.to_bytes()).value()
}

/// Reads an address argument of a socket of a family and protocol.
pub fn parse(cx: &Cx, family: i32, protocol: i32, value: Value, function: &str) -> PyResult<Address> {
    match family {
        libc::AF_INET => {
            let words = (function, "AF_INET", "a pair (host, port)");
            let [host, number] = elements::<2>(cx, value, words, 2)?.map(|value| value.unwrap_or(Value::NONE));
            let host = host_name(cx, host)?;
            let checked = number::index(cx, number)?;
            let address = numeric_or_resolved(cx, &host, libc::AF_INET)?;
            Ok(address.with_port(port(cx, checked, function, "port")?, 0, 0))
        }
        libc::AF_INET6 => parse_inet6(cx, value, function),
        libc::AF_UNIX => parse_unix(cx, value),
        libc::AF_NETLINK => {
            let words = (function, "AF_NETLINK", "a pair (pid, groups)");
            let [process, groups] = elements::<2>(cx, value, words, 2)?;
            let mut record = Address::room().read::<libc::sockaddr_nl>();
            record.nl_family = libc::AF_NETLINK as libc::sa_family_t;
            record.nl_pid = masked(cx, process)?;
            record.nl_groups = masked(cx, groups)?;
            Ok(Address::whole(record))
        }
        libc::AF_VSOCK => {
            let words = (function, "AF_VSOCK", "a pair (CID, port)");
            let [cid, port] = elements::<2>(cx, value, words, 2)?;
            let mut record = Address::room().read::<libc::sockaddr_vm>();
            record.svm_family = libc::AF_VSOCK as libc::sa_family_t;
            record.svm_port = masked(cx, port)?;
            record.svm_cid = masked(cx, cid)?;
            Ok(Address::whole(record))
        }
        libc::AF_PACKET => parse_packet(cx, value, function),
        libc::AF_CAN => parse_can(cx, protocol, value, function),
        libc::AF_ALG => parse_algorithm(cx, value, function),
        _ => Err(raise!(cx, OSError, "{function}(): bad family")),
    }
}

fn parse_inet6(cx: &Cx, value: Value, function: &str) -> PyResult<Address> {
    let words = (function, "AF_INET6", "a tuple (host, port[, flowinfo[, scopeid]])");
    let [host, number, flow, scope] = elements::<4>(cx, value, words, 2)?;
    let host = host_name(cx, host.unwrap_or(Value::NONE))?;
    let checked = number::index(cx, number.unwrap_or(Value::NONE))?;
    let (flow, scope) = (masked(cx, flow)?, masked(cx, scope)?);
    let address = numeric_or_resolved(cx, &host, libc::AF_INET6)?;
    let port = port(cx, checked, function, "port")?;
    if flow > 0xf_ffff {
        return Err(raise!(cx, OverflowError, "{function}(): flowinfo must be 0-1048575."));
    }
    Ok(address.with_port(port, flow, scope))
}

fn parse_unix(cx: &Cx, value: Value) -> PyResult<Address> {
    let path = match value.downcast::<Str>(cx) {
        Some(text) => encode_text(cx, text)?,
        None => ByteView::new(cx, value)?.to_vec(),
    };
    let mut record = Address::room().read::<libc::sockaddr_un>();
    // A name that begins with NUL is no path: it may fill the record, and other NULs are part of it.
    let is_abstract = path.first().is_none_or(|&byte| byte == 0);
    if path.len() > record.sun_path.len() || (!is_abstract && path.len() == record.sun_path.len()) {
        return Err(raise!(cx, OSError, "AF_UNIX path too long"));
    }
    record.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (target, &byte) in record.sun_path.iter_mut().zip(&path) {
        *target = byte as libc::c_char;
    }
    Ok(Address::of(record, offset_of!(libc::sockaddr_un, sun_path) + path.len()))
}

fn parse_packet(cx: &Cx, value: Value, function: &str) -> PyResult<Address> {
    let words = (function, "AF_PACKET", "a tuple of two to five elements");
    let [name, protocol, kind, hardware, address] = elements::<5>(cx, value, words, 2)?;
    let int = |value: Option<Value>| value.map_or(Ok(0), |value| cx.c_int_argument(value));
    let name = cx.str_argument(name.unwrap_or(Value::NONE), function)?.value();
    let protocol = number::index(cx, protocol.unwrap_or(Value::NONE))?;
    let (kind, hardware) = (int(kind)?, int(hardware)?);
    let address = address.map_or(Ok(Vec::new()), |bytes| ByteView::new(cx, bytes).map(|bytes| bytes.to_vec()))?;
    let interface = interface(cx, name)?;
    let mut record = Address::room().read::<libc::sockaddr_ll>();
    if address.len() > record.sll_addr.len() {
        return Err(cx.value_error("hardware address must be 8 bytes or less"));
    }
    record.sll_family = libc::AF_PACKET as libc::sa_family_t;
    record.sll_protocol = port(cx, protocol, function, "proto")?.to_be();
    record.sll_ifindex = interface as i32;
    record.sll_pkttype = kind as u8;
    record.sll_hatype = hardware as u16;
    record.sll_halen = address.len() as u8;
    record.sll_addr[..address.len()].copy_from_slice(&address);
    Ok(Address::whole(record))
}

fn parse_can(cx: &Cx, protocol: i32, value: Value, function: &str) -> PyResult<Address> {
    let mut record = CanAddress { family: libc::AF_CAN as libc::sa_family_t, interface: 0, rest: [0; 4] };
    let name = match protocol {
        libc::CAN_RAW | libc::CAN_BCM => {
            let [name] = elements::<1>(cx, value, (function, "AF_CAN", "a tuple (interface, )"), 1)?;
            name
        }
        libc::CAN_ISOTP => {
            let words = (function, "AF_CAN", "a tuple (interface, rx_addr, tx_addr)");
            let [name, receive, transmit] = elements::<3>(cx, value, words, 3)?;
            record.rest = [masked(cx, receive)?, masked(cx, transmit)?, 0, 0];
            name
        }
        libc::CAN_J1939 => {
            let words = (function, "AF_CAN", "a tuple (interface, name, pgn, addr)");
            let [name, device, group, address] = elements::<4>(cx, value, words, 4)?;
            let device = number::index_i64(cx, device.unwrap_or(Value::NONE))? as u64;
            record.rest = [device as u32, (device >> 32) as u32, masked(cx, group)?, masked(cx, address)? & 0xff];
            name
        }
        _ => return Err(raise!(cx, OSError, "{function}(): unsupported CAN protocol")),
    };
    record.interface = interface(cx, name.unwrap_or(Value::NONE))? as i32;
    Ok(Address::whole(record))
}

fn parse_algorithm(cx: &Cx, value: Value, function: &str) -> PyResult<Address> {
    let words = (function, "AF_ALG", "a tuple (type, name[, feat[, mask]])");
    let [kind, name, features, mask] = elements::<4>(cx, value, words, 2)?;
    let mut record = Address::room().read::<libc::sockaddr_alg>();
    let kind = encode_text(cx, cx.str_argument(kind.unwrap_or(Value::NONE), function)?)?;
    let name = encode_text(cx, cx.str_argument(name.unwrap_or(Value::NONE), function)?)?;
    if kind.len() >= record.salg_type.len() {
        return Err(cx.value_error("AF_ALG type too long."));
    }
    if name.len() >= record.salg_name.len() {
        return Err(cx.value_error("AF_ALG name too long."));
    }
    record.salg_family = libc::AF_ALG as libc::sa_family_t;
    record.salg_type[..kind.len()].copy_from_slice(&kind);
    record.salg_name[..name.len()].copy_from_slice(&name);
    (record.salg_feat, record.salg_mask) = (masked(cx, features)?, masked(cx, mask)?);
    Ok(Address::whole(record))
}

/// What Python shows of an address: None if there is none.
pub fn to_python(cx: &Cx, address: &Address, protocol: i32) -> PyResult {
    if address.length == 0 {
        return Ok(Value::NONE);
    }
    let number = |value: u32| Value::int(value.into());
    let values = match address.family() {
        libc::AF_INET => {
            let record = address.read::<libc::sockaddr_in>();
            let host = internet_text(cx, libc::AF_INET, &record.sin_addr.s_addr.to_ne_bytes())?;
            return Ok(cx.new_tuple(&[host.value(), number(u16::from_be(record.sin_port).into())]).value());
        }
        libc::AF_INET6 => {
            let record = address.read::<libc::sockaddr_in6>();
            let host = internet_text(cx, libc::AF_INET6, &record.sin6_addr.s6_addr)?;
            let port = number(u16::from_be(record.sin6_port).into());
            let flow = number(u32::from_be(record.sin6_flowinfo));
            return Ok(cx.new_tuple(&[host.value(), port, flow, number(record.sin6_scope_id)]).value());
        }
        libc::AF_UNIX => return Ok(unix_name(cx, address)),
        libc::AF_NETLINK => {
            let record = address.read::<libc::sockaddr_nl>();
            [number(record.nl_pid), number(record.nl_groups)]
        }
        libc::AF_VSOCK => {
            let record = address.read::<libc::sockaddr_vm>();
            [number(record.svm_cid), number(record.svm_port)]
        }
        libc::AF_PACKET => return Ok(packet_tuple(cx, address)),
        libc::AF_CAN => return Ok(can_tuple(cx, address, protocol)),
        family => {
            let data = address.read::<libc::sockaddr>().sa_data.map(|byte| byte as u8);
            [Value::int(family.into()), cx.new_bytes(&data).value()]
        }
    };
    Ok(cx.new_tuple(&values).value())
}

fn unix_name(cx: &Cx, address: &Address) -> Value {
    let record = address.read::<libc::sockaddr_un>();
    let path = record.sun_path.map(|byte| byte as u8);
    let length = (address.length as usize).saturating_sub(offset_of!(libc::sockaddr_un, sun_path)).min(path.len());
    if length > 0 && path[0] == 0 {
        return cx.new_bytes(&path[..length]).value();
    }
    fs_decode(cx, path[..length].split(|&byte| byte == 0).next().unwrap_or_default()).value()
}

fn packet_tuple(cx: &Cx, address: &Address) -> Value {
    let record = address.read::<libc::sockaddr_ll>();
    let bytes = &record.sll_addr[..usize::from(record.sll_halen).min(record.sll_addr.len())];
    cx.new_tuple(&[
        interface_name(cx, record.sll_ifindex as u32),
        Value::int(u16::from_be(record.sll_protocol).into()),
        Value::int(record.sll_pkttype.into()),
        Value::int(record.sll_hatype.into()),
        cx.new_bytes(bytes).value(),
    ])
    .value()
}

fn can_tuple(cx: &Cx, address: &Address, protocol: i32) -> Value {
    let CanAddress { interface, rest, .. } = address.read();
    let name = interface_name(cx, interface as u32);
    let number = |value: u32| Value::int(value.into());
    match protocol {
        libc::CAN_ISOTP => cx.new_tuple(&[name, number(rest[0]), number(rest[1])]).value(),
        libc::CAN_J1939 => {
            let device = cx.new_int_from_i64((u64::from(rest[0]) | u64::from(rest[1]) << 32) as i64);
            cx.new_tuple(&[name, device, number(rest[2]), number(rest[3] & 0xff)]).value()
        }
        _ => cx.new_tuple(&[name]).value(),
    }
}
