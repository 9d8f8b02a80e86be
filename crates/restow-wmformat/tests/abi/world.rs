//! A home with licenses, a location and the object. One test at a time, because the environment names the home.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::Home;
use wmvcore::interfaces::WMT_TYPE_STRING;

use crate::com::{Object, S_OK, bytes, set};

static ONE: Mutex<()> = Mutex::new(());

pub struct World {
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// Returns a license document without a backup restriction.
fn book(n: usize) -> String {
    format!(
        r#"{{"id":"book-{n}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example",
        "encryption":{{"profile":"http://readium.org/lcp/basic-profile",
          "content_key":{{"algorithm":"x","encrypted_value":"x"}},
          "user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[{{"rel":"publication","href":"https://p.example/b","title":"Book {n}"}}],
        "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

impl World {
    /// Creates an empty home.
    pub fn new() -> Self {
        let alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let world = Self { folder: tempfile::tempdir().unwrap(), _alone: alone };
        std::fs::create_dir(world.stick()).unwrap();
        world.use_home(&world.path("home"));
        world
    }

    /// Creates a home with three licenses.
    pub fn with_licenses() -> Self {
        let world = Self::new();
        let books: Vec<_> = (0..3).map(|n| world.path(&format!("{n}.lcpl"))).collect();
        books.iter().enumerate().for_each(|(n, path)| std::fs::write(path, book(n)).unwrap());
        let home = Home::open(world.path("home")).unwrap();
        assert_eq!(restow::import::import(&home, &books, &mut |_| {}).unwrap().imported, 3);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the location.
    pub fn stick(&self) -> PathBuf {
        self.path("stick")
    }

    /// Sets the home of all objects created from now on.
    pub fn use_home(&self, path: &Path) {
        // SAFETY: a `World` is exclusive: no other run is active and no other thread reads the environment.
        unsafe { std::env::set_var("RESTOW_HOME", path) };
    }

    /// Creates the object with both paths set.
    pub fn object(&self) -> Object {
        let object = Object::new();
        let stick = bytes(self.stick().to_str().unwrap());
        assert_eq!(set(&object.props, "BackupPath", WMT_TYPE_STRING, &stick), S_OK);
        assert_eq!(set(&object.props, "RestorePath", WMT_TYPE_STRING, &stick), S_OK);
        object
    }
}
