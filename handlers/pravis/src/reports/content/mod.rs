//! What a report says, as a page, as JSON and as a table.

mod gather;
mod judged;
mod measure;
mod month;
pub mod page;
mod table;

pub use gather::content;
pub use table::table;

use domain::reports::Period;
use domain::reports::content::Content;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Store, StoreError};

/// A report in all its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// A page that needs nothing beside it: no script, no request; also the body of a mail.
    pub html: String,
    /// The document `pravis.report/1`.
    pub json: String,
    /// Its figures in long form: `section,key,metric,value,previous,unit`.
    pub csv: String,
    /// The figures that matter most, in a line for the subject of a mail.
    pub headline: String,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The figures cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The figures cannot be written down: a defect.
    #[error("the report cannot be written: {0}")]
    Render(&'static str),
}

/// Reads the figures of `period`, which was made for `zone`, and writes them down. Reads at most three things at a time, and
/// rollups only, apart from a handful of turns, the failed ones of an index, and the newest opinions. The zone is the shop's, by whose days shoppers are counted.
pub async fn documents(
    store: &dyn Store,
    period: &Period,
    zone: &TimeZone,
    revision: u32,
    generated_at: Timestamp,
) -> Result<Documents, ContentError> {
    let content = content(store, period, zone, revision, generated_at).await?;
    render(&content, zone)
}

/// The forms of a report whose days are those of `zone`.
pub fn render(report: &Content, zone: &TimeZone) -> Result<Documents, ContentError> {
    let json = serde_json::to_string_pretty(report);
    Ok(Documents {
        html: page::page(report, zone)?,
        json: json.map_err(|_| ContentError::Render("json"))?,
        csv: table(report)?,
        headline: page::headline(report),
    })
}
