//! The container `reports`: `<kind>/<period>/r<revision>.<format>` are the documents, `<kind>/<period>/done` says that the schedule
//! is done with a period, `unfinished/<id>` that there is something left to do for a report.

use super::ReportError;
use crate::spill::container::body;
use blobs::{BlobError, BlobName, Condition, Container, Properties, PutOptions, Storage};
use bytes::Bytes;
use domain::reports::{Period, Report};
use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

const UNFINISHED: &str = "unfinished/";

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page for people.
    Html,
    /// Every figure, for programs.
    Json,
    /// Every figure, for spreadsheets.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Html, Self::Json, Self::Csv];

    /// Its name in paths and in names of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The name of a file that holds a document of this form: `weekly-2026-W46-r1.csv`.
    pub fn file_name(self, report: &Report) -> String {
        let Report {
            kind,
            period,
            revision,
            ..
        } = report;
        format!("{}-{period}-r{revision}.{}", kind.as_str(), self.as_str())
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or(())
    }
}

fn document_name(report: &Report, format: Format) -> Result<BlobName, BlobError> {
    let Report {
        kind,
        period,
        revision,
        ..
    } = report;
    BlobName::new(format!(
        "{}/{period}/r{revision}.{}",
        kind.as_str(),
        format.as_str()
    ))
}

/// Stores a document in place of one from an attempt before.
pub(super) async fn put_document(
    storage: &dyn Storage,
    report: &Report,
    format: Format,
    text: String,
) -> Result<(), BlobError> {
    let options = PutOptions {
        content_type: Some(format.media_type().to_owned()),
        ..PutOptions::default()
    };
    let name = document_name(report, format)?;
    storage
        .put(Container::Reports, &name, body(text.into_bytes()), options)
        .await?;
    Ok(())
}

/// A document as it is stored, and what is known of it.
pub async fn document(
    storage: &dyn Storage,
    report: &Report,
    format: Format,
) -> Result<Option<(Vec<u8>, Properties)>, BlobError> {
    read(storage, &document_name(report, format)?).await
}

async fn read(storage: &dyn Storage, name: &BlobName) -> Result<Option<(Vec<u8>, Properties)>, BlobError> {
    let Some(blob) = storage.get(Container::Reports, name, None).await? else {
        return Ok(None);
    };
    let pieces: Vec<Bytes> = blob.body.try_collect().await?;
    Ok(Some((pieces.concat(), blob.properties)))
}

fn done_name(period: &Period) -> Result<BlobName, BlobError> {
    BlobName::new(format!("{}/{}/done", period.kind.as_str(), period.name()))
}

/// Whether the schedule is done with a period, as far as storage knows.
pub(super) async fn is_done(storage: &dyn Storage, period: &Period) -> Result<bool, BlobError> {
    Ok(storage
        .head(Container::Reports, &done_name(period)?)
        .await?
        .is_some())
}

/// Notes that the schedule is done with a period.
pub(super) async fn note_done(storage: &dyn Storage, period: &Period) -> Result<(), BlobError> {
    let name = done_name(period)?;
    storage
        .put(Container::Reports, &name, body(Vec::new()), PutOptions::default())
        .await?;
    Ok(())
}

/// What is left to do for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unfinished {
    /// Whether it is to be sent when it is made.
    pub(super) deliver: bool,
}

fn unfinished_name(report: Uuid) -> Result<BlobName, BlobError> {
    BlobName::new(format!("{UNFINISHED}{report}"))
}

/// Notes that there is something left to do for a report.
pub(super) async fn note_unfinished(
    storage: &dyn Storage,
    report: Uuid,
    unfinished: Unfinished,
) -> Result<(), BlobError> {
    let name = unfinished_name(report)?;
    // Plain data: this cannot fail.
    let text = serde_json::to_vec(&unfinished).unwrap_or_default();
    storage
        .put(Container::Reports, &name, body(text), PutOptions::default())
        .await?;
    Ok(())
}

/// What is left to do for a report; none when it is nothing.
pub(super) async fn unfinished(
    storage: &dyn Storage,
    report: Uuid,
) -> Result<Option<Unfinished>, ReportError> {
    let found = read(storage, &unfinished_name(report)?).await?;
    // One that cannot be read says at least that there was something.
    Ok(found.map(|(text, _)| serde_json::from_slice(&text).unwrap_or(Unfinished { deliver: true })))
}

/// Notes that nothing is left to do for a report.
pub(super) async fn note_finished(storage: &dyn Storage, report: Uuid) -> Result<(), BlobError> {
    let name = unfinished_name(report)?;
    storage.delete(Container::Reports, &name, Condition::None).await?;
    Ok(())
}

/// Reports for which something is left to do, at most `limit`.
pub(super) async fn all_unfinished(storage: &dyn Storage, limit: usize) -> Result<Vec<Uuid>, BlobError> {
    let listed = storage.list(Container::Reports, UNFINISHED, None, limit).await?;
    let ids = listed
        .iter()
        .map(|blob| blob.name.as_str().trim_start_matches(UNFINISHED).parse());
    Ok(ids.flatten().collect())
}
