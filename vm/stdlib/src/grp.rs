//! `grp`: the system's groups of users.

use std::ffi::CStr;
use std::sync::Mutex;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef, TypeDef};
use countless_vm::object::cell::Layout;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::structseq::{self, field};

use crate::posix::path::id;
use crate::posix::process::c_string;
use crate::support::path::fs_decode;
use crate::support::system::error;

static LAYOUT: Layout = structseq::layout("struct_group");
static STRUCT: TypeDef = structseq::definition(
    "grp",
    "struct_group",
    "grp.struct_group: Results from getgr*() routines.\n\nA group, as a tuple with names.",
    &LAYOUT,
    &[
        field::<0>("gr_name", "group name"),
        field::<1>("gr_passwd", "password"),
        field::<2>("gr_gid", "group id"),
        field::<3>("gr_mem", "group members"),
    ],
    |cx, class| structseq::finish(cx, class, 4),
);

/// A group, copied out of the C library.
struct Group {
    name: Vec<u8>,
    password: Vec<u8>,
    id: u32,
    members: Vec<Vec<u8>>,
}

/// Copies a record.
///
/// # Safety
///
/// Its strings are null or end with NUL, its array ends with null.
unsafe fn group_of(record: &libc::group) -> Group {
    // SAFETY: the caller's contract.
    unsafe {
        let copied = |text: *const libc::c_char| {
            text.as_ref().map_or(Vec::new(), |text| CStr::from_ptr(text).to_bytes().to_vec())
        };
        let mut members = Vec::new();
        let mut next = record.gr_mem;
        while !next.is_null() && !(*next).is_null() {
            members.push(copied(*next));
            next = next.add(1);
        }
        Group { name: copied(record.gr_name), password: copied(record.gr_passwd), id: record.gr_gid, members }
    }
}

fn group_object(cx: &Cx, group: &Group) -> PyResult {
    let members = cx.new_list();
    for member in &group.members {
        members.push(cx, fs_decode(cx, member).value())?;
    }
    let text = |bytes: &[u8]| fs_decode(cx, bytes).value();
    let values = [text(&group.name), text(&group.password), Value::int(group.id.into()), members.value()];
    cx.new_struct_sequence(&STRUCT, &values)
}

fn find(
    call: impl Fn(*mut libc::group, *mut libc::c_char, usize, *mut *mut libc::group) -> i32,
) -> Result<Option<Group>, i32> {
    let mut size = 1024;
    loop {
        // The members' array lies in the buffer too, so it is aligned as for pointers.
        let mut buffer: Vec<u64> = vec![0; size / 8];
        // SAFETY: numbers and pointers, for which zero is valid.
        let mut record: libc::group = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        match call(&mut record, buffer.as_mut_ptr().cast(), size, &mut found) {
            libc::ERANGE if size < 1 << 24 => size *= 2,
            // SAFETY: the call has filled the record with strings in the buffer.
            0 if !found.is_null() => return Ok(Some(unsafe { group_of(&record) })),
            0 | libc::ENOENT | libc::ESRCH => return Ok(None),
            errno => return Err(errno),
        }
    }
}

static GETGRGID: Signature<1> = Signature::new("getgrgid", ["id"]).required(1);
static GETGRNAM: Signature<1> = Signature::new("getgrnam", ["name"]).required(1);

fn getgrgid(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let value = GETGRGID.bind(cx, args)?[0].unwrap_or(Value::NONE);
    let group = match id(cx, value, "gid") {
        Ok(group) => group,
        Err(raised) => {
            cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::OverflowError)?;
            return Err(cx.key_error(cx.new_str("getgrgid(): gid not found").value()));
        }
    };
    let found = cx.mutator().detached(|| {
        find(|record, buffer, size, result| {
            // SAFETY: the record, the buffer with its length, the result and the key are valid for the call.
            unsafe { libc::getgrgid_r(group, record, buffer, size, result) }
        })
    });
    match found {
        Ok(Some(group)) => group_object(cx, &group),
        Ok(None) => {
            let shown = object::repr(cx, value)?;
            Err(cx.key_error(cx.new_str(&format!("getgrgid(): gid not found: {}", shown.as_wtf8())).value()))
        }
        Err(errno) => Err(error(cx, errno)),
    }
}

fn getgrnam(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let value = GETGRNAM.bind(cx, args)?[0].unwrap_or(Value::NONE);
    cx.str_argument_named(value, "getgrnam", "name")?;
    let name = c_string(cx, value)?;
    let found = cx.mutator().detached(|| {
        find(|record, buffer, size, result| {
            // SAFETY: the record, the buffer with its length, the result and the key are valid for the call.
            unsafe { libc::getgrnam_r(name.as_ptr(), record, buffer, size, result) }
        })
    });
    match found {
        Ok(Some(group)) => group_object(cx, &group),
        Ok(None) => {
            let shown = object::repr(cx, value)?;
            Err(cx.key_error(cx.new_str(&format!("getgrnam(): name not found: {}", shown.as_wtf8())).value()))
        }
        Err(errno) => Err(error(cx, errno)),
    }
}

/// The C library walks over the groups with one cursor for the process.
static CURSOR: Mutex<()> = Mutex::new(());

fn getgrall(cx: &Cx, _module: Value) -> PyResult {
    let groups = cx.mutator().detached(|| {
        let _guard = CURSOR.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut groups = Vec::new();
        // SAFETY: the guard keeps others from the cursor; records are valid until the next call.
        unsafe {
            libc::setgrent();
            while let Some(record) = libc::getgrent().as_ref() {
                groups.push(group_of(record));
            }
            libc::endgrent();
        }
        groups
    });
    let list = cx.new_list();
    for group in groups {
        list.push(cx, group_object(cx, &group)?)?;
    }
    Ok(list.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "grp",
    doc: "The system's groups of users: tuples of name, password, id and a list of members.",
    functions: &[
        Method::many("getgrgid", getgrgid, "getgrgid($module, /, id)\n--\n\nThe group of an id."),
        Method::many("getgrnam", getgrnam, "getgrnam($module, /, name)\n--\n\nThe group of a name."),
        Method::none("getgrall", getgrall, "getgrall($module, /)\n--\n\nA list of all groups."),
    ],
    types: &[&STRUCT],
    execute: None,
};
