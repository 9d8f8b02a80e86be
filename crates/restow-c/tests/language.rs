//! Language of the texts, in a process of its own because the language holds for the whole process.

#![allow(missing_docs, clippy::undocumented_unsafe_blocks, clippy::unwrap_used, reason = "tests")]

use std::ffi::{CStr, CString};
use std::ptr::null_mut;

use restow_c::*;

/// Returns the message and the help of a failing call.
fn texts(call: impl FnOnce(*mut *mut restow_error) -> i32) -> (String, String) {
    let mut error = null_mut();
    assert_ne!(call(&raw mut error), RESTOW_OK);
    let text = |pointer| unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned();
    let texts = (text(unsafe { restow_error_message(error) }), text(unsafe { restow_error_help(error) }));
    unsafe { restow_error_free(error) };
    texts
}

#[test]
fn set_language_changes_messages_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let path = CString::new(file.to_str().unwrap()).unwrap();
    let open_file = |error| {
        let mut home = null_mut();
        unsafe { restow_home_open(path.as_ptr(), &raw mut home, error) }
    };
    let set_language = |name: &'static CStr| move |error| unsafe { restow_set_language(name.as_ptr(), error) };

    let (english, english_help) = texts(open_file);
    assert_eq!(texts(set_language(c"fr")).0, "The argument language has a value that is not allowed");
    assert_eq!(set_language(c"de")(null_mut()), RESTOW_OK);
    let (german, german_help) = texts(open_file);
    assert!(english != german && english_help != german_help, "{german} {german_help}");
    assert_eq!(texts(set_language(c"fr")).0, "Das Argument language hat einen unzulässigen Wert");
    assert_eq!(set_language(c"en")(null_mut()), RESTOW_OK);
    assert_eq!(texts(open_file), (english, english_help));
}
