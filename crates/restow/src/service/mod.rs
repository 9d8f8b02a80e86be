//! The License Management Service as a computer sees it: protocol types, signatures and the client.

pub mod protocol;
pub mod signature;
