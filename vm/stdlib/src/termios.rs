//! `termios`: the settings of terminals.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::exception::error_text;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;

use crate::support::native::define_exception;
use crate::support::system::{add_constants, blocking, errno, file_descriptor};

static CONSTANTS: &[(&str, i64)] = &[
    ("B0", 0),
    ("B1000000", 1000000),
    ("B110", 110),
    ("B115200", 115200),
    ("B1152000", 1152000),
    ("B1200", 1200),
    ("B134", 134),
    ("B14400", 14400),
    ("B150", 150),
    ("B1500000", 1500000),
    ("B1800", 1800),
    ("B19200", 19200),
    ("B200", 200),
    ("B2000000", 2000000),
    ("B230400", 230400),
    ("B2400", 2400),
    ("B2500000", 2500000),
    ("B28800", 28800),
    ("B300", 300),
    ("B3000000", 3000000),
    ("B3500000", 3500000),
    ("B38400", 38400),
    ("B4000000", 4000000),
    ("B460800", 460800),
    ("B4800", 4800),
    ("B50", 50),
    ("B500000", 500000),
    ("B57600", 57600),
    ("B576000", 576000),
    ("B600", 600),
    ("B7200", 7200),
    ("B75", 75),
    ("B76800", 76800),
    ("B921600", 921600),
    ("B9600", 9600),
    ("BRKINT", 2),
    ("BS0", 0),
    ("BS1", 8192),
    ("BSDLY", 8192),
    ("CBAUD", 4111),
    ("CBAUDEX", 4096),
    ("CDSUSP", 25),
    ("CEOF", 4),
    ("CEOL", 0),
    ("CEOT", 4),
    ("CERASE", 127),
    ("CFLUSH", 15),
    ("CIBAUD", 269418496),
    ("CINTR", 3),
    ("CKILL", 21),
    ("CLNEXT", 22),
    ("CLOCAL", 2048),
    ("CQUIT", 28),
    ("CR0", 0),
    ("CR1", 512),
    ("CR2", 1024),
    ("CR3", 1536),
    ("CRDLY", 1536),
    ("CREAD", 128),
    ("CRPRNT", 18),
    ("CRTSCTS", 2147483648),
    ("CS5", 0),
    ("CS6", 16),
    ("CS7", 32),
    ("CS8", 48),
    ("CSIZE", 48),
    ("CSTART", 17),
    ("CSTOP", 19),
    ("CSTOPB", 64),
    ("CSUSP", 26),
    ("CWERASE", 23),
    ("ECHO", 8),
    ("ECHOCTL", 512),
    ("ECHOE", 16),
    ("ECHOK", 32),
    ("ECHOKE", 2048),
    ("ECHONL", 64),
    ("ECHOPRT", 1024),
    ("EXTA", 19200),
    ("EXTB", 38400),
    ("EXTPROC", 65536),
    ("FF0", 0),
    ("FF1", 32768),
    ("FFDLY", 32768),
    ("FIOASYNC", 21586),
    ("FIOCLEX", 21585),
    ("FIONBIO", 21537),
    ("FIONCLEX", 21584),
    ("FIONREAD", 21531),
    ("FLUSHO", 4096),
    ("HUPCL", 1024),
    ("IBSHIFT", 16),
    ("ICANON", 2),
    ("ICRNL", 256),
    ("IEXTEN", 32768),
    ("IGNBRK", 1),
    ("IGNCR", 128),
    ("IGNPAR", 4),
    ("IMAXBEL", 8192),
    ("INLCR", 64),
    ("INPCK", 16),
    ("IOCSIZE_MASK", 1073676288),
    ("IOCSIZE_SHIFT", 16),
    ("ISIG", 1),
    ("ISTRIP", 32),
    ("IUCLC", 512),
    ("IUTF8", 16384),
    ("IXANY", 2048),
    ("IXOFF", 4096),
    ("IXON", 1024),
    ("NCCS", 32),
    ("NL0", 0),
    ("NL1", 256),
    ("NLDLY", 256),
    ("NOFLSH", 128),
    ("N_MOUSE", 2),
    ("N_PPP", 3),
    ("N_SLIP", 1),
    ("N_STRIP", 4),
    ("N_TTY", 0),
    ("OCRNL", 8),
    ("OFDEL", 128),
    ("OFILL", 64),
    ("OLCUC", 2),
    ("ONLCR", 4),
    ("ONLRET", 32),
    ("ONOCR", 16),
    ("OPOST", 1),
    ("PARENB", 256),
    ("PARMRK", 8),
    ("PARODD", 512),
    ("PENDIN", 16384),
    ("TAB0", 0),
    ("TAB1", 2048),
    ("TAB2", 4096),
    ("TAB3", 6144),
    ("TABDLY", 6144),
    ("TCFLSH", 21515),
    ("TCGETS", 21505),
    ("TCIFLUSH", 0),
    ("TCIOFF", 2),
    ("TCIOFLUSH", 2),
    ("TCION", 3),
    ("TCOFLUSH", 1),
    ("TCOOFF", 0),
    ("TCOON", 1),
    ("TCSADRAIN", 1),
    ("TCSAFLUSH", 2),
    ("TCSANOW", 0),
    ("TCSBRK", 21513),
    ("TCSBRKP", 21541),
    ("TCSETS", 21506),
    ("TCSETSF", 21508),
    ("TCSETSW", 21507),
    ("TCXONC", 21514),
    ("TIOCCONS", 21533),
    ("TIOCEXCL", 21516),
    ("TIOCGETD", 21540),
    ("TIOCGICOUNT", 21597),
    ("TIOCGLCKTRMIOS", 21590),
    ("TIOCGPGRP", 21519),
    ("TIOCGSERIAL", 21534),
    ("TIOCGSOFTCAR", 21529),
    ("TIOCGWINSZ", 21523),
    ("TIOCINQ", 21531),
    ("TIOCLINUX", 21532),
    ("TIOCMBIC", 21527),
    ("TIOCMBIS", 21526),
    ("TIOCMGET", 21525),
    ("TIOCMIWAIT", 21596),
    ("TIOCMSET", 21528),
    ("TIOCM_CAR", 64),
    ("TIOCM_CD", 64),
    ("TIOCM_CTS", 32),
    ("TIOCM_DSR", 256),
    ("TIOCM_DTR", 2),
    ("TIOCM_LE", 1),
    ("TIOCM_RI", 128),
    ("TIOCM_RNG", 128),
    ("TIOCM_RTS", 4),
    ("TIOCM_SR", 16),
    ("TIOCM_ST", 8),
    ("TIOCNOTTY", 21538),
    ("TIOCNXCL", 21517),
    ("TIOCOUTQ", 21521),
    ("TIOCPKT", 21536),
    ("TIOCPKT_DATA", 0),
    ("TIOCPKT_DOSTOP", 32),
    ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2),
    ("TIOCPKT_NOSTOP", 16),
    ("TIOCPKT_START", 8),
    ("TIOCPKT_STOP", 4),
    ("TIOCSCTTY", 21518),
    ("TIOCSERCONFIG", 21587),
    ("TIOCSERGETLSR", 21593),
    ("TIOCSERGETMULTI", 21594),
    ("TIOCSERGSTRUCT", 21592),
    ("TIOCSERGWILD", 21588),
    ("TIOCSERSETMULTI", 21595),
    ("TIOCSERSWILD", 21589),
    ("TIOCSER_TEMT", 1),
    ("TIOCSETD", 21539),
    ("TIOCSLCKTRMIOS", 21591),
    ("TIOCSPGRP", 21520),
    ("TIOCSSERIAL", 21535),
    ("TIOCSSOFTCAR", 21530),
    ("TIOCSTI", 21522),
    ("TIOCSWINSZ", 21524),
    ("TOSTOP", 256),
    ("VDISCARD", 13),
    ("VEOF", 4),
    ("VEOL", 11),
    ("VEOL2", 16),
    ("VERASE", 2),
    ("VINTR", 0),
    ("VKILL", 3),
    ("VLNEXT", 15),
    ("VMIN", 6),
    ("VQUIT", 1),
    ("VREPRINT", 12),
    ("VSTART", 8),
    ("VSTOP", 9),
    ("VSUSP", 10),
    ("VSWTC", 7),
    ("VSWTCH", 7),
    ("VT0", 0),
    ("VT1", 16384),
    ("VTDLY", 16384),
    ("VTIME", 5),
    ("VWERASE", 14),
    ("XCASE", 4),
    ("XTABS", 6144),
    ("_POSIX_VDISABLE", 0),
];

