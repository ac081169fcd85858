//! The rollups of funnels, as their table holds them.

use super::Table;
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::rows::Shape;
use domain::analytics::{FunnelFact, FunnelKey, FunnelRollup, Sum};
use serde_json::{Value as Json, json};

impl Table for FunnelFact {
    const KIND: &'static str = super::FUNNELS;
    const LOCK: &'static str = "pravis rollups of funnels";
    const NAME: &'static str = "funnel_rollups";
    const KEYS: &'static Shape = &[
        ("grouping_id", "tinyint"),
        ("type", "nvarchar(16)"),
        ("model", "nvarchar(128)"),
        ("channel", "nvarchar(64)"),
        ("prompt_version", "nvarchar(128)"),
    ];
    const VALUES: &'static Shape = &[
        ("total", "bigint"),
        ("shown", "bigint"),
        ("cost_count", "bigint"),
        ("cost_micros", "bigint"),
        ("viewed_first_1h", "bigint"),
        ("viewed_first_24h", "bigint"),
        ("viewed_first_7d", "bigint"),
        ("viewed_last_1h", "bigint"),
        ("viewed_last_24h", "bigint"),
        ("viewed_last_7d", "bigint"),
        ("carted_first_1h", "bigint"),
        ("carted_first_24h", "bigint"),
        ("carted_first_7d", "bigint"),
        ("carted_last_1h", "bigint"),
        ("carted_last_24h", "bigint"),
        ("carted_last_7d", "bigint"),
        ("ordered_first_1h", "bigint"),
        ("ordered_first_24h", "bigint"),
        ("ordered_first_7d", "bigint"),
        ("ordered_last_1h", "bigint"),
        ("ordered_last_24h", "bigint"),
        ("ordered_last_7d", "bigint"),
        ("orders_first_1h", "bigint"),
        ("orders_first_24h", "bigint"),
        ("orders_first_7d", "bigint"),
        ("orders_last_1h", "bigint"),
        ("orders_last_24h", "bigint"),
        ("orders_last_7d", "bigint"),
        ("revenue", "nvarchar(max)"),
    ];
    const FACTS: &'static str = "i.type, COALESCE(i.model, N''), COALESCE(i.channel, N''), COALESCE(i.prompt_version, N''), \
         CASE WHEN i.product_ids = N'[]' THEN 0 ELSE 1 END, i.cost_micros, \
         (SELECT a.type, a.credit, a.value_micros, a.currency FROM attributions a WHERE a.interaction_id = i.id \
          FOR JSON PATH) FROM interactions i";
    const TIME: &'static str = "i.started_at";

    fn fact(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            key: key(FunnelKey::ALL, columns)?,
            shown: columns.get()?,
            cost_micros: columns.get()?,
            outcomes: columns.optional_json()?.unwrap_or_default(),
        })
    }

    fn key_values(key: &FunnelKey) -> Vec<Json> {
        vec![
            json!(key.grouping),
            json!(key.kind),
            json!(key.model),
            json!(key.channel),
            json!(key.prompt_version),
        ]
    }

    fn values(rollup: &FunnelRollup) -> Vec<Json> {
        let mut values = vec![
            json!(rollup.total),
            json!(rollup.shown),
            json!(rollup.cost_micros.count),
            json!(rollup.cost_micros.sum),
        ];
        for counts in [rollup.viewed, rollup.carted, rollup.ordered, rollup.orders] {
            values.extend(counts.map(|count| json!(count)));
        }
        values.push(Json::String(json!(rollup.revenue).to_string()));
        values
    }

    fn read(columns: &mut Columns) -> Result<(FunnelKey, FunnelRollup), StoreError> {
        let key = key(columns.get()?, columns)?;
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
        Ok((key, rollup))
    }
}

fn key(grouping: i64, columns: &mut Columns) -> Result<FunnelKey, StoreError> {
    Ok(FunnelKey {
        grouping,
        kind: columns.get()?,
        model: columns.get()?,
        channel: columns.get()?,
        prompt_version: columns.get()?,
    })
}
