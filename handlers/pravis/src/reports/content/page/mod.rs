//! A report as a page: for a browser, for paper, and for mail clients. It needs no script, no font and no request.
//!
//! Mail clients leave out inline SVG (Gmail, Outlook), style sheets (a few) or both. So a chart never says anything that does not stand
//! in words or in a table beside it, and the layout is made of tables.

mod cards;
mod causes;
mod change;
mod chart;
mod course;
mod format;
mod funnel;
mod groups;
mod opinions;
mod words;

pub use words::headline;

use super::ContentError;
use askama::Template;
use domain::reports::ReportKind;
use domain::reports::content::{Content, Metric};
use jiff::tz::TimeZone;

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page {
    title: &'static str,
    when: String,
    preview: String,
    lead: String,
    zone: String,
    made: String,
    revision: u32,
    name: String,
    before: &'static str,
    /// Whether there is anything to tell.
    empty: bool,
    cards: Vec<Vec<cards::Card>>,
    figures: Vec<[course::Figure; 2]>,
    part: &'static str,
    rows: Vec<course::Row>,
    models: groups::Groups,
    types: groups::Groups,
    unpriced: Vec<groups::Unpriced>,
    /// What the month costs; empty where the report is on a whole month.
    month: String,
    funnel: Option<funnel::Funnel>,
    column_before: &'static str,
    causes: Vec<causes::Table>,
    opinions: opinions::Opinions,
    notes: Vec<words::Note>,
}

/// The page.
pub fn page(report: &Content, zone: &TimeZone) -> Result<String, ContentError> {
    let orders = report.figure(Metric::Orders).and_then(|figure| figure.value);
    let empty = report.models.items.is_empty() && report.opinions.total == 0 && orders.unwrap_or(0.0) == 0.0;
    let page = Page {
        title: title(report.kind),
        when: words::when(report, zone),
        preview: headline(report),
        lead: words::lead(report),
        zone: report.time_zone.clone(),
        made: format::moment(report.generated_at, zone),
        revision: report.revision,
        name: report.period.name.clone(),
        before: change::before(report.kind),
        empty,
        cards: cards::cards(report)?,
        figures: if empty {
            Vec::new()
        } else {
            course::figures(report, zone)?
        },
        part: words::part(report.kind),
        rows: if empty {
            Vec::new()
        } else {
            course::rows(report, zone)
        },
        models: groups::groups(&report.models),
        types: groups::groups(&report.types),
        unpriced: groups::unpriced(&report.unpriced),
        month: words::month(report),
        funnel: funnel::funnel(report),
        column_before: change::column_before(report.kind),
        causes: causes::tables(report, zone),
        opinions: opinions::opinions(report, zone),
        notes: words::notes(report, zone),
    };
    page.render().map_err(|_| ContentError::Render("html"))
}

fn title(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Daily => "Daily report",
        ReportKind::Weekly => "Weekly report",
        ReportKind::Monthly => "Monthly report",
    }
}
