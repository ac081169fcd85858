//! `cargo xtask bench`: how good it must be, measured on the program itself over its own doors, beside what the same
//! machine can do at most in the same minutes.

mod api;
mod cases;
mod client;
mod events;
mod ingest;
mod latency;
mod limits;
mod load;
mod machine;
mod media;
mod memory;
mod process;
mod random;
mod raw;
pub(crate) mod raw_server;
mod reads;
mod report;
mod response;
mod sample;
mod scale;
mod seeded;
mod stats;
mod telemetry;
mod turn;
mod workload;
mod year;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{Outcome, workspace};
use machine::Machine;
use process::Server;
use report::Row;
use scale::Scale;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A smoke run at a tenth of the size: its figures prove nothing
    #[arg(long)]
    quick: bool,
    /// Print the same as JSON
    #[arg(long)]
    json: bool,
    /// A program that is already built [default: built with profile release]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where the data is put while it runs: choose a real disk [default: bench in the target folder]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where the year's databases are kept, and found again by the next run [default: made anew, and removed]
    #[arg(long)]
    year: Option<PathBuf>,
    /// Only a part of the table
    #[arg(long)]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Part {
    /// Writing
    Ingest,
    /// Writing client events
    Events,
    /// Start, idle memory, reading, numbers
    Seeded,
    /// What telemetry costs
    Telemetry,
    /// What uploads cost, and that the API does not notice them
    Media,
    /// Numbers and reports over a year of ten million interactions: takes half an hour and 40 GB
    Year,
}

/// What every measurement needs.
struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    year: Option<PathBuf>,
    runtime: Runtime,
    scale: Scale,
}

impl Bench {
    /// Tells what goes on; stdout is the table's.
    fn say(&self, what: &str) {
        eprintln!("bench: {what}");
    }

    /// The key that a first start printed, or else a new one.
    fn key(&self, server: &Server, data: &Path) -> Outcome<String> {
        match &server.key {
            Some(key) => Ok(key.clone()),
            None => self.new_key(data),
        }
    }

    fn new_key(&self, data: &Path) -> Outcome<String> {
        let mut command = process::pravis(&self.binary, data);
        let printed = process::output(
            command.args(["keys", "create", "--name", "bench", "--scopes", "admin", "--json"]),
        )?;
        let answer: Value = serde_json::from_str(&printed)?;
        Ok(answer["key"]
            .as_str()
            .ok_or("keys create --json printed no key")?
            .to_owned())
    }
}

/// Measures and prints. The exit code tells whether every bound was kept, except in a quick run.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let binary = match &options.binary {
        Some(path) => std::path::absolute(path)?,
        None => workspace::build("pravis", "release")?,
    };
    if cfg!(debug_assertions) {
        return run_optimised(&binary);
    }
    let parent = options
        .dir
        .clone()
        .unwrap_or_else(|| workspace::target_dir().join("bench"));
    std::fs::create_dir_all(&parent)?;
    let folder = tempfile::tempdir_in(&parent)?;
    let bench = Bench {
        binary,
        folder: std::path::absolute(folder.path())?,
        year: options.year.as_ref().map(std::path::absolute).transpose()?,
        // The client keeps to one thread, so that the server has the rest of the machine.
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        scale: if options.quick {
            Scale::quick()
        } else {
            Scale::full()
        },
    };
    let machine = Machine::look(&bench.folder)?;
    bench.say(&machine.describe());
    let (rows, details) = measure(&bench, options.only)?;

    if options.json {
        let (rows, filters) = (report::json(&rows)?, report::json(&details)?);
        let all = json!({"quick": options.quick, "machine": machine, "rows": rows, "filters": filters});
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        print(&machine, &rows, &details);
    }
    let kept = options.quick || rows.iter().all(Row::passes);
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A client that is not optimised would measure itself: this program is built again, and does it all over.
fn run_optimised(binary: &Path) -> Outcome<ExitCode> {
    let optimised = workspace::build("xtask", "release")?;
    let mut command = Command::new(optimised);
    command.args(std::env::args_os().skip(1));
    // The last one counts.
    if !std::env::args_os().any(|argument| argument.to_string_lossy().starts_with("--binary")) {
        command.arg("--binary").arg(binary);
    }
    Ok(if command.status()?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn measure(bench: &Bench, only: Option<Part>) -> Outcome<(Vec<Row>, Vec<Row>)> {
    bench.say("raw limits");
    let limits = limits::measure(&bench.runtime, &bench.scale)?;
    let (mut rows, mut details) = (Vec::new(), Vec::new());
    let wanted = |part| only.is_none_or(|only| only == part);
    if wanted(Part::Ingest) {
        rows.extend(ingest::measure(bench, &limits)?);
    }
    if wanted(Part::Events) {
        rows.extend(events::measure(bench)?);
    }
    if wanted(Part::Telemetry) {
        rows.extend(telemetry::measure(bench)?);
    }
    if wanted(Part::Media) {
        rows.extend(media::measure(bench)?);
    }
    if wanted(Part::Seeded) {
        let (seeded, filters) = seeded::measure(bench, &limits)?;
        rows.extend(seeded);
        details = filters;
    }
    if wanted(Part::Year) {
        let (year, questions) = year::measure(bench)?;
        rows.extend(year);
        details.extend(questions);
    }
    Ok((rows, details))
}

fn print(machine: &Machine, rows: &[Row], details: &[Row]) {
    println!("{}\n\n{}", machine.describe(), report::table(rows));
    if !details.is_empty() {
        println!("Each list of 50 and each question:\n\n{}", report::table(details));
    }
}
