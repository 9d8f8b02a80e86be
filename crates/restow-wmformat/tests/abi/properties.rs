//! `SetProp`, `RemoveProp`, `RemoveAllProps`: accepted values, refused values, and the effect on a run.

use wmvcore::interfaces::{WMT_TYPE_DWORD, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{Callback, E_INVALIDARG, INVALID_LOCATION, INVALID_PROPERTY, S_OK, bytes, set, wide};
use crate::world::World;

/// Sets the backup path and backs up there.
fn back_up_to(object: &Object, value: &[u8]) -> u32 {
    assert_eq!(set(&object.props, "BackupPath", WMT_TYPE_STRING, value), S_OK);
    let callback = Callback::new();
    assert_eq!(object.back_up(&callback), S_OK);
    callback.end()
}

#[test]
fn value_ends_at_first_terminator() {
    let world = World::with_licenses();
    let object = Object::new();
    for (n, end) in ["", "\0", "\0\0", "\0beyond\0"].into_iter().enumerate() {
        let place = world.path(&format!("place {n} ü🎵"));
        std::fs::create_dir(&place).unwrap();
        assert_eq!(back_up_to(&object, &bytes(&format!("{}{end}", place.display()))), S_OK);
        assert!(place.join("Restow").is_dir(), "only at this location");
    }
}

#[test]
fn lone_surrogate_after_terminator_is_ignored() {
    let world = World::with_licenses();
    let mut value = bytes(&format!("{}\0", world.stick().display()));
    value.extend([0x3D, 0xD8]);
    assert_eq!(back_up_to(&Object::new(), &value), S_OK);
}

#[test]
fn refused_property_keeps_old_value() {
    let world = World::with_licenses();
    let object = world.object();
    let elsewhere = bytes(world.path("elsewhere").to_str().unwrap());
    let refused = |name: &str, data_type: i32, value: &[u8]| {
        assert_eq!(set(&object.props, name, data_type, value), E_INVALIDARG, "{name} {data_type} {value:?}");
    };
    let provider = bytes("https://library.example other.example");
    assert_eq!(set(&object.props, "ProviderConsent", WMT_TYPE_STRING, &provider), S_OK);
    for invalid in ["ftp://library.example", "https://library.example https://", "http://library.example"] {
        refused("ProviderConsent", WMT_TYPE_STRING, &bytes(invalid));
    }
    for data_type in [WMT_TYPE_DWORD, 2, 3, 4, 5, 6, 7, -1, i32::MAX, i32::MIN] {
        refused("BackupPath", data_type, &elsewhere);
    }
    for name in ["", "backuppath", "BACKUPPATH", "BackupPath ", "Backup", "asdf", "ü🎵", &"B".repeat(100_000)] {
        refused(name, WMT_TYPE_STRING, &elsewhere);
    }
    refused("BackupPath", WMT_TYPE_STRING, &elsewhere[..elsewhere.len() - 1]);
    refused("BackupPath", WMT_TYPE_STRING, &[0]);
    refused("BackupPath", WMT_TYPE_STRING, &[b'a'; 65535]);
    for half in [&[0x3D, 0xD8][..], &[0xB5, 0xDF], &[0x3D, 0xD8, 0x3D, 0xD8], &[0x3D, 0xD8, 0, 0], &[0xB5, 0xDF, 0, 0]]
    {
        refused("BackupPath", WMT_TYPE_STRING, half);
    }
    for name in [&[0xD83D, 0][..], &[0xDFB5, 0], &[u16::from(b'B'), 0xD83D, 0]] {
        let value = &elsewhere;
        // SAFETY: a name with a terminator, and the stated number of bytes.
        let answer = unsafe { object.props.SetProp(name.as_ptr(), WMT_TYPE_STRING, value.as_ptr(), 2) };
        assert_eq!(answer.0.cast_unsigned(), E_INVALIDARG);
        // SAFETY: a name with a terminator.
        assert_eq!(unsafe { object.props.RemoveProp(name.as_ptr()) }.0.cast_unsigned(), E_INVALIDARG);
    }
    let callback = Callback::new();
    assert_eq!(object.back_up(&callback), S_OK);
    assert_eq!(callback.end(), S_OK);
    assert!(world.stick().join("Restow").is_dir(), "the path that was set before");
}

#[test]
fn drives_and_shares_are_checked_at_end() {
    let _world = World::with_licenses();
    let object = Object::new();
    for path in
        ["A:\\", "D:\\Licenses", "\\\\server.invalid\\share\\Licenses", "\\\\?\\Q:\\x", "//server.invalid/share"]
    {
        assert_eq!(back_up_to(&object, &bytes(&format!("{path}\0"))), INVALID_LOCATION, "{path}");
    }
}

#[test]
fn longest_and_shortest_values() {
    let _world = World::with_licenses();
    let object = Object::new();
    assert_eq!(back_up_to(&object, &bytes(&"a".repeat(32767))), INVALID_LOCATION, "65534 bytes");
    assert_eq!(back_up_to(&object, &bytes(&"/".repeat(30000).replace("//", "/a"))), INVALID_LOCATION);
    for empty in [&[][..], &[0, 0], &bytes("\0x")] {
        assert_eq!(back_up_to(&object, empty), INVALID_LOCATION, "an empty path is no location");
    }
}

#[test]
fn value_at_odd_address_is_read() {
    let world = World::with_licenses();
    let text = bytes(world.stick().to_str().unwrap());
    let mut memory = vec![0xFF; text.len() + 2];
    let at = 1 + memory.as_ptr().addr() % 2;
    memory[at..at + text.len()].copy_from_slice(&text);
    assert_eq!(back_up_to(&Object::new(), &memory[at..at + text.len()]), S_OK);
}

#[test]
fn removed_property_is_missing() {
    let world = World::with_licenses();
    let object = world.object();
    let remove = |name: &str| {
        // SAFETY: a name with a terminator.
        unsafe { object.props.RemoveProp(wide(name).as_ptr()) }.0.cast_unsigned()
    };
    let callback = Callback::new();
    assert_eq!((remove("BackupPath"), remove("BackupPath")), (S_OK, S_OK), "also when it is not set");
    assert_eq!((remove("backuppath"), remove(""), remove("asdf")), (E_INVALIDARG, E_INVALIDARG, E_INVALIDARG));
    assert_eq!(object.back_up(&callback), INVALID_PROPERTY);
    // SAFETY: no arguments.
    assert_eq!(unsafe { object.props.RemoveAllProps() }.0, 0);
    assert_eq!(object.restore(&callback), INVALID_PROPERTY);
    assert_eq!((callback.references(), callback.state().calls), (1, vec![]), "no call, no reference");
}
