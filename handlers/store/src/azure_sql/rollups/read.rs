//! Reading rollups.

use super::{Table, facts};
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::conditions::Conditions;
use crate::azure_sql::rows::names;
use domain::analytics::{Plan, TimeRange};
use jiff::Timestamp;
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
         WHERE r.tier IN ({tiers}) AND r.grouping_id IN (0, 1, 2, 3, 4, 5, 6, 7)",
        columns = columns::<T>(),
        name = T::NAME,
    )
}

/// Selects what each part of a plan counts under some groupings: stored rollups in one statement, so that they are of one
/// moment, then the facts of the parts that cut through quarters.
pub(in crate::azure_sql) fn plan_sql<T: Table>(
    plan: &Plan,
    groupings: &str,
    bind: &mut Conditions,
) -> String {
    let mut range = |range: &TimeRange| (bind.bind(range.from), bind.bind(range.to));
    let mut arms = Vec::new();
    for (tier, ranges) in [(super::DAYS, &plan.days), (super::QUARTERS, &plan.quarters)] {
        for (from, to) in ranges.iter().map(&mut range) {
            arms.push(format!(
                "SELECT {columns} FROM {name} r
                 WHERE r.tier = {tier} AND r.grouping_id IN ({groupings}) AND r.bucket >= {from} AND r.bucket < {to}",
                columns = columns::<T>(),
                name = T::NAME,
            ));
        }
    }
    if arms.is_empty() {
        arms.push(format!(
            "SELECT {} FROM {} r WHERE 1 = 0",
            columns::<T>(),
            T::NAME
        ));
    }
    let raw: Vec<_> = plan
        .raw
        .iter()
        .map(&mut range)
        .map(|(from, to)| {
            format!(
                "SELECT {time}, {facts} WHERE {time} >= {from} AND {time} < {to}",
                time = T::TIME,
                facts = T::FACTS
            )
        })
        .collect();
    let raw = if raw.is_empty() {
        format!("SELECT {}, {} WHERE 1 = 0", T::TIME, T::FACTS)
    } else {
        raw.join(" UNION ALL ")
    };
    format!("{}; {raw};", arms.join(" UNION ALL "))
}

/// What [`plan_sql`] selected: rollups, and those made of facts, each under the start of what it is part of.
pub(in crate::azure_sql) fn plan_rows<T: Table>(
    rollups: Vec<Row>,
    raw: Vec<Row>,
    groupings: &[i64],
) -> Result<Vec<Stored<T>>, StoreError> {
    let mut found = stored::<T>(rollups)?;
    for (at, fact) in facts::<T>(raw)? {
        let counted = domain::analytics::rolled_up([fact]);
        found.extend(
            counted
                .into_iter()
                .filter(|(key, _)| groupings.contains(&T::grouping_of(key)))
                .map(|(key, rollup)| Stored {
                    tier: super::QUARTERS,
                    bucket: at,
                    key,
                    rollup,
                }),
        );
    }
    Ok(found)
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
