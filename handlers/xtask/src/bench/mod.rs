//! b
use crate::Outcome;
use std::process::ExitCode;
#[derive(clap::Args)]
pub(crate) struct Options {}
pub(crate) fn run(_: &Options) -> Outcome<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
pub(crate) mod raw_server {
    pub(crate) fn run() -> crate::Outcome<std::process::ExitCode> {
        Ok(std::process::ExitCode::SUCCESS)
    }
}
