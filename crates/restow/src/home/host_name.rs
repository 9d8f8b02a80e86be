//! Name of this computer in its network, as a first suggestion for its name in backups and at services.

use restow_core::text::sanitize;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 64;

/// Returns the host name of this computer without its domain, safe to display; `None` without a usable name.
#[must_use]
pub fn host_name() -> Option<String> {
    displayable(&system_name()?)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn system_name() -> Option<String> {
    let name = std::fs::read("/proc/sys/kernel/hostname").ok()?;
    Some(String::from_utf8_lossy(&name).into_owned())
}

#[cfg(target_os = "macos")]
fn system_name() -> Option<String> {
    Some(rustix::system::uname().nodename().to_string_lossy().into_owned())
}

#[cfg(windows)]
fn system_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", windows)))]
fn system_name() -> Option<String> {
    None
}

/// Returns a host name in the form for people. A name that every computer has says nothing.
fn displayable(name: &str) -> Option<String> {
    let label = name.trim().split('.').next().unwrap_or_default();
    let label: String = sanitize(label).trim().chars().take(MAX_NAME).collect();
    let is_generic = ["", "localhost", "(none)"].iter().any(|generic| label.eq_ignore_ascii_case(generic));
    (!is_generic).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_name_becomes_displayable() {
        for (name, shown) in [
            ("annes-pc\n", Some("annes-pc")),
            ("mac-von-anne.local", Some("mac-von-anne")),
            ("PC-KÜCHE", Some("PC-KÜCHE")),
            ("localhost", None),
            ("LOCALHOST.localdomain", None),
            ("(none)", None),
            (" \n", None),
            ("", None),
        ] {
            assert_eq!(displayable(name).as_deref(), shown, "{name:?}");
        }
        assert_eq!(displayable(&"x".repeat(300)).unwrap().len(), MAX_NAME);
        let hostile = displayable("a\u{1b}[31m\u{202e}b").unwrap();
        assert!(!hostile.contains('\u{1b}') && !hostile.contains('\u{202e}'), "{hostile:?}");
    }
}
