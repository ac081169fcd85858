//! The bill in `docs/costs.md`, computed again from the factors on the same page.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers are tests too"
)]

use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../docs/costs.md");

/// Turns a month up to which half a core of a database that pauses is enough.
const SMALL: f64 = 1e6;

/// The factors, by the names that the formula uses.
struct Factors(BTreeMap<&'static str, f64>);

impl Factors {
    fn read() -> Self {
        let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
        let factor = |row: &'static str| {
            let (name, rest) = row.split_once("` | ").unwrap();
            (name, rest.split(' ').next().unwrap().parse().unwrap())
        };
        Self(rows.map(factor).collect())
    }

    fn of(&self, name: &str) -> f64 {
        *self.0.get(name).unwrap_or_else(|| panic!("there is no `{name}`"))
    }

    /// Functions, database, its storage, logs and alerts, in dollars.
    fn bill(&self, turns: f64) -> [f64; 5] {
        let of = |name| self.of(name);
        let open = of("open_hours") * of("days") * 3600.0;
        let calls = turns * of("requests") + of("timers");
        let rate = turns * of("requests") / open;
        let instances = rate * (of("cpu_ms") + of("host_ms")) / 1000.0 / of("busy");
        let awake = 1.0 - (-rate * of("active_s")).exp();
        let active = open * awake.max(instances) + of("timers") * of("active_s");
        let above = |amount: f64, free| (amount - of(free)).max(0.0);
        let functions = above(active * of("instance_gb"), "free_gb_s") * of("price_gb_s")
            + above(calls, "free_calls") / 1e6 * of("price_million");

        let with_shoppers = if turns > 0.0 {
            of("open_hours") + of("pause_hours")
        } else {
            0.0
        };
        let awake = (2.0 * of("pause_hours") + with_shoppers) * of("days");
        let database = if turns <= SMALL {
            awake * of("min_vcores") * of("price_serverless")
        } else {
            of("large_vcores") * 730.0 * of("price_provisioned")
        };
        let kept = turns * of("months") * of("database_bytes") / 1e9;
        let sent = (of("telemetry_bytes") + of("dependency_bytes")) * of("sampling") + of("fact_bytes");
        [
            functions,
            database,
            kept.max(1.0) * of("price_sql_gb"),
            above(turns * sent / 1e9, "free_log_gb") * of("price_log_gb"),
            of("log_alerts") * of("price_log_alert") + of("metric_alerts") * of("price_metric_alert"),
        ]
    }
}

fn row(factors: &Factors, turns: f64) -> String {
    let bill = factors.bill(turns);
    let cents: Vec<_> = bill.iter().map(|dollars| (dollars * 100.0).round()).collect();
    let together: f64 = cents.iter().sum();
    let cells = cents
        .iter()
        .chain([&together])
        .map(|cents| format!(" {:.2} |", cents / 100.0));
    format!("| {} |{}", grouped(turns), cells.collect::<String>())
}

/// `1,000,000`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let from_the_end: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|three| str::from_utf8(three).unwrap())
        .collect();
    from_the_end.join(",")
}

#[test]
fn the_bill_is_what_the_formula_gives() {
    let factors = Factors::read();
    let expected = [0.0, 1e4, 1e6, 1e8].map(|turns| row(&factors, turns)).join("\n");
    assert!(PAGE.contains(&expected), "docs/costs.md should have\n{expected}");
}

#[test]
fn every_factor_is_used() {
    let formula = PAGE
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    for name in Factors::read().0.into_keys() {
        let words = formula.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
        assert!(words.clone().any(|word| word == name), "{name}");
    }
}

#[test]
fn alerts_are_those_of_the_template() {
    let rules = include_str!("../../../infra/modules/alerts.bicep");
    let count = |variable: &str| {
        let from = rules.split(&format!("var {variable} = [\n")).nth(1).unwrap();
        let rules = from.split("\n]").next().unwrap();
        rules
            .lines()
            .filter(|line| line.starts_with("    name: "))
            .count() as f64
    };
    let factors = Factors::read();
    assert_eq!(count("logRules"), factors.of("log_alerts"));
    assert_eq!(count("metricRules"), factors.of("metric_alerts"));
}
