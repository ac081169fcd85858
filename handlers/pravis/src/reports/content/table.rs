//! The figures of a report in long form, for spreadsheets.

use super::ContentError;
use domain::analytics::FunnelFigures;
use domain::analytics::costs::{Forecast, MonthToDate};
use domain::reports::content::{Content, Figure, Funnel, Group, Groups, JudgedTurn};
use std::collections::BTreeSet;

/// The rows `section,key,metric,value,previous,unit` (RFC 4180, UTF-8). Numbers are plain: no separators, a point for decimals, as
/// exact as they are known; what is not known is empty. A text that a spreadsheet would take for a formula gets an
/// apostrophe in front.
pub fn table(report: &Content) -> Result<String, ContentError> {
    let mut rows = Rows(csv::Writer::from_writer(Vec::new()));
    rows.write(report).map_err(|_| ContentError::Render("csv"))?;
    let bytes = rows.0.into_inner().map_err(|_| ContentError::Render("csv"))?;
    String::from_utf8(bytes).map_err(|_| ContentError::Render("csv"))
}

struct Rows(csv::Writer<Vec<u8>>);

type Written = Result<(), csv::Error>;

impl Rows {
    fn write(&mut self, report: &Content) -> Written {
        self.0
            .write_record(["section", "key", "metric", "value", "previous", "unit"])?;
        self.about(report)?;
        for figure in &report.headline {
            self.figure(figure)?;
        }
        self.series(report)?;
        self.groups("models", &report.models)?;
        self.groups("types", &report.types)?;
        for model in &report.unpriced {
            let key = model.model.as_deref().unwrap_or_default();
            self.number("unpriced", key, "turns", Some(model.turns as f64), "count")?;
        }
        if let Some(month) = &report.month {
            self.month(month)?;
        }
        if let Some(funnel) = &report.funnel {
            self.funnel(funnel)?;
        }
        self.causes(report)?;
        self.opinions(report)?;
        self.judged("best", &report.best)?;
        self.judged("worst", &report.worst)?;
        for note in &report.quality.notes {
            self.number(
                "quality",
                note.flaw.as_str(),
                "count",
                Some(note.count as f64),
                "count",
            )?;
            self.number("quality", note.flaw.as_str(), "share", note.share, "ratio")?;
        }
        Ok(())
    }

    fn about(&mut self, report: &Content) -> Written {
        let previous = &report.previous;
        let generated_at = report.generated_at.to_string();
        for (metric, value, previous) in [
            ("schema", report.schema, ""),
            ("period", &report.period.name, previous.name.as_str()),
            (
                "from",
                &report.period.from.to_string(),
                &previous.from.to_string(),
            ),
            ("to", &report.period.to.to_string(), &previous.to.to_string()),
            ("time_zone", &report.time_zone, ""),
            ("generated_at", &generated_at, ""),
            ("revision", &report.revision.to_string(), ""),
        ] {
            self.row(["report", report.kind.as_str(), metric, value, previous, "text"])?;
        }
        Ok(())
    }

    fn figure(&mut self, figure: &Figure) -> Written {
        let unit = figure.unit.as_str();
        let key = figure.currency.as_deref().unwrap_or_default();
        let (value, previous) = (number(figure.value), number(figure.previous));
        let metric = figure.metric.as_str();
        self.row(["headline", key, metric, &value, &previous, unit])?;
        let p = format!("{metric}_p_value");
        self.number("headline", key, &p, figure.p_value, "ratio")
    }

    fn series(&mut self, report: &Content) -> Written {
        for point in &report.series.points {
            let key = point.from.to_string();
            for (metric, value, unit) in [
                ("interactions", Some(point.interactions as f64), "count"),
                ("failures", Some(point.failures as f64), "count"),
                ("success_rate", point.success_rate, "ratio"),
                ("p95_ms", point.p95_ms, "milliseconds"),
                ("cost", point.cost_micros.map(|micros| micros as f64), "micros"),
                ("feedback", Some(point.feedback as f64), "count"),
                ("rating", point.rating, "points"),
                (
                    "active_users",
                    point.active_users.map(|users| users as f64),
                    "count",
                ),
                (
                    "sessions",
                    point.sessions.map(|sessions| sessions as f64),
                    "count",
                ),
            ] {
                self.number("series", &key, metric, value, unit)?;
            }
            let Some(orders) = point.orders else { continue };
            self.number("series", &key, "orders", Some(orders as f64), "count")?;
            for (currency, micros) in point.revenue.iter().flatten() {
                let metric = format!("revenue_{currency}");
                self.number("series", &key, &metric, Some(*micros as f64), "micros")?;
            }
        }
        Ok(())
    }

    fn groups(&mut self, section: &str, groups: &Groups) -> Written {
        for group in &groups.items {
            self.group(section, group)?;
        }
        Ok(())
    }

    fn group(&mut self, section: &str, group: &Group) -> Written {
        let key = group.name.as_deref().unwrap_or_default();
        for (metric, value, unit) in [
            ("interactions", Some(group.interactions as f64), "count"),
            ("share", group.share, "ratio"),
            ("failures", Some(group.failures as f64), "count"),
            ("success_rate", group.success_rate, "ratio"),
            ("p95_ms", group.p95_ms, "milliseconds"),
            ("cost", group.cost_micros.map(|micros| micros as f64), "micros"),
            ("cost_per_success", group.cost_micros_per_success, "micros"),
            ("unpriced", Some(group.unpriced as f64), "count"),
        ] {
            self.number(section, key, metric, value, unit)?;
        }
        Ok(())
    }