const ERROR: &str = "termios.error";

/// Raises `termios.error(errno, text)`.
#[cold]
fn failed(cx: &Cx, errno: i32) -> Raised {
    let Some(class) = cx.native_state(ERROR) else { return crate::support::system::error(cx, errno) };
    match cx.call(class, &[Value::int(errno.into()), cx.new_str(&error_text(errno)).value()]) {
        Ok(exception) => cx.raise(exception),
        Err(raised) => raised,
    }
}

/// Makes a call that may block; its failure is raised.
fn run(cx: &Cx, call: impl FnMut() -> i64 + Send) -> PyResult {
    match blocking(cx, call)? {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(failed(cx, errno)),
    }
}

/// The settings of a terminal.
fn settings(cx: &Cx, fd: i32) -> PyResult<libc::termios> {
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut record: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the record is a local.
    match unsafe { libc::tcgetattr(fd, &mut record) } {
        0 => Ok(record),
        _ => Err(failed(cx, errno())),
    }
}

fn tcgetattr(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let record = settings(cx, file_descriptor(cx, fd)?)?;
    // SAFETY: the record is whole.
    let (input_speed, output_speed) = unsafe { (libc::cfgetispeed(&record), libc::cfgetospeed(&record)) };
    let characters = cx.new_list();
    for (index, &character) in record.c_cc.iter().enumerate() {
        // Where input is not taken by lines, these two are numbers.
        let is_number = record.c_lflag & libc::ICANON == 0 && (index == libc::VMIN || index == libc::VTIME);
        let value = if is_number { Value::int(character.into()) } else { cx.new_bytes(&[character]).value() };
        characters.push(cx, value)?;
    }
    let number = |number: libc::tcflag_t| Value::int(number.into());
    let list = cx.new_list();
    let values = [
        number(record.c_iflag),
        number(record.c_oflag),
        number(record.c_cflag),
        number(record.c_lflag),
        number(input_speed),
        number(output_speed),
        characters.value(),
    ];
    for value in values {
        list.push(cx, value)?;
    }
    Ok(list.value())
}

