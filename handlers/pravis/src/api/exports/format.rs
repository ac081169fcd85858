//! How rows are written.

use crate::error::ApiError;
use domain::feedback::Feedback;
use domain::interactions::Interaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How the rows of an export are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma separated values (RFC 4180) after a header line.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// A record that knows its columns: the members of its JSON, in their order there.
pub(super) trait Columns: Serialize {
    /// Their names.
    const NAMES: &'static [&'static str];
}

impl Columns for Interaction {
    const NAMES: &'static [&'static str] = &[
        "id",
        "type",
        "session_id",
        "user_id",
        "parent_id",
        "trace_id",
        "channel",
        "locale",
        "provider",
        "model",
        "model_version",
        "deployment",
        "prompt_name",
        "prompt_version",
        "request_text",
        "response_text",
        "started_at",
        "completed_at",
        "duration_ms",
        "time_to_first_token_ms",
        "tokens_input",
        "tokens_output",
        "tokens_cached",
        "audio_seconds",
        "characters",
        "images",
        "cost_micros",
        "priced",
        "status",
        "error_type",
        "error_message",
        "product_ids",
        "context",
        "metadata",
        "rating",
        "feedback_count",
        "created_at",
        "updated_at",
    ];
}

impl Columns for Feedback {
    const NAMES: &'static [&'static str] = &[
        "id",
        "interaction_id",
        "rating",
        "thumb",
        "comment",
        "category",
        "tags",
        "user_id",
        "source",
        "sentiment",
        "review",
        "created_at",
        "updated_at",
    ];
}

/// A record with its cursor behind it.
#[derive(Serialize)]
struct Row<'r, T> {
    #[serde(flatten)]
    record: &'r T,
    cursor: String,
}

impl Format {
    /// The media type of the stream.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/jsonl",
        }
    }

    /// What the name of a file ends with.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// What stands before the rows.
    pub(super) fn head<T: Columns>(self) -> Result<Vec<u8>, ApiError> {
        let mut head = Vec::new();
        if self == Self::Csv {
            write_line(&mut head, T::NAMES.iter().chain(&["cursor"]))?;
        }
        Ok(head)
    }

    /// Writes one row.
    pub(super) fn write<T: Columns>(
        self,
        rows: &mut Vec<u8>,
        record: &T,
        cursor: String,
    ) -> Result<(), ApiError> {
        match self {
            Self::Csv => {
                let value = serde_json::to_value(record).map_err(broken)?;
                let cells = T::NAMES
                    .iter()
                    .map(|name| value.get(name).map(cell).unwrap_or_default());
                write_line(rows, cells.chain([cursor]))
            }
            Self::Jsonl => {
                serde_json::to_writer(&mut *rows, &Row { record, cursor }).map_err(broken)?;
                rows.push(b'\n');
                Ok(())
            }
        }
    }
}

fn write_line(rows: &mut Vec<u8>, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<(), ApiError> {
    let mut builder = csv::WriterBuilder::new();
    let mut writer = builder.terminator(csv::Terminator::CRLF).from_writer(rows);
    writer.write_record(cells).map_err(broken)?;
    writer.flush().map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> ApiError {
    ApiError::Internal(format!("a row cannot be written: {error}"))
}

/// A value as a cell: nothing for null, JSON for objects and lists.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}

/// A text that no spreadsheet takes for a formula (OWASP, "CSV Injection").
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
