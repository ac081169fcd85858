//! What shoppers said.

use super::format;
use super::groups::name;
use domain::analytics::CommonTerms;
use domain::feedback::Thumb;
use domain::reports::content::{Content, JudgedTurn};
use jiff::tz::TimeZone;

/// Most tags that are shown, and most phrases.
const MOST_TERMS: usize = 8;

/// Feedback in numbers, and in words.
pub(super) struct Opinions {
    pub(super) any: bool,
    /// Five stars first.
    pub(super) ratings: Vec<Bar>,
    /// Thumbs and tones, in words.
    pub(super) notes: Vec<String>,
    /// What it is about: a name, and the tags or phrases under it.
    pub(super) common: Vec<(&'static str, Vec<Term>)>,
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

/// A tag or phrase.
pub(super) struct Term {
    pub(super) text: String,
    /// How often, and how that judges.
    pub(super) about: String,
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
        common: common(&given.common),
        lists: lists.into_iter().filter(|list| !list.turns.is_empty()).collect(),
    }
}

/// The most frequent tags and phrases.
fn common(found: &CommonTerms) -> Vec<(&'static str, Vec<Term>)> {
    let tags = found.tags.iter().take(MOST_TERMS).map(|tag| {
        let rated = tag
            .average_rating
            .map(|rating| format!(", rated {}", format::points(rating)));
        Term {
            text: name(Some(&tag.tag)),
            about: format!("{}{}", format::count(tag.count), rated.unwrap_or_default()),
        }
    });
    let phrases = found.phrases.iter().take(MOST_TERMS).map(|phrase| {
        let tone = phrase.mean_score.and_then(tone).map(|tone| format!(", {tone}"));
        Term {
            text: name(Some(&phrase.phrase)),
            about: format!("{}{}", format::count(phrase.count), tone.unwrap_or_default()),
        }
    });
    let lists = [("Tags", tags.collect()), ("Often said", phrases.collect())];
    lists
        .into_iter()
        .filter(|(_, terms): &(_, Vec<_>)| !terms.is_empty())
        .collect()
}

/// The tone of a mean score, by the thresholds of a single one.
fn tone(score: f64) -> Option<&'static str> {
    match score {
        _ if score >= 0.05 => Some("positive"),
        _ if score <= -0.05 => Some("negative"),
        _ => None,
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
