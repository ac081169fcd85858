//! From the clients' types to ours.

use crate::Properties;
use azure_core::http::Etag;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::time::{OffsetDateTime, parse_rfc7231};
use jiff::Timestamp;

/// What the headers of a GET or HEAD say; `length` is that of the whole blob.
pub(super) fn properties(headers: &Headers, length: u64) -> Properties {
    let text = |name: &'static str| {
        headers
            .get_optional_str(&HeaderName::from_static(name))
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let modified = text("last-modified").and_then(|value| parse_rfc7231(&value).ok());
    let metadata = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("x-ms-meta-")?;
        Some((name.to_owned(), value.as_str().to_owned()))
    });
    Properties {
        length,
        etag: text("etag").unwrap_or_default(),
        content_type: text("content-type").unwrap_or_else(|| "application/octet-stream".to_owned()),
        cache_control: text("cache-control"),
        content_disposition: text("content-disposition"),
        last_modified: timestamp(modified),
        metadata: metadata.collect(),
    }
}

/// Length of the whole blob: of `Content-Range: bytes 0-9/100` the 100, else of the body.
pub(super) fn whole_length(headers: &Headers) -> Option<u64> {
    let text = |name: &'static str| headers.get_optional_str(&HeaderName::from_static(name));
    match text("content-range") {
        Some(range) => range.rsplit_once('/')?.1.parse().ok(),
        None => text("content-length")?.parse().ok(),
    }
}

/// The time, or the last that can be told: messages without end are said to end in the year 9999.
pub(super) fn timestamp(time: Option<OffsetDateTime>) -> Timestamp {
    let Some(time) = time else {
        return Timestamp::UNIX_EPOCH;
    };
    Timestamp::from_nanosecond(time.unix_timestamp_nanos()).unwrap_or(Timestamp::MAX)
}

/// The ETag of an answer.
pub(super) fn etag(etag: Option<Etag>) -> String {
    etag.map(String::from).unwrap_or_default()
}
