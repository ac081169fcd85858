//! What is due, and whether anything is left to do for it. The store is touched only when there is.

use super::{ReportError, make, place, unfinished};
use crate::app::App;
use domain::reports::{Period, Report, ReportKind};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::Arc;
use store::Store;

/// Periods that are made up for when no timer fired: the last three.
const BACK: usize = 3;

/// What a run of the schedule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduled {
    /// The report on the period that is due was made before.
    Nothing,
    /// It made the reports on these periods.
    Made(Vec<String>),
    /// Another process is making one.
    Elsewhere,
}

/// Makes the reports of a kind that are due: on the last period, and on up to two before it that were missed since the last report.
///
/// It first asks what this process knows, then a blob, and only then the store; a database that sleeps is woken once a period.
pub async fn run(app: &App, kind: ReportKind) -> Result<Scheduled, ReportError> {
    let storage = app.storage().await?;
    unfinished::sweep(app, &*storage).await?;
    let zone = make::shop_zone(app)?;
    let due = Period::last_due(kind, app.config().reports.hour, app.now(), &zone);
    if app.reports().is_done(kind, due.first) {
        return Ok(Scheduled::Nothing);
    }
    let mut made = Vec::new();
    if !place::is_done(&*storage, &due).await? {
        // Before anything is claimed: as long as the vault is away, this is no failed attempt.
        super::readers::all(app).await?;
        let store = app
            .store()
            .await
            .map_err(|error| ReportError::NoStore(error.to_string()))?;
        let store = store.patient().unwrap_or(store);
        for period in missed(&*store, due, &zone).await? {
            let run = app.new_id();
            let report = store.claim_report(make::claim(app, &period, run)).await?;
            if report.is_held_by(run) {
                make::make(app.clone(), Arc::clone(&store), report, run, true).await?;
                made.push(period.name());
            } else if !report.is_settled() {
                return Ok(Scheduled::Elsewhere);
            }
        }
        place::note_done(&*storage, &due).await?;
    }
    app.reports().note_done(kind, due.first);
    Ok(if made.is_empty() {
        Scheduled::Nothing
    } else {
        Scheduled::Made(made)
    })
}

/// The periods up to `due` that have no report yet, oldest first: not before the first report that there ever was, and at most
/// [`BACK`].
async fn missed(store: &dyn Store, due: Period, zone: &TimeZone) -> Result<Vec<Period>, ReportError> {
    let known = store.list_scheduled_reports(due.kind, BACK + 1).await?;
    let since = known.last().map(|oldest| oldest.from);
    let is_settled = |period: &Period| {
        let of = |report: &&Report| report.period == period.name();
        known.iter().find(of).is_some_and(Report::is_settled)
    };
    let back = std::iter::successors(Some(due), |period| Some(period.previous(zone)));
    let mut periods: Vec<_> = back
        .take(BACK)
        .filter(|period| *period == due || since.is_some_and(|since| period.range.from >= since))
        .filter(|period| !is_settled(period))
        .collect();
    periods.reverse();
    Ok(periods)
}
