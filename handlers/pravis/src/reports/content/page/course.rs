//! The period, part by part: charts, and the table that says the same.

use super::super::ContentError;
use super::chart::{self, Form, Panel};
use super::format::{self, or_dash};
use domain::reports::content::{Content, Interval, Point};
use jiff::tz::TimeZone;

/// A chart with its heading.
pub(super) struct Figure {
    pub(super) title: &'static str,
    /// What stands out, in words.
    pub(super) summary: String,
    pub(super) svg: String,
}

/// A line of the table.
pub(super) struct Row {
    pub(super) when: String,
    pub(super) turns: String,
    /// Of the busiest part, in whole percent.
    pub(super) bar: i64,
    pub(super) failures: String,
    pub(super) success: String,
    pub(super) p95: String,
    pub(super) cost: String,
    pub(super) rating: String,
}

/// The charts, two to a row.
pub(super) fn figures(report: &Content, zone: &TimeZone) -> Result<Vec<[Figure; 2]>, ContentError> {
    let points = &report.series.points;
    let labels: Vec<_> = points.iter().map(|point| label(point, report, zone)).collect();
    let values = |level: &dyn Fn(&Point) -> Option<f64>| points.iter().map(level).collect::<Vec<_>>();
    let figure = |title,
                  form,
                  values: Vec<Option<f64>>,
                  failed: &[Option<f64>],
                  scale,
                  [axis, words]: [Format<'_>; 2]| {
        let svg = chart::panel(&Panel {
            title,
            form,
            values: &values,
            failed,
            scale,
            labels: &labels,
            format: axis,
        })?;
        let summary = summary(report, zone, &values, words);
        Ok::<_, ContentError>(Figure { title, summary, svg })
    };
    let failed = values(&|point| Some(point.failures as f64));
    let turns = values(&|point| Some(point.interactions as f64));
    let p95 = values(&|point| point.p95_ms);
    let cost = values(&|point| point.cost_micros.map(|micros| micros as f64));
    let rating = values(&|point| point.rating);
    let whole: Format<'_> = &|number| format::count(number as i64);
    Ok(vec![
        [
            figure(
                "Turns, and how many failed",
                Form::Bars,
                turns,
                &failed,
                None,
                [&short, whole],
            )?,
            figure(
                "95% answered within",
                Form::Line,
                p95,
                &[],
                None,
                [&format::millis, &format::millis],
            )?,
        ],
        [
            figure("Cost", Form::Bars, cost, &[], None, [&short_usd, &usd])?,
            figure(
                "Average rating",
                Form::Line,
                rating,
                &[],
                Some((1.0, 5.0)),
                [&short, &format::points],
            )?,
        ],
    ])
}

type Format<'a> = &'a dyn Fn(f64) -> String;

/// `2.5M`, `40k`, `120`.
fn short(number: f64) -> String {
    match number {
        _ if number >= 1e6 => format!("{}M", number / 1e6),
        _ if number >= 1e4 => format!("{}k", number / 1e3),
        _ if number >= 1e3 => format::count(number as i64),
        _ => number.to_string(),
    }
}

fn short_usd(micros: f64) -> String {
    if micros >= 1e8 {
        format!("${}", short(micros / 1e6))
    } else {
        usd(micros)
    }
}

fn usd(micros: f64) -> String {
    format::money(micros, "USD")
}

/// Below a chart: `06` o'clock, `Mon`, or the day of the month.
fn label(point: &Point, report: &Content, zone: &TimeZone) -> String {
    let at = point.from.to_zoned(zone.clone());
    match report.series.interval {
        Interval::Hour => at.strftime("%H").to_string(),
        Interval::Day if report.series.points.len() <= 7 => at.strftime("%a").to_string(),
        Interval::Day => at.day().to_string(),
    }
}

/// In a table: `14:00`, `Mon 16 Nov`.
fn when(point: &Point, report: &Content, zone: &TimeZone) -> String {
    let at = point.from.to_zoned(zone.clone());
    match report.series.interval {
        // The hour that the clocks go back comes twice: its offset tells which.
        Interval::Hour if report.series.points.len() > 24 => at.strftime("%H:%M %:z").to_string(),
        Interval::Hour => at.strftime("%H:%M").to_string(),
        Interval::Day => format::short_day(at.date()),
    }
}

fn summary(
    report: &Content,
    zone: &TimeZone,
    values: &[Option<f64>],
    format: &dyn Fn(f64) -> String,
) -> String {
    let known = || {
        report
            .series
            .points
            .iter()
            .zip(values)
            .filter_map(|(point, value)| Some((point, (*value)?)))
    };
    let highest = known().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let lowest = known().min_by(|(_, a), (_, b)| a.total_cmp(b));
    match highest.zip(lowest) {
        None => "not known".to_owned(),
        Some(((_, high), (_, low))) if format(high) == format(low) => format!("{} throughout", format(high)),
        Some(((top, high), (bottom, low))) => format!(
            "from {} ({}) to {} ({})",
            format(low),
            when(bottom, report, zone),
            format(high),
            when(top, report, zone)
        ),
    }
}

/// The table.
pub(super) fn rows(report: &Content, zone: &TimeZone) -> Vec<Row> {
    let points = &report.series.points;
    let most = points
        .iter()
        .map(|point| point.interactions)
        .max()
        .unwrap_or(0)
        .max(1);
    let row = |point: &Point| Row {
        when: when(point, report, zone),
        turns: format::count(point.interactions),
        bar: point.interactions * 100 / most,
        failures: format::count(point.failures),
        success: or_dash(point.success_rate, format::percent),
        p95: or_dash(point.p95_ms, format::millis),
        cost: or_dash(point.cost_micros, |micros| format::money(micros as f64, "USD")),
        rating: or_dash(point.rating, format::points),
    };
    points.iter().map(row).collect()
}
