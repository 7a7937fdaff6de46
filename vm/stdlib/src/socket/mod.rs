//! `_socket`: sockets, and names of hosts and services. Linux's families of addresses but for Bluetooth, TIPC and QIPCRTR.

mod address;
mod c;
mod constants;
mod message;
mod numbers;
mod object;
mod resolve;
mod transfer;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::support::native::define_exception;
use crate::support::system::{add_constants, error};

/// From `least` to `N` positional arguments; the messages are those of C functions that take a format.
fn parsed<const N: usize>(cx: &Cx, args: Args<'_>, function: &str, least: usize) -> PyResult<[Option<Value>; N]> {
    args.no_keywords(cx, function)?;
    let given = args.len();
    if given < least || given > N {
        let (bound, limit) = match () {
            () if least == N => ("exactly", N),
            () if given < least => ("at least", least),
            () => ("at most", N),
        };
        let plural = if limit == 1 { "" } else { "s" };
        return Err(raise!(cx, TypeError, "{function}() takes {bound} {limit} argument{plural} ({given} given)"));
    }
    Ok(std::array::from_fn(|index| args.get(index)))
}

fn socketpair(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [family, kind, protocol] = parsed(cx, args, "socketpair", 0)?;
    let int = |value: Option<Value>, default| value.map_or(Ok(default), |value| cx.c_int_argument(value));
    let family = int(family, libc::AF_UNIX)?;
    let (kind, protocol) = (int(kind, libc::SOCK_STREAM)?, int(protocol, 0)?);
    let mut pair = [-1; 2];
    // SAFETY: the array has room for two descriptors.
    let answer = unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, pair.as_mut_ptr()) };
    if answer < 0 {
        return Err(crate::support::system::last_error(cx));
    }
    let first = object::adopt(cx, pair[0], family, kind, protocol);
    let second = match &first {
        Ok(_) => object::adopt(cx, pair[1], family, kind, protocol),
        Err(_) => {
            let _ = object::close_fd(cx, pair[1]);
            Err(error(cx, libc::EBADF))
        }
    };
    Ok(cx.new_tuple(&[first?, second?]).value())
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "gethostbyname",
        resolve::gethostbyname,
        "gethostbyname(host) -> address\n\nThe address of a host, as text of IPv4.",
    ),
    Method::many(
        "gethostbyname_ex",
        resolve::gethostbyname_ex,
        "gethostbyname_ex(host) -> (name, aliaslist, addresslist)\n\nA host's name, other names, and addresses.",
    ),
    Method::many(
        "gethostbyaddr",
        resolve::gethostbyaddr,
        "gethostbyaddr(host) -> (name, aliaslist, addresslist)\n\nA host's name, other names, and addresses, by one of these.",
    ),
    Method::none(
        "gethostname",
        resolve::gethostname,
        "gethostname($self, /)\n--\n\ngethostname() -> string\n\nThe name of this machine.",
    ),
    Method::many("sethostname", resolve::sethostname, "sethostname(name)\n\nName this machine."),
    Method::many(
        "getservbyname",
        resolve::getservbyname,
        "getservbyname(servicename[, protocolname]) -> integer\n\nThe port of a service.",
    ),
    Method::many(
        "getservbyport",
        resolve::getservbyport,
        "getservbyport(port[, protocolname]) -> string\n\nThe service of a port.",
    ),
    Method::many(
        "getprotobyname",
        resolve::getprotobyname,
        "getprotobyname(name) -> integer\n\nThe number of a protocol.",
    ),
    Method::one(
        "close",
        transfer::close,
        "close($self, object, /)\n--\n\nclose(integer) -> None\n\nClose a descriptor.",
    ),
    Method::one(
        "dup",
        transfer::dup,
        "dup($self, object, /)\n--\n\ndup(integer) -> integer\n\nDuplicate a descriptor.",
    ),
    Method::many(
        "socketpair",
        socketpair,
        "socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\nTwo sockets that are connected with each other.",
    ),
    Method::one(
        "ntohs",
        numbers::ntohs,
        "ntohs($module, integer, /)\n--\n\nConvert a 16-bit unsigned integer from network to host byte order.",
    ),
    Method::one(
        "ntohl",
        numbers::ntohl,
        "ntohl($module, integer, /)\n--\n\nConvert a 32-bit unsigned integer from network to host byte order.",
    ),
    Method::one(
        "htons",
        numbers::htons,
        "htons($module, integer, /)\n--\n\nConvert a 16-bit unsigned integer from host to network byte order.",
    ),
    Method::one(
        "htonl",
        numbers::htonl,
        "htonl($module, integer, /)\n--\n\nConvert a 32-bit unsigned integer from host to network byte order.",
    ),
    Method::one(
        "inet_aton",
        numbers::inet_aton,
        "inet_aton($module, ip_addr, /)\n--\n\nThe four bytes of an address of IPv4 given as text.",
    ),
    Method::one(
        "inet_ntoa",
        numbers::inet_ntoa,
        "inet_ntoa($module, packed_ip, /)\n--\n\nThe text of an address of IPv4 given as four bytes.",
    ),
    Method::many(
        "inet_pton",
        numbers::inet_pton,
        "inet_pton(af, ip) -> packed IP address string\n\nThe bytes of an address given as text.",
    ),
    Method::many(
        "inet_ntop",
        numbers::inet_ntop,
        "inet_ntop(af, packed_ip) -> string formatted IP address\n\nThe text of an address given as bytes.",
    ),
    Method::many(
        "getaddrinfo",
        resolve::getaddrinfo,
        "getaddrinfo(host, port [, family, type, proto, flags])\n    -> list of (family, type, proto, canonname, sockaddr)\n\nThe addresses that host and port stand for.",
    ),
    Method::many(
        "getnameinfo",
        resolve::getnameinfo,
        "getnameinfo(sockaddr, flags) --> (host, port)\n\nThe names of an address.",
    ),
    Method::none(
        "getdefaulttimeout",
        object::getdefaulttimeout,
        "getdefaulttimeout($self, /)\n--\n\ngetdefaulttimeout() -> timeout\n\nThe timeout of new sockets.",
    ),
    Method::one(
        "setdefaulttimeout",
        object::setdefaulttimeout,
        "setdefaulttimeout($self, object, /)\n--\n\nsetdefaulttimeout(timeout)\n\nSet the timeout of new sockets.",
    ),
    Method::none(
        "if_nameindex",
        resolve::if_nameindex,
        "if_nameindex($self, /)\n--\n\nif_nameindex()\n\nNumbers and names of the network's interfaces.",
    ),
    Method::one(
        "if_nametoindex",
        resolve::if_nametoindex,
        "if_nametoindex($module, oname, /)\n--\n\nThe number of an interface.",
    ),
    Method::one(
        "if_indextoname",
        resolve::if_indextoname,
        "if_indextoname($module, if_index, /)\n--\n\nThe name of an interface.",
    ),
    Method::many(
        "CMSG_LEN",
        numbers::cmsg_len,
        "CMSG_LEN(length) -> control message length\n\nThe length of a control message with so many bytes of data, without padding.",
    ),
    Method::many(
        "CMSG_SPACE",
        numbers::cmsg_space,
        "CMSG_SPACE(length) -> buffer size\n\nThe room that a control message with so many bytes of data takes, with padding.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, constants::CONSTANTS)?;
    let os_error = cx.builtin_type(ExceptionKind::OSError.type_id()).value();
    cx.add_to_module(module, "error", os_error)?;
    cx.add_to_module(module, "timeout", cx.builtin_type(ExceptionKind::TimeoutError.type_id()).value())?;
    for (key, name) in [(resolve::HOST_ERROR, "herror"), (resolve::ADDRESS_ERROR, "gaierror")] {
        define_exception(cx, module, key, ("socket", name), ExceptionKind::OSError, "")?;
    }
    let class = countless_vm::runtime::bootstrap::native_type(cx, &object::TYPE)?.value();
    cx.add_to_module(module, "SocketType", class)?;
    cx.add_to_module(module, "has_ipv6", Value::TRUE)?;
    for (name, address) in [("BDADDR_ANY", "00:00:00:00:00:00"), ("BDADDR_LOCAL", "00:00:00:FF:FF:FF")] {
        cx.add_to_module(module, name, cx.new_str(address).value())?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_socket",
    doc: "Sockets and names of hosts; see the module socket.",
    functions: FUNCTIONS,
    types: &[&object::TYPE],
    execute: Some(execute),
};
