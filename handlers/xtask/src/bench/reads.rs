//! Reading at full size: by id, and a page of the list for each filter.

use super::Bench;
use super::api::Api;
use super::cases::{self, Case};
use super::latency::Spread;
use super::limits::Limits;
use super::load::Plan;
use super::report::Bound::AtMost;
use super::report::Row;
use super::report::Unit::Milliseconds;
use super::sample::Sample;
use crate::Outcome;

/// Measures get and list; the rows of the table, and one row per filter for those who want to know.
pub(super) fn measure(bench: &Bench, api: &Api<'_>, limits: &Limits) -> Outcome<(Vec<Row>, Vec<Row>)> {
    let sample = Sample::take(api)?;
    bench.say("get by id");
    let paths: Vec<_> = sample
        .ids
        .iter()
        .map(|id| format!("/api/v1/interactions/{id}"))
        .collect();
    let gets = api.measure(
        &paths,
        Plan {
            requests: 2_000,
            ..bench.scale.one_by_one(200)
        },
    )?;
    let spread = gets.latencies.spread();
    let raw = format!("axum p95 {}", Milliseconds.write(limits.get.p95));
    let get = Row::new("get by id, p95", Milliseconds, Some(AtMost(2.0)), spread.p95)
        .spread(spread)
        .raw(&raw)
        .fault(gets.fault);

    bench.say("lists with values that are common");
    let common = each(bench, api, cases::common(&sample, api)?)?;
    bench.say("lists with values that 10 rows have");
    let rare = each(bench, api, cases::rare(api)?)?;

    let rows = vec![
        get,
        worst("list of 50, common value", &common).raw(&raw),
        worst("list of 50, value of 10 rows", &rare).raw(&raw),
    ];
    let details = named(common, "common value")
        .chain(named(rare, "10 rows"))
        .collect();
    Ok((rows, details))
}

fn named(cases: Vec<Row>, kind: &str) -> impl Iterator<Item = Row> {
    cases.into_iter().map(move |case| Row {
        what: format!("{}, {kind}", case.what),
        ..case
    })
}

fn each(bench: &Bench, api: &Api<'_>, cases: Vec<Case>) -> Outcome<Vec<Row>> {
    cases.into_iter().map(|case| one(bench, api, case)).collect()
}

fn one(bench: &Bench, api: &Api<'_>, case: Case) -> Outcome<Row> {
    let row =
        |spread: Spread| Row::new(&case.name, Milliseconds, Some(AtMost(10.0)), spread.p95).spread(spread);
    // A filter that the program refuses, or that finds something else, must not stop the others.
    let found = match api.get(&case.path) {
        Ok(answer) => answer["items"].as_array().map_or(0, Vec::len),
        Err(fault) => {
            return Ok(Row {
                measured: None,
                ..row(Spread::default())
            }
            .fault(Some(fault.to_string())));
        }
    };
    let load = api.measure(std::slice::from_ref(&case.path), bench.scale.one_by_one(200))?;
    let other = (found != case.items).then(|| format!("{found} items instead of {}", case.items));
    Ok(row(load.latencies.spread()).fault(load.fault.or(other)))
}

/// The slowest case stands for all; so does the first that failed.
pub(super) fn worst(what: &str, cases: &[Row]) -> Row {
    let slowest = cases.iter().max_by(|one, other| {
        let key = |row: &Row| row.measured.unwrap_or(f64::INFINITY);
        key(one).total_cmp(&key(other))
    });
    let fault = cases
        .iter()
        .find_map(|case| Some(format!("{}: {}", case.what, case.fault.as_ref()?)));
    match slowest {
        Some(slowest) => Row {
            what: format!("{what}, worst p95 ({})", slowest.what),
            fault,
            ..slowest.clone()
        },
        None => Row::new(what, Milliseconds, None, 0.0).fault(Some("no case was measured".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_stands_for_all() {
        let row = |name: &str, p95| Row::new(name, Milliseconds, Some(AtMost(10.0)), p95);
        let cases = [row("model", 1.0), row("locale", 4.0), row("type", 2.0)];
        let row = worst("list of 50", &cases);
        assert_eq!(row.what, "list of 50, worst p95 (locale)");
        assert!(row.passes());
        let failed = [
            cases[0].clone(),
            cases[1].clone().fault(Some("9 items instead of 10".into())),
        ];
        assert_eq!(
            worst("list of 50", &failed).fault.as_deref(),
            Some("locale: 9 items instead of 10")
        );
    }
}