fn tcsetattr(cx: &Cx, _module: Value, args: countless_vm::native::args::Args<'_>) -> PyResult {
    let [fd, when, attributes] = args.exactly::<3>(cx, "tcsetattr")?;
    let (fd, when) = (file_descriptor(cx, fd)?, cx.c_int_argument(when)?);
    let wrong = || cx.type_error("tcsetattr, arg 3: must be 7 element list");
    let Some(list) = attributes.downcast::<List>(cx).filter(|list| list.len() == 7) else { return Err(wrong()) };
    let mut record = settings(cx, fd)?;
    let mut numbers = [0; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = number::index_i64(cx, list.get(index).unwrap_or(Value::NONE))? as libc::tcflag_t;
    }
    [record.c_iflag, record.c_oflag, record.c_cflag, record.c_lflag] = [numbers[0], numbers[1], numbers[2], numbers[3]];
    let characters = list.get(6).and_then(|value| value.downcast::<List>(cx));
    let Some(characters) = characters.filter(|list| list.len() == record.c_cc.len()) else {
        let count = record.c_cc.len();
        return Err(cx.type_error(format_args!("tcsetattr: attributes[6] must be {count} element list")));
    };
    for (index, place) in record.c_cc.iter_mut().enumerate() {
        let value = characters.get(index).unwrap_or(Value::NONE);
        *place = match (value.downcast::<Bytes>(cx), number::as_index_i64(cx, value)) {
            (Some(bytes), _) if bytes.len() == 1 => bytes.as_bytes()[0],
            (None, Some(number)) => number as libc::cc_t,
            _ => return Err(cx.type_error("tcsetattr: elements of attributes must be characters or integers")),
        };
    }
    // SAFETY: the record is a local.
    if unsafe { libc::cfsetispeed(&mut record, numbers[4]) < 0 || libc::cfsetospeed(&mut record, numbers[5]) < 0 } {
        return Err(failed(cx, errno()));
    }
    let place = (&raw const record).expose_provenance();
    // SAFETY: the record is a local of the caller, who waits.
    run(cx, || unsafe { libc::tcsetattr(fd, when, std::ptr::with_exposed_provenance(place)).into() })
}

