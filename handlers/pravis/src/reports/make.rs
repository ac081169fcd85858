//! Makes a report: reads its figures, stores its documents, and hands it to those who get it.

use super::place::{self, Format, Unfinished};
use super::{ReportError, content, readers, unfinished};
use crate::app::App;
use blobs::Storage;
use domain::analytics::zone;
use domain::reports::{DocumentSizes, NewReport, Period, Report, ReportStatus, SCHEDULED, line};
use domain::time::truncated;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;
use store::{Completed, Store};
use uuid::Uuid;

/// How long nobody else makes a report that someone makes.
pub(super) const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// How long it may take: less, so that two never write the same documents.
const LONGEST: Duration = Duration::from_secs(9 * 60);

/// What became of a report that someone asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// It is ready.
    Ready(Report),
    /// It takes longer than he wanted to wait, and goes on.
    Begun(Report),
}

/// Makes a new revision of a report at once; waits for it as long as `patience`, and lets it go on then.
pub async fn ask(app: &App, new: &NewReport, patience: Duration) -> Result<Made, ReportError> {
    let zone = shop_zone(app)?;
    let period = new.period(app.now(), &zone)?;
    let store = app
        .store()
        .await
        .map_err(|error| ReportError::NoStore(error.to_string()))?;
    let store = store.patient().unwrap_or(store);
    let run = app.new_id();
    let report = store.create_report(claim(app, &period, run)).await?;
    let making = make(app.clone(), store, report.clone(), run, new.deliver);
    // In a task of its own: it goes on when the caller has gone.
    match tokio::time::timeout(patience, tokio::spawn(making)).await {
        Ok(Ok(made)) => made.map(Made::Ready),
        Ok(Err(_)) => Err(ReportError::Setting(
            "the program ends, or a defect ended it".to_owned(),
        )),
        Err(_) => Ok(Made::Begun(report)),
    }
}

/// The scheduled report on a period, as the run `run` claims it now.
pub(super) fn claim(app: &App, period: &Period, run: Uuid) -> Report {
    let now = truncated(app.now());
    Report {
        id: app.new_id(),
        kind: period.kind,
        period: period.name(),
        from: period.range.from,
        to: period.range.to,
        tz: app.config().time_zone.clone(),
        revision: SCHEDULED,
        status: ReportStatus::Claimed,
        attempts: 1,
        created_at: now,
        generated_at: None,
        headline: None,
        sizes: None,
        error: None,
        claimed_by: run,
        claimed_until: now.saturating_add(LEASE).unwrap_or(now),
    }
}

/// Makes a report that the run `run` holds. A failure is noted on it.
pub(super) async fn make(
    app: App,
    store: Arc<dyn Store>,
    report: Report,
    run: Uuid,
    deliver: bool,
) -> Result<Report, ReportError> {
    let begun = tokio::time::Instant::now();
    let work = write(&app, &*store, &report, run, deliver);
    let made = tokio::time::timeout(LONGEST, work).await;
    let made = made.unwrap_or(Err(ReportError::TooSlow(LONGEST.as_secs())));
    let (id, kind, period, revision) = (report.id, report.kind.as_str(), &report.period, report.revision);
    if let Err(error) = &made {
        tracing::error!(%error, report = %id, kind, period, revision, "a report could not be made");
        // What was taken over is another one's; where the failure cannot even be noted, the next timer takes it over.
        if !matches!(error, ReportError::TakenOver)
            && store.fail_report(id, run, line(&error.to_string())).await.is_ok()
            && let Ok(storage) = app.storage().await
        {
            let _ = place::note_finished(&*storage, id).await;
        }
    } else {
        let duration_ms = begun.elapsed().as_millis();
        tracing::info!(report = %id, kind, period, revision, duration_ms, "a report is ready");
    }
    made
}

async fn write(
    app: &App,
    store: &dyn Store,
    report: &Report,
    run: Uuid,
    deliver: bool,
) -> Result<Report, ReportError> {
    let storage = app.storage().await?;
    place::note_unfinished(&*storage, report.id, Unfinished { deliver }).await?;
    let readers = if deliver {
        readers::all(app).await?
    } else {
        Vec::new()
    };
    let zone = zone(&report.tz)?;
    let period = Period::parse(report.kind, &report.period, &zone)
        .map_err(|error| ReportError::Setting(error.to_string()))?;
    let generated_at = truncated(app.now());
    let documents = content::documents(store, &period, &zone, report.revision, generated_at).await?;
    let headline = line(&documents.headline);
    let sizes = put(&*storage, report, documents).await?;
    let completed = Completed {
        generated_at,
        headline,
        sizes,
        deliveries: readers::deliveries(app, report.id, &readers),
    };
    if !store.complete_report(report.id, run, completed).await? {
        return Err(ReportError::TakenOver);
    }
    if let Err(error) = unfinished::send_out(app, store, &*storage, report.id).await {
        // It is ready, and the next timer sends what this could not.
        tracing::warn!(%error, report = %report.id, "a report waits to be sent");
    }
    let ready = store.get_report(report.id).await?;
    ready.ok_or_else(|| ReportError::Setting("the report is gone".to_owned()))
}

async fn put(
    storage: &dyn Storage,
    report: &Report,
    documents: content::Documents,
) -> Result<DocumentSizes, ReportError> {
    let sizes = DocumentSizes {
        html: documents.html.len() as u64,
        json: documents.json.len() as u64,
        csv: documents.csv.len() as u64,
    };
    place::put_document(storage, report, Format::Html, documents.html).await?;
    place::put_document(storage, report, Format::Json, documents.json).await?;
    place::put_document(storage, report, Format::Csv, documents.csv).await?;
    Ok(sizes)
}

/// The zone by whose days the shop counts.
pub(super) fn shop_zone(app: &App) -> Result<TimeZone, ReportError> {
    Ok(zone(&app.config().time_zone)?)
}
