//! The rollups of funnels, as their table holds them.

use super::super::columns::{Columns, json};
use super::Table;
use domain::analytics::{FunnelFact, FunnelKey, FunnelRollup, Sum, TimeRange};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

impl Table for FunnelFact {
    const KIND: &'static str = super::FUNNELS;
    const NAME: &'static str = "funnel_rollups";
    const KEYS: &'static str = "grouping_id, type, model, channel, prompt_version";
    const VALUES: &'static str = "total, shown, cost_count, cost_micros, viewed_first_1h, viewed_first_24h, viewed_first_7d, \
         viewed_last_1h, viewed_last_24h, viewed_last_7d, carted_first_1h, carted_first_24h, \
         carted_first_7d, carted_last_1h, carted_last_24h, carted_last_7d, ordered_first_1h, \
         ordered_first_24h, ordered_first_7d, ordered_last_1h, ordered_last_24h, ordered_last_7d, \
         orders_first_1h, orders_first_24h, orders_first_7d, orders_last_1h, orders_last_24h, \
         orders_last_7d, revenue";

    fn facts(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT i.type, coalesce(i.model, ''), coalesce(i.channel, ''), coalesce(i.prompt_version, ''),
                   i.product_ids <> '[]', i.cost_micros,
                   (SELECT json_group_array(json_object(
                      'type', a.type, 'credit', a.credit, 'value_micros', a.value_micros, 'currency', a.currency))
                    FROM attributions a WHERE a.interaction_id = i.id)
                 FROM interactions i INDEXED BY interactions_by_time WHERE i.started_at >= ?1 AND i.started_at < ?2",
            )?
            .query_map(params![range.from.as_microsecond(), range.to.as_microsecond()], fact)?
            .collect()
    }

    fn key_values(key: &FunnelKey) -> Vec<Value> {
        let key = key.clone();
        vec![
            key.grouping.into(),
            key.kind.into(),
            key.model.into(),
            key.channel.into(),
            key.prompt_version.into(),
        ]
    }

    fn values(rollup: &FunnelRollup) -> Vec<Value> {
        let mut values: Vec<Value> = vec![
            rollup.total.into(),
            rollup.shown.into(),
            rollup.cost_micros.count.into(),
            rollup.cost_micros.sum.into(),
        ];
        for counts in [rollup.viewed, rollup.carted, rollup.ordered, rollup.orders] {
            values.extend(counts.map(Value::Integer));
        }
        // Plain data with text keys: this cannot fail.
        values.push(json(&rollup.revenue).unwrap_or_default().into());
        values
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Timestamp, FunnelKey, FunnelRollup)> {
        let mut columns = Columns::of(row);
        let bucket = columns.time()?;
        let key = key(columns.get()?, &mut columns)?;
        let rollup = FunnelRollup {
            total: columns.get()?,
            shown: columns.get()?,
            cost_micros: Sum {
                count: columns.get()?,
                sum: columns.get()?,
            },
            viewed: columns.array()?,
            carted: columns.array()?,
            ordered: columns.array()?,
            orders: columns.array()?,
            revenue: columns.json()?,
        };
        Ok((bucket, key, rollup))
    }
}

fn fact(row: &Row<'_>) -> rusqlite::Result<FunnelFact> {
    let mut columns = Columns::of(row);
    Ok(FunnelFact {
        key: key(FunnelKey::ALL, &mut columns)?,
        shown: columns.get()?,
        cost_micros: columns.get()?,
        outcomes: columns.json()?,
    })
}

fn key(grouping: i64, columns: &mut Columns<'_>) -> rusqlite::Result<FunnelKey> {
    Ok(FunnelKey {
        grouping,
        kind: columns.get()?,
        model: columns.get()?,
        channel: columns.get()?,
        prompt_version: columns.get()?,
    })
}