fn tcsendbreak(cx: &Cx, _module: Value, fd: Value, duration: Value) -> PyResult {
    let (fd, duration) = (file_descriptor(cx, fd)?, cx.c_int_argument(duration)?);
    // SAFETY: the call has no preconditions.
    run(cx, || unsafe { libc::tcsendbreak(fd, duration).into() })
}

fn tcdrain(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    // SAFETY: the call has no preconditions.
    run(cx, || unsafe { libc::tcdrain(fd).into() })
}

fn tcflush(cx: &Cx, _module: Value, fd: Value, queue: Value) -> PyResult {
    let (fd, queue) = (file_descriptor(cx, fd)?, cx.c_int_argument(queue)?);
    // SAFETY: the call has no preconditions.
    run(cx, || unsafe { libc::tcflush(fd, queue).into() })
}

fn tcflow(cx: &Cx, _module: Value, fd: Value, action: Value) -> PyResult {
    let (fd, action) = (file_descriptor(cx, fd)?, cx.c_int_argument(action)?);
    // SAFETY: the call has no preconditions.
    run(cx, || unsafe { libc::tcflow(fd, action).into() })
}

fn window(cx: &Cx, fd: i32) -> PyResult<libc::winsize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the record is a local of the type that the request fills.
    match unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) } {
        0 => Ok(size),
        _ => Err(failed(cx, errno())),
    }
}

fn tcgetwinsize(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let size = window(cx, file_descriptor(cx, fd)?)?;
    Ok(cx.new_tuple(&[Value::int(size.ws_row.into()), Value::int(size.ws_col.into())]).value())
}

fn tcsetwinsize(cx: &Cx, _module: Value, fd: Value, size: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    let pair = iter::to_tuple(cx, size)?;
    if pair.len() != 2 {
        return Err(cx.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
    }
    let (rows, columns) = (number::index_i64(cx, pair.get(0))?, number::index_i64(cx, pair.get(1))?);
    let (Ok(rows), Ok(columns)) = (u16::try_from(rows), u16::try_from(columns)) else {
        return Err(cx.overflow_error("winsize value(s) out of range."));
    };
    let mut record = window(cx, fd)?;
    (record.ws_row, record.ws_col) = (rows, columns);
    // SAFETY: the record is a local of the type that the request reads.
    match unsafe { libc::ioctl(fd, libc::TIOCSWINSZ, &record) } {
        0 => Ok(Value::NONE),
        _ => Err(failed(cx, errno())),
    }
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)?;
    define_exception(cx, module, ERROR, ("termios", "error"), ExceptionKind::Exception, "")
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "termios",
    doc: "The settings of terminals, as POSIX has them.\n\nTerminals are given as descriptors or as files.",
    functions: &[
        Method::one(
            "tcgetattr",
            tcgetattr,
            "tcgetattr($module, fd, /)\n--\n\nA terminal's settings: a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc].",
        ),
        Method::many(
            "tcsetattr",
            tcsetattr,
            "tcsetattr($module, fd, when, attributes, /)\n--\n\nSet a terminal's settings.",
        ),
        Method::two("tcsendbreak", tcsendbreak, "tcsendbreak($module, fd, duration, /)\n--\n\nSend a break."),
        Method::one("tcdrain", tcdrain, "tcdrain($module, fd, /)\n--\n\nWait until all output has been sent."),
        Method::two("tcflush", tcflush, "tcflush($module, fd, queue, /)\n--\n\nThrow away what waits in a queue."),
        Method::two("tcflow", tcflow, "tcflow($module, fd, action, /)\n--\n\nHold or resume input or output."),
        Method::one("tcgetwinsize", tcgetwinsize, "tcgetwinsize($module, fd, /)\n--\n\nA terminal's rows and columns."),
        Method::two(
            "tcsetwinsize",
            tcsetwinsize,
            "tcsetwinsize($module, fd, winsize, /)\n--\n\nSet a terminal's rows and columns.",
        ),
    ],
    types: &[],
    execute: Some(execute),
};
