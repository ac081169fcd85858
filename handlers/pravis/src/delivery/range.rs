//! Ranges of bytes (RFC 9110, section 14).

use axum::http::{HeaderMap, header};
use std::ops::Range;

/// What part of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Only bytes that it does not have.
    Nothing,
}

/// What `headers` ask of a file of `length` bytes whose version is `etag`. Several ranges, other units, and what cannot be read are
/// answered with the whole, as is a range of another version (`If-Range`): a server may always do so.
pub(crate) fn asked(headers: &HeaderMap, length: u64, etag: &str) -> Asked {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &header::HeaderValue| value.to_str().unwrap_or_default())
    };
    let Some(range) = text(header::RANGE) else {
        return Asked::Whole;
    };
    if text(header::IF_RANGE).is_some_and(|version| version.trim() != etag) {
        return Asked::Whole;
    }
    read(range, length).unwrap_or(Asked::Whole)
}

fn read(range: &str, length: u64) -> Option<Asked> {
    let (unit, set) = range.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || last.contains(',') {
        return None;
    }
    let part = match (number(first)?, number(last)?) {
        (None, None) => return None,
        (None, Some(count)) => length.saturating_sub(count)..length,
        (Some(from), None) => from..length,
        (Some(from), Some(last)) if last < from => return None,
        (Some(from), Some(last)) => from..last.saturating_add(1).min(length),
    };
    Some(if part.is_empty() {
        Asked::Nothing
    } else {
        Asked::Part(part)
    })
}

/// A number, which may be left out; none when it is something else.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    // What is beyond u64 is beyond every file.
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &'static str, length: u64) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, header::HeaderValue::from_static(range));
        asked(&headers, length, "\"a\"")
    }

    #[test]
    fn ranges_are_cut_at_the_end() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-", 0..10),
            ("bytes=3-5", 3..6),
            ("BYTES=3-99", 3..10),
            ("bytes=9-18446744073709551615", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99999999999999999999999", 0..10),
        ] {
            assert_eq!(of(range, 10), Asked::Part(part), "{range}");
        }
        for range in [
            "bytes=10-",
            "bytes=10-12",
            "bytes=-0",
            "bytes=99999999999999999999999-",
        ] {
            assert_eq!(of(range, 10), Asked::Nothing, "{range}");
        }
        assert_eq!(of("bytes=0-", 0), Asked::Nothing);
    }

    #[test]
    fn what_cannot_be_read_is_the_whole() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-3",
            "bytes=0-1,3-4",
            "bytes=a-b",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=1-2-3",
        ] {
            assert_eq!(of(range, 10), Asked::Whole, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_the_whole() {
        let with = |version: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, header::HeaderValue::from_static("bytes=0-1"));
            headers.insert(header::IF_RANGE, header::HeaderValue::from_static(version));
            asked(&headers, 10, "\"a\"")
        };
        assert_eq!(with("\"a\""), Asked::Part(0..2));
        for version in ["\"b\"", "W/\"a\"", "Mon, 02 Nov 2026 10:00:00 GMT"] {
            assert_eq!(with(version), Asked::Whole, "{version}");
        }
    }
}
