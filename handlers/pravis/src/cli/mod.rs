//! The command line.

mod audit;
mod azure_sql;
mod doctor;
mod handler;
mod keys;
mod local;
mod logging;
mod migrate;
mod opened;
mod prices;
mod replay;
mod report;
mod reprice;
mod run;
mod seed;
mod serve;

use crate::config::{Config, Environment, SettingError};
use crate::telemetry::StartError;
use crate::version;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The backend of a boutique's AI assistant: turns, feedback, numbers.
#[derive(Debug, Parser)]
#[command(name = "pravis", version = version::LONG.as_str(), arg_required_else_help = true)]
struct Arguments {
    /// Print JSON, for scripts.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run alone: serve the API on an embedded database and fire the timers.
    Serve(serve::Serve),
    /// Be the custom handler of an Azure Functions app; its host starts this.
    Handler,
    /// Bring the database up to date.
    Migrate(migrate::Migrate),
    /// Make, list and revoke API keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// List and set prices of models, and say what deployments run.
    #[command(subcommand)]
    Prices(prices::Prices),
    /// Price stored turns anew, except those that their clients priced.
    Reprice(reprice::Reprice),
    /// Show what was done that has to be accounted for.
    Audit(audit::Audit),
    /// Fill the database with plausible boutique data.
    Seed(seed::Seed),
    /// Store what was spilled while the database was away.
    Replay(replay::Replay),
    /// Make reports, and show to whom they went.
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Fire one trigger once, as the host would.
    Run(run::Run),
    /// Try everything that the settings name, and say what to do.
    Doctor,
    /// Print the OpenAPI document.
    Openapi,
}

/// Why a command failed; printed as one line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The arguments do not fit together, or not the settings.
    #[error("{0}")]
    Usage(String),
    /// The command found something for the caller to do, and has said what.
    #[error("{0}")]
    Todo(String),
    /// The command failed.
    #[error("{0}")]
    Failed(String),
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Setting(error) => Self::Setting(error),
            StartError::Thread(_) => Self::failed(error),
        }
    }
}

impl CommandError {
    pub(crate) fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// 1 failed, 2 wrong usage or setting (as `clap` has it), 3 there is something to do.
    fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Setting(_) | Self::Usage(_) => 2,
            Self::Todo(_) => 3,
        })
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::one_line_panics();
    let result = execute(arguments, &Environment::of_process());
    match result {
        Ok(code) => code,
        Err(error) => {
            logging::complain(&error);
            error.exit_code()
        }
    }
}

fn execute(arguments: Arguments, environment: &Environment) -> Result<ExitCode, CommandError> {
    let json = arguments.json;
    if matches!(arguments.command, Command::Openapi) {
        let document = crate::openapi::document()
            .to_pretty_json()
            .map_err(CommandError::failed)?;
        logging::say(&document);
        return Ok(ExitCode::SUCCESS);
    }
    if matches!(arguments.command, Command::Doctor) {
        return block_on(doctor::doctor(environment, json))?.map(|()| ExitCode::SUCCESS);
    }
    let config = Config::from_environment(environment)?;
    let done = match arguments.command {
        Command::Handler => return block_on(handler::handler(config, environment))?,
        Command::Serve(serve) => block_on(serve.run(config, environment)),
        Command::Migrate(migrate) => block_on(migrate.run(&config, json)),
        Command::Keys(keys) => block_on(keys.run(config, json)),
        Command::Prices(prices) => block_on(prices.run(config, json)),
        Command::Reprice(reprice) => block_on(reprice.run(config, json)),
        Command::Audit(audit) => block_on(audit.run(config, json)),
        Command::Seed(seed) => block_on(seed.run(config, json)),
        Command::Replay(replay) => block_on(replay.run(config, json)),
        Command::Report(report) => block_on(report.run(config, json)),
        Command::Run(run) => block_on(run.run(config, environment, json)),
        Command::Doctor | Command::Openapi => Ok(Ok(())),
    };
    done?.map(|()| ExitCode::SUCCESS)
}

/// Runs a future on a runtime of its own.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::failed)?;
    Ok(runtime.block_on(future))
}
