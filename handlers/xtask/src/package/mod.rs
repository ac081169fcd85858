//! `cargo xtask package`: the folder and the zip that are deployed, and the list of what went into them.

mod archive;
mod check;
mod compiler;
mod elf;
mod layout;
mod sbom;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{Outcome, workspace};
use source::Source;

/// What `cargo xtask package` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The profile to build with
    #[arg(long, default_value = "dist")]
    profile: String,
    /// The target triple to build for; Azure runs the default one only
    #[arg(long, default_value = compiler::DEPLOYED)]
    target: String,
    /// Build for this machine and its C library: for local runs, not to be deployed
    #[arg(long, conflicts_with = "target")]
    gnu: bool,
    /// A binary that is already built
    #[arg(long, conflicts_with_all = ["profile", "target", "gnu"])]
    binary: Option<PathBuf>,
    /// How uploads reach the program
    #[arg(long, value_enum, default_value = "queue")]
    door: layout::Door,
    /// Where `package/`, `pravis.zip` and `pravis.cdx.json` are written [default: the target folder]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Build nothing: refuse this zip unless it can be deployed
    #[arg(long, value_name = "ZIP", exclusive = true)]
    check: Option<PathBuf>,
}

/// Builds what is missing, then writes folder, zip and bill of materials; or only checks a zip.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let root = workspace::root();
    if let Some(zip) = &options.check {
        check::check(zip, &root)?;
        println!("{} can be deployed", zip.display());
        return Ok(ExitCode::SUCCESS);
    }
    let source = Source::of(&root);
    let target = (!options.gnu).then_some(options.target.as_str());
    let binary = match &options.binary {
        Some(path) => path.clone(),
        None => compiler::build(&options.profile, target, &source)?,
    };
    let out = options.out.clone().unwrap_or_else(workspace::target_dir);
    let (folder, zip, materials) = (
        out.join("package"),
        out.join("pravis.zip"),
        out.join("pravis.cdx.json"),
    );

    let entries = layout::collect(&root, &binary, options.door)?;
    layout::write(&entries, &folder)?;
    archive::write(&entries, &zip)?;
    let components = sbom::write(&materials, &binary, &source, &options.target)?;

    println!("{} ({} files)", folder.display(), entries.len());
    println!("{} ({} bytes)", zip.display(), std::fs::metadata(&zip)?.len());
    println!("{} ({components} components)", materials.display());
    println!(
        "commit {}",
        source
            .commit
            .as_deref()
            .unwrap_or("unknown: there is no git repository here")
    );
    let deployed = options.binary.is_none() && target == Some(compiler::DEPLOYED);
    match check::check(&zip, &root) {
        Err(fault) if deployed => return Err(fault),
        Err(fault) => println!("For local runs: {fault}"),
        Ok(()) => {}
    }
    Ok(ExitCode::SUCCESS)
}
