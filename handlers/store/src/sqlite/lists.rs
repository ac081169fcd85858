//! Filtered lists of interactions, newest first.
//!
//! A shopper, a session or a rating has an index of its own. The other filters take few values each, and an index for
//! each of them would cost more than the rest of an insert. For those the rollups tell in which quarters the value
//! occurs at all, and only these quarters of the time index are read; quarters that are not rolled up yet are read anyway.

use super::interactions::{COLUMNS, from_row};
use domain::analytics::QUARTER;
use domain::interactions::{Interaction, InteractionFilter, Status};
use domain::page::PageRequest;
use rusqlite::{Connection, ToSql};
use uuid::Uuid;

type Parameter = (&'static str, Box<dyn ToSql>);

/// Turns that pass the filter, one more than the page holds when more follow.
pub(super) fn interactions(
    connection: &Connection,
    filter: &InteractionFilter,
    page: &PageRequest,
) -> rusqlite::Result<Vec<Interaction>> {
    let (mut sql, parameters) = conditions(filter, page);
    if filter.user_id.is_some() || filter.session_id.is_some() {
        let index = if filter.session_id.is_some() {
            "interactions_by_session"
        } else {
            "interactions_by_user"
        };
        return select(connection, &arm(index, &sql), &parameters);
    }
    if let Some(ratings) = filter.ratings() {
        // One arm a rating, each in order: SQLite merges them and stops at the limit.
        let arms: Vec<_> = ratings
            .map(|rating| arm("interactions_by_rating", &format!("rating = {rating} AND {sql}")))
            .collect();
        if arms.is_empty() {
            return Ok(Vec::new());
        }
        return select(connection, &arms.join(" UNION ALL "), &parameters);
    }
    let Some((quarters, value)) = quarters_with(filter) else {
        return select(connection, &arm("interactions_by_time", &sql), &parameters);
    };
    sql.push_str(" AND started_at >= :quarter AND started_at < :quarter_end");
    let newest = page.after.map_or(i64::MAX, |last| last.at.as_microsecond());
    let quarters = Quarters {
        sql: quarters,
        value,
        oldest: filter
            .from
            .map_or(i64::MIN, |from| from.as_microsecond() - QUARTER),
        newest: filter.to.map_or(newest, |to| newest.min(to.as_microsecond())),
    };
    by_quarter(
        connection,
        &quarters,
        &arm("interactions_by_time", &sql),
        &parameters,
        page.limit + 1,
    )
}

/// Where to look for the quarters that hold a value.
struct Quarters<'f> {
    /// The rollups with that value.
    sql: &'static str,
    value: Option<&'f str>,
    /// Only quarters that begin after this, in microseconds.
    oldest: i64,
    /// Only quarters that begin no later than this.
    newest: i64,
}

/// One arm of a select through an index.
fn arm(index: &str, conditions: &str) -> String {
    format!("SELECT {COLUMNS} FROM interactions INDEXED BY {index} WHERE {conditions}")
}

fn select(
    connection: &Connection,
    arms: &str,
    parameters: &[Parameter],
) -> rusqlite::Result<Vec<Interaction>> {
    let sql = format!("{arms} ORDER BY started_at DESC, id DESC LIMIT :limit");
    let bound: Vec<(&str, &dyn ToSql)> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_ref() as &dyn ToSql))
        .collect();
    connection
        .prepare_cached(&sql)?
        .query_map(bound.as_slice(), from_row)?
        .collect()
}

/// What a row must hold, with the values bound to it. Only names that stand here get into the statement.
fn conditions(filter: &InteractionFilter, page: &PageRequest) -> (String, Vec<Parameter>) {
    let mut sql = vec!["(started_at, id) < (:at, :id)"];
    let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
        (last.at.as_microsecond(), last.key)
    });
    let mut parameters: Vec<Parameter> = vec![
        (":at", Box::new(at)),
        (":id", Box::new(id.into_bytes())),
        (":limit", Box::new(page.limit as i64 + 1)),
    ];
    let mut add = |condition, name, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            sql.push(condition);
            parameters.push((name, value));
        }
    };
    let text = |value: &Option<String>| value.clone().map(|value| Box::new(value) as Box<dyn ToSql>);
    add(
        "type = :type",
        ":type",
        filter.kind.map(|kind| Box::new(kind.as_str()) as _),
    );
    add(
        "status = :status",
        ":status",
        filter.status.map(|status| Box::new(status.as_str()) as _),
    );
    add("model = :model", ":model", text(&filter.model));
    add("provider = :provider", ":provider", text(&filter.provider));
    add("user_id = :user_id", ":user_id", text(&filter.user_id));
    add(
        "session_id = :session_id",
        ":session_id",
        text(&filter.session_id),
    );
    add("channel = :channel", ":channel", text(&filter.channel));
    add("locale = :locale", ":locale", text(&filter.locale));
    add(
        "started_at >= :from",
        ":from",
        filter.from.map(|from| Box::new(from.as_microsecond()) as _),
    );
    add(
        "started_at < :to",
        ":to",
        filter.to.map(|to| Box::new(to.as_microsecond()) as _),
    );
    if filter.ratings().is_some() {
        add(
            "rating >= :rating_min",
            ":rating_min",
            Some(Box::new(filter.rating_min.unwrap_or(1))),
        );
        add(
            "rating <= :rating_max",
            ":rating_max",
            Some(Box::new(filter.rating_max.unwrap_or(5))),
        );
    }
    (sql.join(" AND "), parameters)
}

