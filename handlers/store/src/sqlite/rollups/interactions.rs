//! The rollups of interactions, as their table holds them.

use super::super::columns::Columns;
use super::Table;
use domain::analytics::{
    Distribution, Histogram, InteractionFact, InteractionKey, InteractionRollup, Sum, TimeRange,
};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

impl Table for InteractionFact {
    const KIND: &'static str = super::INTERACTIONS;
    const NAME: &'static str = "interaction_rollups";
    const KEYS: &'static str = "grouping_id, type, provider, model, channel, locale, prompt_version";
    const VALUES: &'static str = "total, succeeded, failed, pending, duration_count, duration_micros, duration_histogram, \
         time_to_first_token_count, time_to_first_token_micros, time_to_first_token_histogram, tokens_input_count, \
         tokens_input, tokens_output_count, tokens_output, tokens_cached_count, tokens_cached, cost_count, cost_micros";

    fn facts(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT type, coalesce(provider, ''), coalesce(model, ''), coalesce(channel, ''), coalesce(locale, ''),
                   coalesce(prompt_version, ''), status, duration_ms, time_to_first_token_ms, tokens_input,
                   tokens_output, tokens_cached, cost_micros
                 FROM interactions INDEXED BY interactions_by_time WHERE started_at >= ?1 AND started_at < ?2",
            )?
            .query_map(params![range.from.as_microsecond(), range.to.as_microsecond()], fact)?
            .collect()
    }

    fn key_values(key: &InteractionKey) -> Vec<Value> {
        let key = key.clone();
        vec![
            key.grouping.into(),
            key.kind.into(),
            key.provider.into(),
            key.model.into(),
            key.channel.into(),
            key.locale.into(),
            key.prompt_version.into(),
        ]
    }

    fn values(rollup: &InteractionRollup) -> Vec<Value> {
        let mut values: Vec<Value> = vec![
            rollup.total.into(),
            rollup.succeeded.into(),
            rollup.failed.into(),
            rollup.pending.into(),
        ];
        for distribution in [&rollup.duration, &rollup.time_to_first_token] {
            values.extend([distribution.micros.count.into(), distribution.micros.sum.into()]);
            values.push(distribution.histogram.encode().into());
        }
        for sum in [
            &rollup.tokens_input,
            &rollup.tokens_output,
            &rollup.tokens_cached,
            &rollup.cost_micros,
        ] {
            values.extend([sum.count.into(), sum.sum.into()]);
        }
        values
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Timestamp, InteractionKey, InteractionRollup)> {
        let mut columns = Columns::of(row);
        let bucket = columns.time()?;
        let key = InteractionKey {
            grouping: columns.get()?,
            kind: columns.get()?,
            provider: columns.get()?,
            model: columns.get()?,
            channel: columns.get()?,
            locale: columns.get()?,
            prompt_version: columns.get()?,
        };
        let rollup = InteractionRollup {
            total: columns.get()?,
            succeeded: columns.get()?,
            failed: columns.get()?,
            pending: columns.get()?,
            duration: distribution(&mut columns)?,
            time_to_first_token: distribution(&mut columns)?,
            tokens_input: sum(&mut columns)?,
            tokens_output: sum(&mut columns)?,
            tokens_cached: sum(&mut columns)?,
            cost_micros: sum(&mut columns)?,
        };
        Ok((bucket, key, rollup))
    }
}

fn fact(row: &Row<'_>) -> rusqlite::Result<InteractionFact> {
    let mut columns = Columns::of(row);
    Ok(InteractionFact {
        key: InteractionKey {
            grouping: InteractionKey::ALL,
            kind: columns.get()?,
            provider: columns.get()?,
            model: columns.get()?,
            channel: columns.get()?,
            locale: columns.get()?,
            prompt_version: columns.get()?,
        },
        status: Some(columns.name()?),
        duration_ms: columns.get()?,
        time_to_first_token_ms: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        tokens_cached: columns.get()?,
        cost_micros: columns.get()?,
    })
}

fn sum(columns: &mut Columns<'_>) -> rusqlite::Result<Sum> {
    Ok(Sum {
        count: columns.get()?,
        sum: columns.get()?,
    })
}

fn distribution(columns: &mut Columns<'_>) -> rusqlite::Result<Distribution> {
    let micros = sum(columns)?;
    let histogram = columns.decoded("histogram", Histogram::decode)?;
    Ok(Distribution { micros, histogram })
}
