//! The sentences of a report.

use super::change::{before, change, value};
use super::format::{self, or_dash};
use super::funnel;
use domain::reports::ReportKind;
use domain::reports::content::{Content, Flaw, Interval, Metric, Note as Found};
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// A sentence about the quality of the data.
pub(super) struct Note {
    pub(super) what: &'static str,
    pub(super) how_much: String,
}

/// The figures that matter most, in a line: `1,234 turns (12.4% more), 98.1% succeeded, rated 4.37`.
pub fn headline(report: &Content) -> String {
    let figure = |metric| report.figure(metric);
    let turns = figure(Metric::Interactions).map(|figure| {
        let turns = value(figure, figure.value);
        let noun = if figure.value == Some(1.0) {
            "turn"
        } else {
            "turns"
        };
        match change(figure, report.kind) {
            Ok(change) => format!("{turns} {noun} ({})", change.words),
            Err(_) => format!("{turns} {noun}"),
        }
    });
    let known = |metric| figure(metric).and_then(|figure| figure.value.map(|_| value(figure, figure.value)));
    let success = known(Metric::SuccessRate).map(|rate| format!("{rate} succeeded"));
    let rating = known(Metric::Rating).map(|rating| format!("rated {rating}"));
    let parts: Vec<_> = [turns, success, rating].into_iter().flatten().collect();
    parts.join(", ")
}

/// The same in sentences.
pub(super) fn lead(report: &Content) -> String {
    let Some(turns) = report.figure(Metric::Interactions) else {
        return String::new();
    };
    if turns.value == Some(0.0) {
        let before = before(report.kind);
        return match turns.previous {
            Some(previous) if previous > 0.0 => {
                format!(
                    "The assistant had no turns; {before} it had {}.",
                    value(turns, Some(previous))
                )
            }
            _ => format!("The assistant had no turns, and none {before}."),
        };
    }
    let mut sentences = vec![match change(turns, report.kind) {
        Ok(change) => format!(
            "The assistant had {}, {} than {}.",
            counted(turns.value),
            change.words,
            before(report.kind)
        ),
        Err(why) => format!("The assistant had {}, {why}.", counted(turns.value)),
    }];
    let known = |metric| {
        report
            .figure(metric)
            .and_then(|figure| figure.value.map(|_| value(figure, figure.value)))
    };
    match (known(Metric::SuccessRate), known(Metric::P50Ms)) {
        (Some(rate), Some(time)) => {
            sentences.push(format!("{rate} succeeded, and half were answered within {time}."))
        }
        (Some(rate), None) => sentences.push(format!("{rate} succeeded.")),
        _ => {}
    }
    if let Some(rating) = known(Metric::Rating) {
        sentences.push(format!("Shoppers rated it {rating} of 5."));
    }
    let figures = report.funnel.as_ref().map(|funnel| &funnel.figures);
    if let Some(figures) = figures.filter(|figures| figures.orders > 0) {
        sentences.push(format!("It led to {}.", funnel::orders(figures)));
    }
    sentences.join(" ")
}

/// What the month costs so far, and what all of it will.
pub(super) fn month(report: &Content) -> String {
    let Some(month) = &report.month else {
        return String::new();
    };
    let Some(micros) = month.cost.cost.micros else {
        return String::new();
    };
    let usd = |micros| format::money(micros, "USD");
    let so_far = format!("{} so far: {}.", month.from.strftime("%B"), usd(micros as f64));
    match month.forecast {
        None => so_far,
        Some(forecast) => format!(
            "{so_far} All of it is expected to cost {}, most likely between {} and {} (80%).{}",
            usd(forecast.micros),
            usd(forecast.low),
            usd(forecast.high),
            match forecast.unpriced_days {
                0 => String::new(),
                1 => " One day, whose cost is unknown, is left out.".to_owned(),
                days => format!(" {days} days, whose cost is unknown, are left out."),
            }
        ),
    }
}

fn counted(turns: Option<f64>) -> String {
    let turns = turns.unwrap_or_default() as i64;
    let noun = if turns == 1 { "turn" } else { "turns" };
    format!("{} {noun}", format::count(turns))
}

/// The days of the period.
pub(super) fn when(report: &Content, zone: &TimeZone) -> String {
    let date = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
    let first = date(report.period.from);
    let last = date(report.period.to).saturating_sub(1.day());
    match report.kind {
        ReportKind::Monthly => first.strftime("%B %Y").to_string(),
        ReportKind::Daily | ReportKind::Weekly => format::days(first, last),
    }
}

/// What a part of the period is called.
pub(super) fn part(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Daily => "Hour",
        ReportKind::Weekly | ReportKind::Monthly => "Day",
    }
}

/// What the figures suffer from.
pub(super) fn notes(report: &Content, zone: &TimeZone) -> Vec<Note> {
    let found = report.quality.notes.iter().filter(|note| note.count > 0);
    let mut notes: Vec<_> = found
        .map(|note| Note {
            what: flaw(note.flaw, report.series.interval),
            how_much: how_much(note, report, zone),
        })
        .collect();
    if !report.quality.complete {
        notes.push(Note {
            what: "The period was not over",
            how_much: "when this report was made".to_owned(),
        });
    }
    notes
}

fn how_much(note: &Found, report: &Content, zone: &TimeZone) -> String {
    let share = or_dash(note.share, format::percent);
    let text = format!(
        "{} of {} ({share})",
        format::count(note.count),
        format::count(note.of)
    );
    let empty = &report.quality.empty_parts;
    // A few days are named; of many, or of all, the number says enough.
    if note.flaw != Flaw::EmptyParts
        || report.series.interval == Interval::Hour
        || empty.len() > 7
        || note.count == note.of
    {
        return text;
    }
    let days: Vec<_> = empty
        .iter()
        .map(|at| format::short_day(at.to_zoned(zone.clone()).date()))
        .collect();
    format!("{text}: {}", days.join(", "))
}

fn flaw(flaw: Flaw, interval: Interval) -> &'static str {
    match flaw {
        Flaw::WithoutCost => "Turns whose cost is not known",
        Flaw::WithoutModel => "Turns that name no model",
        Flaw::WithoutTokens => "Turns that do not tell their tokens",
        Flaw::WithoutDuration => "Turns that do not tell how long they took",
        Flaw::WithoutUser => "Conversations that name no shopper",
        Flaw::LongPending => "Turns not finished a day after they began",
        Flaw::WithoutValue => "Orders whose value is not known",
        Flaw::EmptyParts if interval == Interval::Hour => "Hours without a turn",
        Flaw::EmptyParts => "Days without a turn",
    }
}
