//! Restoring: plan, questions to services and providers, and one transaction that applies the result.

pub(crate) mod apply;
pub(crate) mod contents;
pub(crate) mod lcp_status;
pub(crate) mod passphrase;
pub(crate) mod plan;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod services;
pub(crate) mod trust;

pub use contents::{Contents, sets_at};
