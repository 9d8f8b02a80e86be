//! HTTP to untrusted hosts, and the cancellation of a run.

mod cancel;
pub(crate) mod http;

pub use cancel::Cancel;
