//! Restore: a plan, queries to services and LCP providers, and one transaction that applies the plan.

mod apply;
mod contents;
mod lcp_status;
mod plan;
mod result;
mod run;
mod services;
mod trust;

pub use contents::{Contents, backup_holds, list_sets};
pub use plan::{RequiredService, RestorePlan, SetInfo};
