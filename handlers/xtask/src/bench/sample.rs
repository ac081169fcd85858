//! A sample of what is stored, taken through the list itself, so that the bench knows nothing of the seed's words.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::api::Api;
use super::client::encode;
use super::turn::rounded;
use crate::Outcome;

/// Windows that the last 30 days are sampled at.
const WINDOWS: i64 = 60;

/// Interactions from all over the last 30 days.
pub(super) struct Sample {
    pub(super) ids: Vec<String>,
    counts: HashMap<&'static str, HashMap<String, usize>>,
}

/// Fields that lists filter by, and whose values are text.
pub(super) const TEXT_FILTERS: [&str; 8] = [
    "type",
    "model",
    "provider",
    "user_id",
    "session_id",
    "status",
    "channel",
    "locale",
];

impl Sample {
    pub(super) fn take(api: &Api<'_>) -> Outcome<Self> {
        let now = Timestamp::now();
        let mut sample = Self {
            ids: Vec::new(),
            counts: HashMap::new(),
        };
        for window in 0..WINDOWS {
            let to = now - (window * 12).hours();
            let path = format!("/api/v1/interactions?limit=50&to={}", encode(&rounded(to)));
            for item in api.get(&path)?["items"].as_array().into_iter().flatten() {
                sample.add(item);
            }
        }
        if sample.ids.is_empty() {
            return Err("the seeded store lists no interactions of the last 30 days".into());
        }
        Ok(sample)
    }

    fn add(&mut self, item: &Value) {
        self.ids.extend(item["id"].as_str().map(str::to_owned));
        for field in TEXT_FILTERS {
            if let Some(value) = item[field].as_str() {
                *self
                    .counts
                    .entry(field)
                    .or_default()
                    .entry(value.to_owned())
                    .or_default() += 1;
            }
        }
    }

    /// The value that is met most often.
    pub(super) fn most_common(&self, field: &str) -> Option<&str> {
        let counts = self.counts.get(field)?;
        counts
            .iter()
            .max_by_key(|(value, count)| (**count, *value))
            .map(|(value, _)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_most_common_value() {
        let mut sample = Sample {
            ids: Vec::new(),
            counts: HashMap::new(),
        };
        for model in ["a", "b", "b", "c"] {
            sample.add(&json!({"id": model, "model": model, "user_id": null}));
        }
        assert_eq!(sample.most_common("model"), Some("b"));
        assert_eq!(sample.most_common("user_id"), None);
        assert_eq!(sample.ids.len(), 4);
    }
}
