//! HTML and SVG: text that a browser runs.

use super::Format;

/// Bytes at the beginning in which the first tag has to stand.
const HEAD: usize = 4096;

/// Tags that make a browser take a file for HTML (WHATWG MIME Sniffing section 7.1), without `<!--`, which is skipped here.
const TAGS: [&[u8]; 16] = [
    b"!doctype html",
    b"html",
    b"head",
    b"script",
    b"iframe",
    b"h1",
    b"div",
    b"font",
    b"table",
    b"a",
    b"style",
    b"title",
    b"b",
    b"body",
    b"br",
    b"p",
];

/// HTML or SVG, when the first tag says so. Declarations, comments and white space before it are skipped.
pub(super) fn markup(bytes: &[u8]) -> Option<Format> {
    let mut rest = bytes.get(..HEAD).unwrap_or(bytes);
    rest = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
    loop {
        rest = rest.trim_ascii_start().strip_prefix(b"<")?;
        if is_tag(rest, b"svg") || is_tag(rest, b"!doctype svg") {
            return Some(Format::Svg);
        }
        if TAGS.iter().any(|tag| is_tag(rest, tag)) {
            return Some(Format::Html);
        }
        let end: &[u8] = match rest {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            [b'!', ..] => b">",
            _ => return None,
        };
        let at = memchr::memmem::find(rest, end)?;
        rest = &rest[at + end.len()..];
    }
}

/// Whether markup that a browser would run stands anywhere in `bytes`.
pub(super) fn anywhere(bytes: &[u8]) -> Option<Format> {
    const RUN: [(&[u8], Format); 4] = [
        (b"script", Format::Html),
        (b"html", Format::Html),
        (b"!doctype html", Format::Html),
        (b"svg", Format::Svg),
    ];
    memchr::memchr_iter(b'<', bytes).find_map(|at| {
        let rest = &bytes[at + 1..];
        RUN.iter()
            .find(|(tag, _)| is_tag(rest, tag))
            .map(|(_, format)| *format)
    })
}

/// Whether `rest`, which begins after a `<`, names the tag, in any case, and the name ends there.
fn is_tag(rest: &[u8], tag: &[u8]) -> bool {
    rest.get(..tag.len())
        .is_some_and(|name| name.eq_ignore_ascii_case(tag))
        && rest
            .get(tag.len())
            .is_some_and(|after| after.is_ascii_whitespace() || matches!(after, b'>' | b'/'))
}
