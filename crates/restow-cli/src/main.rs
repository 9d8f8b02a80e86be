//! The command `restow`.
fn main() {}
