//! The rollups of orders, as their table holds them.

use super::Table;
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::rows::Shape;
use domain::analytics::{OrderFact, OrderKey, OrderRollup};
use serde_json::{Value as Json, json};

impl Table for OrderFact {
    const KIND: &'static str = super::ORDERS;
    const LOCK: &'static str = "pravis rollups of orders";
    const NAME: &'static str = "order_rollups";
    const KEYS: &'static Shape = &[("grouping_id", "tinyint"), ("currency", "nvarchar(3)")];
    const VALUES: &'static Shape = &[("total", "bigint"), ("value_micros", "bigint")];
    const FACTS: &'static str = "e.currency, e.value_micros FROM ( \
         SELECT x.occurred_at, x.currency, x.value_micros FROM events x WHERE x.type = N'order' AND NOT EXISTS ( \
           SELECT 1 FROM events f WHERE f.type = N'order' AND f.order_id = x.order_id \
             AND (f.occurred_at < x.occurred_at OR (f.occurred_at = x.occurred_at AND f.id < x.id)))) e";
    const TIME: &'static str = "e.occurred_at";

    fn fact(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self::new(columns.get()?, columns.get()?))
    }

    fn key_values(key: &OrderKey) -> Vec<Json> {
        vec![json!(key.grouping), json!(key.currency)]
    }

    fn values(rollup: &OrderRollup) -> Vec<Json> {
        vec![json!(rollup.total), json!(rollup.value_micros)]
    }

    fn read(columns: &mut Columns) -> Result<(OrderKey, OrderRollup), StoreError> {
        let key = OrderKey {
            grouping: columns.get()?,
            currency: columns.get()?,
        };
        let rollup = OrderRollup {
            total: columns.get()?,
            value_micros: columns.get()?,
        };
        Ok((key, rollup))
    }
}
