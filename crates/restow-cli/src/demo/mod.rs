use crate::args::Demo;
use crate::failure::{Exit, Failure};
use crate::output::Ui;
use std::sync::Arc;
pub(crate) fn run(_ui: &Arc<Ui>, _args: &Demo) -> Result<Exit, Failure> {
    Err(Failure::own("usage"))
}
