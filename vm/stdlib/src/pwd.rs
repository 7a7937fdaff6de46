//! `pwd`: the system's users.

use std::ffi::CStr;
use std::sync::Mutex;

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

static LAYOUT: Layout = structseq::layout("struct_passwd");
static STRUCT: TypeDef = structseq::definition(
    "pwd",
    "struct_passwd",
    "pwd.struct_passwd: Results from getpw*() routines.\n\nA user, as a tuple with names.",
    &LAYOUT,
    &[
        field::<0>("pw_name", "user name"),
        field::<1>("pw_passwd", "password"),
        field::<2>("pw_uid", "user id"),
        field::<3>("pw_gid", "group id"),
        field::<4>("pw_gecos", "real name"),
        field::<5>("pw_dir", "home directory"),
        field::<6>("pw_shell", "shell program"),
    ],
    |cx, class| structseq::finish(cx, class, 7),
);

/// A user, copied out of the C library.
struct User {
    texts: [Vec<u8>; 5],
    user: u32,
    group: u32,
}

/// Copies a C string; nothing for null.
///
/// # Safety
///
/// It is null or ends with NUL.
unsafe fn copied(text: *const libc::c_char) -> Vec<u8> {
    // SAFETY: the caller's contract.
    unsafe { text.as_ref().map_or(Vec::new(), |text| CStr::from_ptr(text).to_bytes().to_vec()) }
}

/// Copies a record.
///
/// # Safety
///
/// Its strings are null or end with NUL.
unsafe fn user_of(record: &libc::passwd) -> User {
    let texts = [record.pw_name, record.pw_passwd, record.pw_gecos, record.pw_dir, record.pw_shell];
    // SAFETY: the caller's contract.
    User { texts: texts.map(|text| unsafe { copied(text) }), user: record.pw_uid, group: record.pw_gid }
}

fn user_object(cx: &Cx, user: &User) -> PyResult {
    let text = |index: usize| fs_decode(cx, &user.texts[index]).value();
    let values =
        [text(0), text(1), Value::int(user.user.into()), Value::int(user.group.into()), text(2), text(3), text(4)];
    cx.new_struct_sequence(&STRUCT, &values)
}

/// Looks a user up by a call that fills a record with strings in a buffer.
fn find(
    call: impl Fn(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> i32,
) -> Result<Option<User>, i32> {
    let mut size = 1024;
    loop {
        let mut buffer: Vec<libc::c_char> = vec![0; size];
        // SAFETY: numbers and pointers, for which zero is valid.
        let mut record: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        match call(&mut record, buffer.as_mut_ptr(), size, &mut found) {
            libc::ERANGE if size < 1 << 20 => size *= 2,
            // SAFETY: the call has filled the record with strings in the buffer.
            0 if !found.is_null() => return Ok(Some(unsafe { user_of(&record) })),
            0 | libc::ENOENT | libc::ESRCH => return Ok(None),
            errno => return Err(errno),
        }
    }
}

fn getpwuid(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let user = match id(cx, value, "uid") {
        Ok(user) => user,
        Err(raised) => {
            cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::OverflowError)?;
            return Err(cx.key_error(cx.new_str("getpwuid(): uid not found").value()));
        }
    };
    let found = cx.mutator().detached(|| {
        find(|record, buffer, size, result| {
            // SAFETY: the record, the buffer with its length, the result and the key are valid for the call.
            unsafe { libc::getpwuid_r(user, record, buffer, size, result) }
        })
    });
    match found {
        Ok(Some(user)) => user_object(cx, &user),
        Ok(None) => {
            let shown = object::repr(cx, value)?;
            Err(cx.key_error(cx.new_str(&format!("getpwuid(): uid not found: {}", shown.as_wtf8())).value()))
        }
        Err(errno) => Err(error(cx, errno)),
    }
}

fn getpwnam(cx: &Cx, _module: Value, value: Value) -> PyResult {
    cx.str_argument(value, "getpwnam")?;
    let name = c_string(cx, value)?;
    let found = cx.mutator().detached(|| {
        find(|record, buffer, size, result| {
            // SAFETY: the record, the buffer with its length, the result and the key are valid for the call.
            unsafe { libc::getpwnam_r(name.as_ptr(), record, buffer, size, result) }
        })
    });
    match found {
        Ok(Some(user)) => user_object(cx, &user),
        Ok(None) => {
            let shown = object::repr(cx, value)?;
            Err(cx.key_error(cx.new_str(&format!("getpwnam(): name not found: {}", shown.as_wtf8())).value()))
        }
        Err(errno) => Err(error(cx, errno)),
    }
}

/// The C library walks over the users with one cursor for the process.
static CURSOR: Mutex<()> = Mutex::new(());

fn getpwall(cx: &Cx, _module: Value) -> PyResult {
    let users = cx.mutator().detached(|| {
        let _guard = CURSOR.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut users = Vec::new();
        // SAFETY: the guard keeps others from the cursor; records are valid until the next call.
        unsafe {
            libc::setpwent();
            while let Some(record) = libc::getpwent().as_ref() {
                users.push(user_of(record));
            }
            libc::endpwent();
        }
        users
    });
    let list = cx.new_list();
    for user in users {
        list.push(cx, user_object(cx, &user)?)?;
    }
    Ok(list.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "pwd",
    doc: "The system's users: tuples of name, password, user id, group id, real name, home\nfolder and shell.",
    functions: &[
        Method::one("getpwuid", getpwuid, "getpwuid($module, uidobj, /)\n--\n\nThe user of an id."),
        Method::one("getpwnam", getpwnam, "getpwnam($module, name, /)\n--\n\nThe user of a name."),
        Method::none("getpwall", getpwall, "getpwall($module, /)\n--\n\nA list of all users."),
    ],
    types: &[&STRUCT],
    execute: None,
};
