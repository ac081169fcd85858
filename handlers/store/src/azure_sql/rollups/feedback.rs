//! The rollups of feedback, as their table holds them.

use super::Table;
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::rows::Shape;
use domain::analytics::{FeedbackFact, FeedbackKey, FeedbackRollup};
use serde_json::{Value as Json, json};

impl Table for FeedbackFact {
    const KIND: &'static str = super::FEEDBACK;
    const LOCK: &'static str = "pravis rollups of feedback";
    const NAME: &'static str = "feedback_rollups";
    const KEYS: &'static Shape = &[
        ("grouping_id", "tinyint"),
        ("category", "nvarchar(16)"),
        ("type", "nvarchar(16)"),
        ("model", "nvarchar(128)"),
        ("channel", "nvarchar(64)"),
        ("provider", "nvarchar(128)"),
        ("locale", "nvarchar(64)"),
        ("prompt_version", "nvarchar(128)"),
    ];
    const VALUES: &'static Shape = &[
        ("total", "bigint"),
        ("rating_1", "bigint"),
        ("rating_2", "bigint"),
        ("rating_3", "bigint"),
        ("rating_4", "bigint"),
        ("rating_5", "bigint"),
        ("thumbs_up", "bigint"),
        ("thumbs_down", "bigint"),
        ("sentiment_positive", "bigint"),
        ("sentiment_neutral", "bigint"),
        ("sentiment_negative", "bigint"),
        ("sentiment_unknown", "bigint"),
    ];
    const FACTS: &'static str = "COALESCE(f.category, N''), i.type, COALESCE(i.model, N''), COALESCE(i.channel, N''), \
         COALESCE(i.provider, N''), COALESCE(i.locale, N''), COALESCE(i.prompt_version, N''), f.rating, f.thumb, \
         f.sentiment_label FROM feedback f JOIN interactions i ON i.id = f.interaction_id";
    const TIME: &'static str = "f.created_at";

    fn fact(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self {
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

    fn key_values(key: &FeedbackKey) -> Vec<Json> {
        vec![
            json!(key.grouping),
            json!(key.category),
            json!(key.kind),
            json!(key.model),
            json!(key.channel),
            json!(key.provider),
            json!(key.locale),
            json!(key.prompt_version),
        ]
    }

    fn values(rollup: &FeedbackRollup) -> Vec<Json> {
        let mut values = vec![json!(rollup.total)];
        values.extend(rollup.ratings.map(|count| json!(count)));
        values.extend([json!(rollup.thumbs_up), json!(rollup.thumbs_down)]);
        values.extend(rollup.sentiment.map(|count| json!(count)));
        values
    }

    fn read(columns: &mut Columns) -> Result<(FeedbackKey, FeedbackRollup), StoreError> {
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
        Ok((key, rollup))
    }
}
