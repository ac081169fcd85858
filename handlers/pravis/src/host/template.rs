//! ASP.NET route templates, as far as function folders use them.

use std::fmt;
use std::str::FromStr;

/// A template such as `v1/interactions/{id:guid}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter {
        constraint: Option<Constraint>,
        optional: bool,
    },
    /// `{*rest}`: any number of segments, also none.
    CatchAll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constraint {
    Guid,
    Int,
}

/// A template that the host would refuse, or whose meaning is not built here.
#[derive(Debug, thiserror::Error)]
#[error("`{template}`: {problem}")]
pub struct BadTemplate {
    template: String,
    problem: &'static str,
}

impl Template {
    /// Whether a request's path matches. Literals ignore case, and so does one slash at the end, as in ASP.NET.
    ///
    /// The path is compared as sent: ASP.NET decodes `%xx` first, but then passes the undecoded path on, where no
    /// literal would match it anyway.
    pub fn matches(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parts = path.split('/').filter(|_| !path.is_empty());
        for segment in &self.segments {
            match (segment, parts.next()) {
                (Segment::CatchAll, _) => return true,
                (Segment::Literal(literal), Some(part)) if literal.eq_ignore_ascii_case(part) => {}
                (Segment::Parameter { constraint, .. }, Some(part)) if accepts(*constraint, part) => {}
                (Segment::Parameter { optional: true, .. }, None) => {}
                _ => return false,
            }
        }
        parts.next().is_none()
    }

    /// Whether one path could match both templates.
    pub fn overlaps(&self, other: &Self) -> bool {
        overlap(&self.segments, &other.segments)
    }

    /// The template below a route prefix, which may be empty.
    pub fn below(&self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        let literals = prefix.split('/').filter(|part| !part.is_empty());
        let segments: Vec<_> = literals
            .map(|part| Segment::Literal(part.to_owned()))
            .chain(self.segments.clone())
            .collect();
        let text = if prefix.is_empty() {
            self.text.clone()
        } else {
            format!("{prefix}/{}", self.text)
        };
        Self { text, segments }
    }
}

fn accepts(constraint: Option<Constraint>, part: &str) -> bool {
    match constraint {
        None => !part.is_empty(),
        Some(Constraint::Int) => part.parse::<i32>().is_ok(),
        Some(Constraint::Guid) => is_guid(part),
    }
}

/// The forms of .NET's `Guid.TryParse` that can stand in a path: 32 digits, or 8-4-4-4-12, bare or in brackets.
fn is_guid(part: &str) -> bool {
    let bytes = part.as_bytes();
    let bytes = match bytes {
        [b'{', inner @ .., b'}'] | [b'(', inner @ .., b')'] if inner.len() == 36 => inner,
        _ => bytes,
    };
    match bytes.len() {
        32 => bytes.iter().all(u8::is_ascii_hexdigit),
        36 => bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }),
        _ => false,
    }
}

fn overlap(a: &[Segment], b: &[Segment]) -> bool {
    use Segment::{CatchAll, Literal, Parameter};
    match (a, b) {
        ([], rest) | (rest, []) => rest
            .iter()
            .all(|s| matches!(s, CatchAll | Parameter { optional: true, .. })),
        ([CatchAll, ..], _) | (_, [CatchAll, ..]) => true,
        ([Parameter { optional: true, .. }, ..], [Parameter { optional: true, .. }, ..]) => true,
        ([x, a @ ..], [y, b @ ..]) => {
            let heads = match (x, y) {
                (Literal(x), Literal(y)) => x.eq_ignore_ascii_case(y),
                (Literal(literal), Parameter { constraint, .. })
                | (Parameter { constraint, .. }, Literal(literal)) => accepts(*constraint, literal),
                // No GUID is a number: the shortest one has 32 digits.
                (
                    Parameter {
                        constraint: Some(x), ..
                    },
                    Parameter {
                        constraint: Some(y), ..
                    },
                ) => x == y,
                _ => true,
            };
            heads && overlap(a, b)
        }
    }
}

impl FromStr for Template {
    type Err = BadTemplate;

    fn from_str(template: &str) -> Result<Self, BadTemplate> {
        let text = template.trim_matches('/').to_owned();
        let parts = text.split('/').filter(|_| !text.is_empty());
        let segments = parts
            .map(segment)
            .collect::<Result<Vec<_>, _>>()
            .and_then(check_tail);
        match segments {
            Ok(segments) => Ok(Self { segments, text }),
            Err(problem) => Err(BadTemplate {
                template: template.to_owned(),
                problem,
            }),
        }
    }
}

fn segment(part: &str) -> Result<Segment, &'static str> {
    let Some(inner) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return match part {
            "" => Err("has an empty segment"),
            _ if part.contains(['{', '}', '?', '*']) => {
                Err("a parameter must fill its segment, as in {id}, {id?}, {id:guid}, {id:int}, {*rest}")
            }
            _ => Ok(Segment::Literal(part.to_owned())),
        };
    };
    let (name, segment) = if let Some(name) = inner.strip_prefix('*') {
        (name, Segment::CatchAll)
    } else {
        let (inner, optional) = inner
            .strip_suffix('?')
            .map_or((inner, false), |inner| (inner, true));
        let (name, constraint) = match inner.split_once(':') {
            None => (inner, None),
            Some((name, "guid")) => (name, Some(Constraint::Guid)),
            Some((name, "int")) => (name, Some(Constraint::Int)),
            Some(_) => return Err("has a constraint other than guid and int"),
        };
        (name, Segment::Parameter { constraint, optional })
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err("has a parameter whose name is not of letters, digits and _");
    }
    Ok(segment)
}

/// What may be absent can only stand at the end.
fn check_tail(segments: Vec<Segment>) -> Result<Vec<Segment>, &'static str> {
    let mut absent = false;
    for (at, segment) in segments.iter().enumerate() {
        let optional = matches!(
            segment,
            Segment::Parameter { optional: true, .. } | Segment::CatchAll
        );
        if absent && !optional {
            return Err("has an optional parameter before another segment");
        }
        if *segment == Segment::CatchAll && at + 1 < segments.len() {
            return Err("has a {*rest} before another segment");
        }
        absent = optional;
    }
    Ok(segments)
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