/// The rollups that tell in which quarters the most telling filter finds its value.
fn quarters_with(filter: &InteractionFilter) -> Option<(&'static str, Option<&str>)> {
    let by = |sql, value| Some((sql, value));
    if let Some(model) = &filter.model {
        by(
            "rollups_by_model WHERE tier = 0 AND grouping_id = 3 AND model = :value",
            Some(model.as_str()),
        )
    } else if let Some(locale) = &filter.locale {
        by(
            "rollups_by_locale WHERE tier = 0 AND grouping_id = 5 AND locale = :value",
            Some(locale.as_str()),
        )
    } else if let Some(provider) = &filter.provider {
        by(
            "rollups_by_provider WHERE tier = 0 AND grouping_id = 2 AND provider = :value",
            Some(provider.as_str()),
        )
    } else if filter.status == Some(Status::Failed) {
        by(
            "rollups_with_failed WHERE tier = 0 AND grouping_id = 0 AND failed > 0",
            None,
        )
    } else if filter.status == Some(Status::Pending) {
        by(
            "rollups_with_pending WHERE tier = 0 AND grouping_id = 0 AND pending > 0",
            None,
        )
    } else if let Some(channel) = &filter.channel {
        by(
            "rollups_by_channel WHERE tier = 0 AND grouping_id = 4 AND channel = :value",
            Some(channel.as_str()),
        )
    } else if let Some(kind) = filter.kind {
        by(
            "rollups_by_type WHERE tier = 0 AND grouping_id = 1 AND type = :value",
            Some(kind.as_str()),
        )
    } else if filter.status == Some(Status::Succeeded) {
        by(
            "rollups_with_succeeded WHERE tier = 0 AND grouping_id = 0 AND succeeded > 0",
            None,
        )
    } else {
        None
    }
}

/// Reads quarter after quarter, newest first, until there is enough.
fn by_quarter(
    connection: &Connection,
    quarters: &Quarters<'_>,
    arm: &str,
    parameters: &[Parameter],
    enough: usize,
) -> rusqlite::Result<Vec<Interaction>> {
    let mut buckets = connection.prepare_cached(&format!(
        "SELECT bucket FROM interaction_rollups INDEXED BY {} AND bucket > :oldest AND bucket <= :newest
         UNION
         SELECT bucket FROM rollup_buckets INDEXED BY rollup_buckets_dirty
         WHERE kind = 'interactions' AND written > rolled AND bucket > :oldest AND bucket <= :newest
         ORDER BY bucket DESC",
        quarters.sql
    ))?;
    let mut bound: Vec<(&str, &dyn ToSql)> =
        vec![(":oldest", &quarters.oldest), (":newest", &quarters.newest)];
    if let Some(value) = &quarters.value {
        bound.push((":value", value));
    }
    let mut buckets = buckets.query(bound.as_slice())?;
    let mut turns =
        connection.prepare_cached(&format!("{arm} ORDER BY started_at DESC, id DESC LIMIT :limit"))?;
    let mut found = Vec::new();
    while found.len() < enough
        && let Some(row) = buckets.next()?
    {
        let quarter: i64 = row.get(0)?;
        let end = quarter + QUARTER;
        let mut bound: Vec<(&str, &dyn ToSql)> = vec![(":quarter", &quarter), (":quarter_end", &end)];
        bound.extend(
            parameters
                .iter()
                .map(|(name, value)| (*name, value.as_ref() as &dyn ToSql)),
        );
        for turn in turns.query_map(bound.as_slice(), from_row)? {
            found.push(turn?);
        }
    }
    found.truncate(enough);
    Ok(found)
}
