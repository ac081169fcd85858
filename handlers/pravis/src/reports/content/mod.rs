//! What a report says.
use domain::reports::Period;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Store, StoreError};
/// A report in all its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Documents {
    pub html: String,
    pub json: String,
    pub csv: String,
    pub headline: String,
}
/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The figures cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
/// Reads the figures.
pub async fn documents(
    store: &dyn Store,
    period: &Period,
    _zone: &TimeZone,
    revision: u32,
    generated_at: Timestamp,
) -> Result<Documents, ContentError> {
    store.ping().await?;
    let name = period.name();
    Ok(Documents {
        html: format!("<p>{name} r{revision}</p>"),
        json: format!("{{\"at\":\"{generated_at}\"}}"),
        csv: "a,b\n".into(),
        headline: format!("stand-in for {name}"),
    })
}
