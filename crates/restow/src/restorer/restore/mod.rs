//! Restore: merged sets, a plan, queries to services and LCP providers, and one change of the store.

mod apply;
mod contents;
mod lcp_status;
mod merge;
mod plan;
mod report;
mod run;
mod services;
mod sets;
mod trust;

pub use contents::{Contents, backup_holds, list_sets};
pub use plan::{RequiredService, RestorePlan};
pub use sets::SetInfo;
pub(super) use trust::newest_key_sets;
