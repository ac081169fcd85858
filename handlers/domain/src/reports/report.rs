//! A report as it is stored: which period, how far it got.

use super::ReportKind;
use crate::cursor::Position;
use crate::interactions::names;
use crate::page::Positioned;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The revision that the schedule makes; what people ask for comes after it.
pub const SCHEDULED: u32 = 1;
/// How often the schedule tries to make a report that fails.
pub const MOST_ATTEMPTS: u32 = 5;

/// How far a report got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// It is being made.
    Claimed,
    /// Its documents are stored.
    Ready,
    /// It could not be made.
    Failed,
}

names!(ReportStatus {
    Claimed = "claimed",
    Ready = "ready",
    Failed = "failed",
});

/// Lengths of the documents, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentSizes {
    /// Of the page.
    pub html: u64,
    /// Of the JSON document.
    pub json: u64,
    /// Of the table.
    pub csv: u64,
}

impl DocumentSizes {
    /// Of documents that are all there; none while one is missing.
    pub fn of(html: Option<u64>, json: Option<u64>, csv: Option<u64>) -> Option<Self> {
        Some(Self {
            html: html?,
            json: json?,
            csv: csv?,
        })
    }
}

/// One revision of the report on one period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Report {
    /// Its id.
    pub id: Uuid,
    /// Day, week or month.
    pub kind: ReportKind,
    /// Name of the period: `2026-11-22`, `2026-W46` or `2026-11`.
    pub period: String,
    /// First point in time of the period.
    pub from: Timestamp,
    /// First point in time after it.
    pub to: Timestamp,
    /// IANA zone of its days.
    pub tz: String,
    /// 1 is what the schedule makes; each later one was asked for.
    pub revision: u32,
    /// How far it got.
    pub status: ReportStatus,
    /// How often its making was begun.
    pub attempts: u32,
    /// When its making was begun first.
    pub created_at: Timestamp,
    /// When its numbers were read.
    pub generated_at: Option<Timestamp>,
    /// Its figures in a line.
    pub headline: Option<String>,
    /// How long its documents are.
    pub sizes: Option<DocumentSizes>,
    /// Why it could not be made.
    pub error: Option<String>,
    /// Which run is making it, or made it.
    #[serde(skip)]
    pub claimed_by: Uuid,
    /// Until when nobody else may make it.
    #[serde(skip)]
    pub claimed_until: Timestamp,
}

impl Report {
    /// Whether this run is the one that makes it.
    pub fn is_held_by(&self, run: Uuid) -> bool {
        self.status == ReportStatus::Claimed && self.claimed_by == run
    }

    /// Whether the schedule is done with it, for good or ill.
    pub fn is_settled(&self) -> bool {
        match self.status {
            ReportStatus::Claimed => false,
            ReportStatus::Ready => true,
            ReportStatus::Failed => self.attempts >= MOST_ATTEMPTS,
        }
    }
}

impl Positioned for Report {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.created_at,
            key: self.id,
        }
    }
}

/// The filters of a list of reports; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReportFilter {
    /// Day, week or month.
    pub kind: Option<ReportKind>,
}
