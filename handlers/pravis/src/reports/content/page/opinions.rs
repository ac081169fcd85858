//! What shoppers said.

use super::format;
use domain::feedback::Thumb;
use domain::reports::content::{Content, JudgedTurn};
use jiff::tz::TimeZone;

/// Feedback in numbers, and in words.
pub(super) struct Opinions {
    pub(super) any: bool,
    /// Five stars first.
    pub(super) ratings: Vec<Bar>,
    /// Thumbs and tones, in words.
    pub(super) notes: Vec<String>,
    pub(super) lists: Vec<List>,
}

/// How many of a kind.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) count: String,
    pub(super) share: String,
    /// The share in whole percent.
    pub(super) bar: i64,
}

/// Turns under a heading.
pub(super) struct List {
    pub(super) heading: &'static str,
    pub(super) turns: Vec<Turn>,
}

/// A turn that was liked, or not.
pub(super) struct Turn {
    pub(super) opinion: String,
    pub(super) comment: Option<String>,
    pub(super) request: Option<String>,
    pub(super) response: Option<String>,
    pub(super) about: String,
}

pub(super) fn opinions(report: &Content, zone: &TimeZone) -> Opinions {
    let given = &report.opinions;
    let share = |count: i64, of: i64| if of > 0 { count as f64 / of as f64 } else { 0.0 };
    let rating = |(rating, count): (&usize, &i64)| {
        let share = share(*count, given.rated);
        Bar {
            label: rating.to_string(),
            count: format::count(*count),
            share: format::percent(share),
            bar: (share * 100.0).round() as i64,
        }
    };
    let list = |heading, turns: &[JudgedTurn]| List {
        heading,
        turns: turns.iter().map(|turn| self::turn(turn, zone)).collect(),
    };
    let lists = [
        list("Liked best", &report.best),
        list("Liked least", &report.worst),
    ];
    Opinions {
        any: given.total > 0,
        ratings: if given.rated > 0 {
            given.ratings.iter().rev().map(rating).collect()
        } else {
            Vec::new()
        },
        notes: notes(report),
        lists: lists.into_iter().filter(|list| !list.turns.is_empty()).collect(),
    }
}

fn notes(report: &Content) -> Vec<String> {
    let given = &report.opinions;
    let named = |counts: &std::collections::BTreeMap<&'static str, i64>, order: &[&'static str]| {
        let known = order.iter().filter_map(|name| Some((*name, *counts.get(name)?)));
        let known: Vec<_> = known
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{} {name}", format::count(count)))
            .collect();
        known.join(", ")
    };
    [
        ("Thumbs", named(&given.thumbs, &["up", "down"])),
        (
            "Tone of comments",
            named(&given.sentiment, &["positive", "neutral", "negative", "unknown"]),
        ),
    ]
    .into_iter()
    .filter(|(_, counts)| !counts.is_empty())
    .map(|(what, counts)| format!("{what}: {counts}"))
    .collect()
}

fn turn(turn: &JudgedTurn, zone: &TimeZone) -> Turn {
    let thumb = match turn.thumb {
        Some(Thumb::Up) => Some("thumb up"),
        Some(Thumb::Down) => Some("thumb down"),
        None => None,
    };
    let rating = turn.rating.map(|rating| format!("{rating} of 5"));
    let opinion: Vec<_> = rating.into_iter().chain(thumb.map(str::to_owned)).collect();
    let mut about = vec![turn.kind.as_str().to_owned()];
    about.extend(turn.model.clone());
    about.push(format::short_moment(turn.started_at, zone));
    Turn {
        opinion: opinion.join(", "),
        comment: turn.comment.clone(),
        request: turn.request.clone(),
        response: turn.response.clone(),
        about: about.join(" · "),
    }
}