    fn causes(&mut self, report: &Content) -> Written {
        for query in &report.queries {
            self.number("queries", &query.text, "count", Some(query.count as f64), "count")?;
            self.number(
                "queries",
                &query.text,
                "failed",
                Some(query.failed as f64),
                "count",
            )?;
        }
        for failure in &report.errors {
            let [kind, model] =
                [&failure.error_type, &failure.model].map(|name| name.as_deref().unwrap_or_default());
            // A kind and a model: both are needed to tell the rows apart.
            let key = format!("{kind} / {model}");
            self.row([
                "errors",
                &key,
                "count",
                &failure.count.to_string(),
                &failure.previous.to_string(),
                "count",
            ])?;
            for (metric, seen) in [
                ("first_seen", failure.first_seen),
                ("last_seen", failure.last_seen),
            ] {
                let seen = seen.map(|at| at.to_string()).unwrap_or_default();
                self.row(["errors", &key, metric, &seen, "", "text"])?;
            }
        }
        Ok(())
    }

    /// The month, which is named by its first day.
    fn month(&mut self, month: &MonthToDate) -> Written {
        let key = month.from.to_string();
        let forecast = |end: fn(&Forecast) -> f64| month.forecast.as_ref().map(end);
        for (metric, value) in [
            ("cost", month.cost.cost.micros.map(|micros| micros as f64)),
            ("forecast", forecast(|forecast| forecast.micros)),
            ("forecast_low", forecast(|forecast| forecast.low)),
            ("forecast_high", forecast(|forecast| forecast.high)),
        ] {
            self.number("month", &key, metric, value, "micros")?;
        }
        Ok(())
    }

    fn funnel(&mut self, funnel: &Funnel) -> Written {
        let (now, before) = (&funnel.figures, &funnel.previous);
        for (step, was) in now.steps.iter().zip(&before.steps) {
            for (metric, value, previous, unit) in [
                ("turns", Some(step.turns as f64), Some(was.turns as f64), "count"),
                ("conversion", step.conversion, was.conversion, "ratio"),
                ("overall", step.overall, was.overall, "ratio"),
            ] {
                let [value, previous] = [value, previous].map(number);
                self.row(["funnel", step.step, metric, &value, &previous, unit])?;
            }
        }
        let [orders, orders_before] = [now, before].map(|figures| figures.orders.to_string());
        self.row(["funnel", "ordered", "orders", &orders, &orders_before, "count"])?;
        let currencies: BTreeSet<_> = [now, before]
            .into_iter()
            .flat_map(|figures| &figures.revenue)
            .map(|revenue| &revenue.currency)
            .collect();
        for currency in currencies {
            let [value, previous] = [now, before].map(|figures| revenue(figures, currency).to_string());
            self.row(["funnel", currency, "revenue", &value, &previous, "micros"])?;
        }
        Ok(())
    }

    fn opinions(&mut self, report: &Content) -> Written {
        let opinions = &report.opinions;
        let mut count =
            |key: &str, metric, count: i64| self.number("opinions", key, metric, Some(count as f64), "count");
        count("", "feedback", opinions.total)?;
        count("", "rated", opinions.rated)?;
        for (rating, many) in &opinions.ratings {
            count(&rating.to_string(), "rating", *many)?;
        }
        for (thumb, many) in &opinions.thumbs {
            count(thumb, "thumb", *many)?;
        }
        for (tone, many) in &opinions.sentiment {
            count(tone, "sentiment", *many)?;
        }
        for tag in &opinions.common.tags {
            count(&tag.tag, "tag", tag.count)?;
        }
        for phrase in &opinions.common.phrases {
            count(&phrase.phrase, "phrase", phrase.count)?;
        }
        Ok(())
    }

    fn judged(&mut self, section: &str, turns: &[JudgedTurn]) -> Written {
        for turn in turns {
            let key = turn.interaction_id.to_string();
            let rating = turn.rating.map(f64::from);
            self.number(section, &key, "rating", rating, "points")?;
            for (metric, text) in [
                ("comment", &turn.comment),
                ("request", &turn.request),
                ("response", &turn.response),
            ] {
                self.row([
                    section,
                    &key,
                    metric,
                    text.as_deref().unwrap_or_default(),
                    "",
                    "text",
                ])?;
            }
        }
        Ok(())
    }

    fn number(&mut self, section: &str, key: &str, metric: &str, value: Option<f64>, unit: &str) -> Written {
        self.row([section, key, metric, &number(value), "", unit])
    }

    fn row(&mut self, cells: [&str; 6]) -> Written {
        for cell in cells {
            self.0.write_field(harmless(cell).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }
}

fn revenue(figures: &FunnelFigures, currency: &str) -> i64 {
    let found = figures
        .revenue
        .iter()
        .find(|revenue| revenue.currency == currency);
    found.map_or(0, |revenue| revenue.micros)
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A cell that no spreadsheet runs (OWASP, "CSV Injection"); a negative number stays one.
fn harmless(cell: &str) -> std::borrow::Cow<'_, str> {
    let starts_one = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if starts_one && cell.parse::<f64>().is_err() {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}
