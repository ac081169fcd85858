//! The rollups of feedback, as their table holds them.

use super::super::columns::Columns;
use super::Table;
use domain::analytics::{FeedbackFact, FeedbackKey, FeedbackRollup, TimeRange};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

impl Table for FeedbackFact {
    const KIND: &'static str = super::FEEDBACK;
    const NAME: &'static str = "feedback_rollups";
    const KEYS: &'static str =
        "grouping_id, category, type, model, channel, provider, locale, prompt_version";
    const VALUES: &'static str = "total, rating_1, rating_2, rating_3, rating_4, rating_5, thumbs_up, thumbs_down, \
         sentiment_positive, sentiment_neutral, sentiment_negative, sentiment_unknown";

    fn facts(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT coalesce(f.category, ''), i.type, coalesce(i.model, ''), coalesce(i.channel, ''), coalesce(i.provider, ''),
                   coalesce(i.locale, ''), coalesce(i.prompt_version, ''), f.rating, f.thumb, f.sentiment_label
                 FROM feedback f INDEXED BY feedback_by_time CROSS JOIN interactions i ON i.id = f.interaction_id
                 WHERE f.created_at >= ?1 AND f.created_at < ?2",
            )?
            .query_map(params![range.from.as_microsecond(), range.to.as_microsecond()], fact)?
            .collect()
    }

    fn key_values(key: &FeedbackKey) -> Vec<Value> {
        let key = key.clone();
        vec![
            key.grouping.into(),
            key.category.into(),
            key.kind.into(),
            key.model.into(),
            key.channel.into(),
            key.provider.into(),
            key.locale.into(),
            key.prompt_version.into(),
        ]
    }

    fn values(rollup: &FeedbackRollup) -> Vec<Value> {
        let mut values = vec![rollup.total.into()];
        values.extend(rollup.ratings.map(Value::Integer));
        values.extend([rollup.thumbs_up.into(), rollup.thumbs_down.into()]);
        values.extend(rollup.sentiment.map(Value::Integer));
        values
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Timestamp, FeedbackKey, FeedbackRollup)> {
        let mut columns = Columns::of(row);
        let bucket = columns.time()?;
        let key = FeedbackKey {
            grouping: columns.get()?,
            category: columns.get()?,
            kind: columns.get()?,
            model: columns.get()?,
            channel: columns.get()?,
            provider: columns.get()?,
            locale: columns.get()?,
            prompt_version: columns.get()?,
        };
        let rollup = FeedbackRollup {
            total: columns.get()?,
            ratings: columns.array()?,
            thumbs_up: columns.get()?,
            thumbs_down: columns.get()?,
            sentiment: columns.array()?,
        };
        Ok((bucket, key, rollup))
    }
}

fn fact(row: &Row<'_>) -> rusqlite::Result<FeedbackFact> {
    let mut columns = Columns::of(row);
    Ok(FeedbackFact {
        key: FeedbackKey {
            grouping: FeedbackKey::ALL,
            category: columns.get()?,
            kind: columns.get()?,
            model: columns.get()?,
            channel: columns.get()?,
            provider: columns.get()?,
            locale: columns.get()?,
            prompt_version: columns.get()?,
        },
        rating: columns.get()?,
        thumb: columns.optional_name()?,
        sentiment: columns.optional_name()?,
    })
}
