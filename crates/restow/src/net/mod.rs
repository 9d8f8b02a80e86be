//! HTTP to hosts that are not trusted, and the cancellation of a run.

mod cancel;
pub(crate) mod http;

pub use cancel::Cancel;
