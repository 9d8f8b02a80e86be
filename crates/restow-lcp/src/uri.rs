//! Resolution of relative references.

/// Resolves a reference against a base address (RFC 3986, §5).
///
/// The segments `.` and `..` stay, because servers remove them.
#[must_use]
pub fn resolve(base: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let base = base.split('#').next().unwrap_or_default();
    let scheme_end = reference.find([':', '/', '?']).unwrap_or(reference.len());
    if reference.get(scheme_end..).is_some_and(|rest| rest.starts_with(':')) {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if reference.starts_with("//") {
        return format!("{scheme}:{reference}");
    }
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path_and_query) = rest.split_at(path_at);
    if reference.starts_with('/') {
        return format!("{scheme}://{authority}{reference}");
    }
    let path = path_and_query.split('?').next().unwrap_or_default();
    if reference.is_empty() {
        return base.to_owned();
    }
    if reference.starts_with('?') {
        return format!("{scheme}://{authority}{path}{reference}");
    }
    let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
    format!("{scheme}://{authority}{folder}{reference}")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn references_resolve_against_base() {
        let base = "https://l.example:8443/a/b?c=d#e";
        for (reference, expected) in [
            ("https://x.example/y", "https://x.example/y"),
            ("//x.example/y", "https://x.example/y"),
            ("/y?z#f", "https://l.example:8443/y?z"),
            ("y", "https://l.example:8443/a/y"),
            ("?y=https://x.example/", "https://l.example:8443/a/b?y=https://x.example/"),
            ("y/z:1", "https://l.example:8443/a/y/z:1"),
            ("", "https://l.example:8443/a/b?c=d"),
            ("?r", "https://l.example:8443/a/b?r"),
            ("z:1/2", "z:1/2"),
            ("javascript:x", "javascript:x"),
        ] {
            assert_eq!(resolve(base, reference), expected, "{reference}");
        }
        assert_eq!(resolve("https://l.example", "y"), "https://l.example/y");
    }
}
