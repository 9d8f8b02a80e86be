//! HTTP to untrusted hosts, and the cancellation of a run.

mod cancel;
mod fault;
pub(crate) mod http;
mod roots;

pub use cancel::Cancel;
pub use fault::{AnswerFault, ConnectionFault, TlsFault};
pub use roots::tls_config;
