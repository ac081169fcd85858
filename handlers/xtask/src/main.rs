//! The project's own tasks, in plain Rust so that they run wherever the project builds: `cargo xtask <task>`.

// Printing is what a task is for; the lint guards the program, whose stdout belongs to the host.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod compat;
mod package;
mod routes;
mod test;
mod workspace;

/// What every task answers: its value, or one sentence for the person who ran it.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(
    name = "xtask",
    about = "The project's own tasks",
    disable_help_subcommand = true
)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run all that this repository tests, and sum it up in one closing line
    Test(test::Options),
    /// Print each operation: folder, route, handler, store functions
    Routes(routes::Options),
    /// Write the folder and the zip that are deployed
    Package(package::Options),
    /// Run the previous release's store on databases that this tree has migrated
    Compat(compat::Options),
    /// Measure the program beside the raw limits of this machine
    Bench(bench::Options),
    /// A bare axum route: the machine's limit that `bench` holds the program against
    #[command(hide = true)]
    RawServer,
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Routes(options) => routes::run(&options),
        Task::Package(options) => package::run(&options),
        Task::Compat(options) => compat::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::RawServer => bench::raw_server::run(),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("xtask: {fault}");
        ExitCode::FAILURE
    })
}
