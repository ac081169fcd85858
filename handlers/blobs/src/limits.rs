//! What Azure takes, so that no backend takes more.

use crate::{BlobError, PutOptions};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of all metadata and headers of a blob together.
const NOTES: usize = 8 * 1024;
/// Bytes of a message: 64 KiB on the wire, in base64.
const MESSAGE: usize = 48 * 1024;
/// Of delays and hidden times.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

const SHORTEST_LEASE: Duration = Duration::from_secs(15);
pub(crate) const LONGEST_LEASE: Duration = Duration::from_secs(60);

pub(crate) fn check_options(options: &PutOptions) -> Result<(), BlobError> {
    let headers = [
        &options.content_type,
        &options.cache_control,
        &options.content_disposition,
    ];
    for value in headers.into_iter().flatten() {
        let printable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if value.trim() != value || value.is_empty() || !printable {
            return Err(BlobError::Broken(format!("{value:?} is no value of a header")));
        }
    }
    let length: usize = headers.into_iter().flatten().map(String::len).sum();
    check_metadata(&options.metadata, length)
}

/// `beside` is the length of what is stored with the metadata.
pub(crate) fn check_metadata(metadata: &BTreeMap<String, String>, beside: usize) -> Result<(), BlobError> {
    for (name, value) in metadata {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.bytes().all(plain) {
            return Err(BlobError::Broken(format!("{name:?} is no name of metadata")));
        }
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BlobError::Broken(format!(
                "the value of metadata {name} is not visible ASCII"
            )));
        }
    }
    let length: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if beside + length > NOTES {
        return Err(BlobError::Broken(format!(
            "metadata and headers of a blob are at most {NOTES} bytes"
        )));
    }
    Ok(())
}

pub(crate) fn check_lease(length: Duration) -> Result<(), BlobError> {
    if (SHORTEST_LEASE..=LONGEST_LEASE).contains(&length) {
        return Ok(());
    }
    Err(BlobError::Broken("a lease takes 15 to 60 s".to_owned()))
}

pub(crate) fn check_message(body: &[u8]) -> Result<(), BlobError> {
    if body.len() <= MESSAGE {
        return Ok(());
    }
    Err(BlobError::Broken(format!("a message is at most {MESSAGE} bytes")))
}

pub(crate) fn check_delay(delay: Duration) -> Result<(), BlobError> {
    if delay <= WEEK {
        return Ok(());
    }
    Err(BlobError::Broken(
        "a message is hidden for 7 days at most".to_owned(),
    ))
}

pub(crate) fn check_count(count: usize) -> Result<(), BlobError> {
    if (1..=32).contains(&count) {
        return Ok(());
    }
    Err(BlobError::Broken(
        "1 to 32 messages are received at once".to_owned(),
    ))
}
