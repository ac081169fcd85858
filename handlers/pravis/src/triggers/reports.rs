//! Making reports.
//!
//! The host fires in UTC, and a shop's day ends at any hour of it: so these fire hourly, and whether anything is due is decided by the
//! clock in the shop's zone.

use super::TriggerError;
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use crate::reports::run;
use domain::reports::ReportKind;

/// Makes the report on the last day, once it is over and the hour of reports has come.
pub(super) async fn timer_daily_report(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    report(app, invocation, ReportKind::Daily).await
}

/// The same for the last ISO week.
pub(super) async fn timer_weekly_report(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    report(app, invocation, ReportKind::Weekly).await
}

/// The same for the last month.
pub(super) async fn timer_monthly_report(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    report(app, invocation, ReportKind::Monthly).await
}

async fn report(app: App, invocation: Invocation, kind: ReportKind) -> Result<Answer, TriggerError> {
    invocation.timer("timer")?;
    let scheduled = run(&app, kind).await?;
    Ok(Answer::done().log(serde_json::to_string(&scheduled)?))
}
