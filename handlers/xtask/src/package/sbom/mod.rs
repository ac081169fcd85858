//! The software bill of materials: every crate that goes into the program, in CycloneDX JSON
//! (<https://cyclonedx.org/docs/1.6/json/>).

mod graph;
mod lock;
mod materials;

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::source::Source;
use crate::{Outcome, workspace};
use graph::Graph;
use lock::Checksums;
use materials::{Materials, Program};

/// Writes what `binary` consists of to `path`, and answers how many components that are.
pub(super) fn write(path: &Path, binary: &Path, source: &Source, target: &str) -> Outcome<usize> {
    let materials = of_workspace(&fs::read(binary)?, source, target)?;
    fs::write(path, serde_json::to_string_pretty(&materials)? + "\n")?;
    Ok(materials.components.len())
}

fn of_workspace(binary: &[u8], source: &Source, target: &str) -> Outcome<Materials> {
    let graph = Graph::of_workspace("pravis", target)?;
    let checksums = Checksums::read(&workspace::read(&workspace::root().join("Cargo.lock"))?);
    let program = Program {
        sha256: hex(&Sha256::digest(binary)),
        commit: source.commit.as_deref(),
        time: source.time,
    };
    Ok(Materials::of(&graph, &checksums, &program))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
