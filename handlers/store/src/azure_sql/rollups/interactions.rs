//! The rollups of interactions, as their table holds them.

use super::Table;
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::rows::{Shape, hex};
use domain::analytics::{Distribution, Histogram, InteractionFact, InteractionKey, InteractionRollup, Sum};
use serde_json::{Value as Json, json};

impl Table for InteractionFact {
    const KIND: &'static str = super::INTERACTIONS;
    const LOCK: &'static str = "pravis rollups of interactions";
    const NAME: &'static str = "interaction_rollups";
    const KEYS: &'static Shape = &[
        ("grouping_id", "tinyint"),
        ("type", "nvarchar(16)"),
        ("provider", "nvarchar(128)"),
        ("model", "nvarchar(128)"),
        ("channel", "nvarchar(64)"),
        ("locale", "nvarchar(64)"),
        ("prompt_version", "nvarchar(128)"),
    ];
    const VALUES: &'static Shape = &[
        ("total", "bigint"),
        ("succeeded", "bigint"),
        ("failed", "bigint"),
        ("pending", "bigint"),
        ("duration_count", "bigint"),
        ("duration_micros", "bigint"),
        ("duration_histogram", "varbinary(max)"),
        ("time_to_first_token_count", "bigint"),
        ("time_to_first_token_micros", "bigint"),
        ("time_to_first_token_histogram", "varbinary(max)"),
        ("tokens_input_count", "bigint"),
        ("tokens_input", "bigint"),
        ("tokens_output_count", "bigint"),
        ("tokens_output", "bigint"),
        ("tokens_cached_count", "bigint"),
        ("tokens_cached", "bigint"),
        ("cost_count", "bigint"),
        ("cost_micros", "bigint"),
    ];
    const FACTS: &'static str = "i.type, COALESCE(i.provider, N''), COALESCE(i.model, N''), COALESCE(i.channel, N''), \
         COALESCE(i.locale, N''), COALESCE(i.prompt_version, N''), i.status, i.duration_ms, i.time_to_first_token_ms, \
         i.tokens_input, i.tokens_output, i.tokens_cached, i.cost_micros FROM interactions i";
    const TIME: &'static str = "i.started_at";

    fn fact(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
            key: key(InteractionKey::ALL, columns)?,
            status: Some(columns.name()?),
            duration_ms: columns.get()?,
            time_to_first_token_ms: columns.get()?,
            tokens_input: columns.get()?,
            tokens_output: columns.get()?,
            tokens_cached: columns.get()?,
            cost_micros: columns.get()?,
        })
    }

    fn key_values(key: &InteractionKey) -> Vec<Json> {
        vec![
            json!(key.grouping),
            json!(key.kind),
            json!(key.provider),
            json!(key.model),
            json!(key.channel),
            json!(key.locale),
            json!(key.prompt_version),
        ]
    }

    fn values(rollup: &InteractionRollup) -> Vec<Json> {
        let mut values = vec![
            json!(rollup.total),
            json!(rollup.succeeded),
            json!(rollup.failed),
            json!(rollup.pending),
        ];
        for distribution in [&rollup.duration, &rollup.time_to_first_token] {
            values.extend([json!(distribution.micros.count), json!(distribution.micros.sum)]);
            values.push(hex(&distribution.histogram.encode()));
        }
        for sum in [
            &rollup.tokens_input,
            &rollup.tokens_output,
            &rollup.tokens_cached,
            &rollup.cost_micros,
        ] {
            values.extend([json!(sum.count), json!(sum.sum)]);
        }
        values
    }

    fn read(columns: &mut Columns) -> Result<(InteractionKey, InteractionRollup), StoreError> {
        let grouping = columns.get()?;
        let key = key(grouping, columns)?;
        let rollup = InteractionRollup {
            total: columns.get()?,
            succeeded: columns.get()?,
            failed: columns.get()?,
            pending: columns.get()?,
            duration: distribution(columns)?,
            time_to_first_token: distribution(columns)?,
            tokens_input: sum(columns)?,
            tokens_output: sum(columns)?,
            tokens_cached: sum(columns)?,
            cost_micros: sum(columns)?,
        };
        Ok((key, rollup))
    }
}

fn key(grouping: i64, columns: &mut Columns) -> Result<InteractionKey, StoreError> {
    Ok(InteractionKey {
        grouping,
        kind: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        channel: columns.get()?,
        locale: columns.get()?,
        prompt_version: columns.get()?,
    })
}

fn sum(columns: &mut Columns) -> Result<Sum, StoreError> {
    Ok(Sum {
        count: columns.get()?,
        sum: columns.get()?,
    })
}

fn distribution(columns: &mut Columns) -> Result<Distribution, StoreError> {
    let micros = sum(columns)?;
    let histogram = columns.decoded("histogram", Histogram::decode)?;
    Ok(Distribution { micros, histogram })
}
