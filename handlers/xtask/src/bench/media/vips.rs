//! libvips, the library that this is judged by, where Python has it (`pip install "pyvips[binary]"`).

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::Outcome;

const SCRIPT: &str = include_str!("vips.py");

/// What it took.
pub(super) struct Vips {
    /// For one set of files, on one core.
    pub(super) cpu: Duration,
    pub(super) version: String,
}

/// Makes the same set of the photo; none where it cannot be run.
pub(super) fn measure(folder: &Path, photo: &[u8], rounds: u32) -> Outcome<Option<Vips>> {
    let path = folder.join("photo.jpg");
    std::fs::write(&path, photo)?;
    let ran = Command::new("python3")
        .args(["-c", SCRIPT])
        .arg(&path)
        .arg(rounds.to_string())
        .env("VIPS_CONCURRENCY", "1")
        .stdin(Stdio::null())
        .output();
    std::fs::remove_file(&path)?;
    let Ok(output) = ran else { return Ok(None) };
    if !output.status.success() {
        return Ok(None);
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    Ok(told["cpu"].as_f64().map(|cpu| Vips {
        cpu: Duration::from_secs_f64(cpu),
        version: told["version"].as_str().unwrap_or_default().to_owned(),
    }))
}
