//! Reading rollups.

use super::Table;
use crate::StoreError;
use crate::analytics::{Ask, is_read};
use crate::azure_sql::columns::Columns;
use crate::azure_sql::conditions::Conditions;
use crate::azure_sql::rows::{Shape, declare, names, rows, time};
use domain::analytics::series::Grouped;
use domain::analytics::{Part, plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use tiberius::Row;

/// A rollup as its table holds it.
pub(in crate::azure_sql) struct Stored<T: Table> {
    pub(in crate::azure_sql) tier: i64,
    pub(in crate::azure_sql) bucket: Timestamp,
    pub(in crate::azure_sql) key: T::Key,
    pub(in crate::azure_sql) rollup: T::Rollup,
}

/// Selects rollups of tiers in the buckets of a table `#name (bucket)`: what [`stored`] reads.
pub(in crate::azure_sql) fn stored_sql<T: Table>(tiers: &str, buckets: &str) -> String {
    format!(
        "SELECT {columns} FROM {buckets} b JOIN {name} r ON r.bucket = b.bucket
         WHERE r.tier IN ({tiers}) AND r.grouping_id IN ({groupings})",
        columns = columns::<T>(),
        groupings = groupings::<T>(),
        name = T::NAME,
    )
}

/// Selects what some questions ask of the rollups: stored ones in one statement, so that they are of one moment, then the facts
/// of the parts that cut through quarters. Each row begins with the number of its question. Which parts are read stands in
/// parameters: a statement is as long for a year of days of another zone as for one day.
pub(in crate::azure_sql) fn asks_sql<T: Table>(
    asks: &[Ask],
    shop: Option<&TimeZone>,
    bind: &mut Conditions,
) -> String {
    let ranges = bind.bind(rows(
        (0..)
            .zip(asks)
            .flat_map(|(number, ask)| ranges(number, ask, shop)),
    ));
    let arms = asks.iter().enumerate().map(|(number, ask)| {
        let values = ask.filter.conditions();
        let conditions: String = values
            .map(|(dimension, value)| format!(" AND r.{} = {}", dimension.as_str(), bind.bind(value)))
            .collect();
        format!(
            "SELECT {number} AS ask, r.bucket, {keys}, {values}
             FROM @ranges x JOIN {name} r ON r.tier = x.tier AND r.bucket >= x.first AND r.bucket < x.after
             WHERE x.ask = {number} AND r.grouping_id = {grouping}{conditions}",
            keys = names(T::KEYS, "r."),
            values = values_read::<T>(ask.parts),
            name = T::NAME,
            grouping = ask.grouping,
        )
    });
    format!(
        "{declare} {arms};
         SELECT x.ask, {time}, {facts} JOIN @ranges x ON {time} >= x.first AND {time} < x.after WHERE x.tier = {RAW};",
        declare = declare("@ranges", RANGES, &ranges),
        arms = arms.collect::<Vec<_>>().join(" UNION ALL "),
        time = T::TIME,
        facts = T::FACTS,
    )
}

/// Stands for the records themselves, in the place of a tier.
const RAW: i64 = 9;
const RANGES: &Shape = &[
    ("ask", "tinyint"),
    ("tier", "tinyint"),
    ("first", "datetime2(7)"),
    ("after", "datetime2(7)"),
];

fn ranges(number: usize, ask: &Ask, shop: Option<&TimeZone>) -> Vec<Vec<Json>> {
    let plan = plan(&ask.edges, shop);
    let tiers = [
        (super::DAYS, plan.days),
        (super::HOURS, plan.hours),
        (super::QUARTERS, plan.quarters),
        (RAW, plan.raw),
    ];
    let parts = tiers
        .into_iter()
        .flat_map(|(tier, ranges)| ranges.into_iter().map(move |range| (tier, range)));
    parts
        .map(|(tier, range)| vec![json!(number), json!(tier), time(range.from), time(range.to)])
        .collect()
}

/// The value columns, those that are not asked for as nothing.
fn values_read<T: Table>(parts: &[Part]) -> String {
    let columns = T::VALUES.iter().map(|(column, kind)| {
        if is_read(column, parts) {
            format!("r.{column}")
        } else if kind.contains("binary") {
            format!("CONVERT({kind}, 0x)")
        } else {
            format!("CONVERT({kind}, 0)")
        }
    });
    columns.collect::<Vec<_>>().join(", ")
}

/// What [`asks_sql`] selected, question by question.
pub(in crate::azure_sql) fn answers<T: Table>(
    rollups: Vec<Row>,
    raw: Vec<Row>,
    asks: &[Ask],
) -> Result<Vec<Grouped<T::Rollup>>, StoreError> {
    let mut answers: Vec<_> = asks.iter().map(|_| Grouped::new()).collect();
    let unknown = || StoreError::Broken("an answer to no question".to_owned());
    for row in rollups {
        let mut columns = Columns::of(row);
        let number: usize = columns.get()?;
        let bucket = columns.time()?;
        let (key, rollup) = T::read(&mut columns)?;
        let (ask, groups) = asks
            .get(number)
            .zip(answers.get_mut(number))
            .ok_or_else(unknown)?;
        ask.add::<T>(groups, bucket, &key, &rollup);
    }
    for row in raw {
        let mut columns = Columns::of(row);
        let number: usize = columns.get()?;
        let (at, fact) = (columns.time()?, T::fact(&mut columns)?);
        let (ask, groups) = asks
            .get(number)
            .zip(answers.get_mut(number))
            .ok_or_else(unknown)?;
        ask.count(groups, at, fact);
    }
    Ok(answers)
}

fn groupings<T: Table>() -> String {
    let groupings: Vec<_> = T::GROUPINGS
        .iter()
        .map(|(grouping, _)| grouping.to_string())
        .collect();
    groupings.join(", ")
}

fn columns<T: Table>() -> String {
    format!(
        "r.tier, r.bucket, {}, {}",
        names(T::KEYS, "r."),
        names(T::VALUES, "r.")
    )
}

/// Reads rows of `tier, bucket`, keys and values.
pub(in crate::azure_sql) fn stored<T: Table>(rows: Vec<Row>) -> Result<Vec<Stored<T>>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let (tier, bucket) = (columns.get()?, columns.time()?);
            let (key, rollup) = T::read(&mut columns)?;
            Ok(Stored {
                tier,
                bucket,
                key,
                rollup,
            })
        })
        .collect()
}
