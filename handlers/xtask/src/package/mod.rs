//! `cargo xtask package`: the folder and the zip that are deployed.

mod archive;
mod layout;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{Outcome, workspace};

/// What `cargo xtask package` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The profile to build with
    #[arg(long, default_value = "dist")]
    profile: String,
    /// The target triple to build for, when it is not this machine's
    #[arg(long)]
    target: Option<String>,
    /// A binary that is already built
    #[arg(long, conflicts_with_all = ["profile", "target"])]
    binary: Option<PathBuf>,
    /// How uploads reach the program
    #[arg(long, value_enum, default_value = "queue")]
    door: layout::Door,
    /// Where `package/` and `pravis.zip` are written [default: the target folder]
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Builds what is missing, then writes folder and zip.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let binary = match &options.binary {
        Some(path) => path.clone(),
        None => workspace::build("pravis", &options.profile, options.target.as_deref())?,
    };
    let out = options.out.clone().unwrap_or_else(workspace::target_dir);
    let (folder, zip) = (out.join("package"), out.join("pravis.zip"));

    let entries = layout::collect(&workspace::root(), &binary, options.door)?;
    layout::write(&entries, &folder)?;
    archive::write(&entries, &zip)?;

    println!("{} ({} files)", folder.display(), entries.len());
    println!("{} ({} bytes)", zip.display(), std::fs::metadata(&zip)?.len());
    Ok(ExitCode::SUCCESS)
}
