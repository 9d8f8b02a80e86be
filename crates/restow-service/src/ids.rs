//! Forms of IDs for people.

/// Length of the ID prefixes that a person types or quotes.
const SHORT_ID: usize = 8;

/// Returns the prefix of an ID that commands accept.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(SHORT_ID).collect()
}

/// Splits a thumbprint into groups, which are easier to compare.
pub(crate) fn fingerprint(issuer: &str) -> String {
    let characters: Vec<char> = issuer.chars().collect();
    let groups: Vec<String> = characters.chunks(6).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
