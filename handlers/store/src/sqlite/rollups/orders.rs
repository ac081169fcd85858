//! The rollups of orders, as their table holds them.

use super::super::columns::Columns;
use super::Table;
use domain::analytics::{OrderFact, OrderKey, OrderRollup, TimeRange};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

impl Table for OrderFact {
    const KIND: &'static str = super::ORDERS;
    const NAME: &'static str = "order_rollups";
    const KEYS: &'static str = "grouping_id, currency";
    const VALUES: &'static str = "total, value_micros";

    fn facts(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT e.currency, e.value_micros FROM events e INDEXED BY events_by_time
                 WHERE e.occurred_at >= ?1 AND e.occurred_at < ?2 AND e.type = 'order' AND e.id = (
                   SELECT f.id FROM events f INDEXED BY events_by_order
                   WHERE f.type = 'order' AND f.order_id = e.order_id ORDER BY f.occurred_at, f.id LIMIT 1)",
            )?
            .query_map(
                params![range.from.as_microsecond(), range.to.as_microsecond()],
                |row| Ok(Self::new(row.get(0)?, row.get(1)?)),
            )?
            .collect()
    }

    fn key_values(key: &OrderKey) -> Vec<Value> {
        vec![key.grouping.into(), key.currency.clone().into()]
    }

    fn values(rollup: &OrderRollup) -> Vec<Value> {
        vec![rollup.total.into(), rollup.value_micros.into()]
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Timestamp, OrderKey, OrderRollup)> {
        let mut columns = Columns::of(row);
        let bucket = columns.time()?;
        let key = OrderKey {
            grouping: columns.get()?,
            currency: columns.get()?,
        };
        let rollup = OrderRollup {
            total: columns.get()?,
            value_micros: columns.get()?,
        };
        Ok((bucket, key, rollup))
    }
}
