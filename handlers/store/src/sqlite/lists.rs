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

/// A stretch of the order: from a time, included, up to a position, excluded. Both ends are one comparison each, since
/// SQLite takes only one of several bounds into the index.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// In microseconds.
    from: i64,
    /// In microseconds, and an id.
    before: (i64, Uuid),
}

impl Stretch {
    fn of(filter: &InteractionFilter, page: &PageRequest) -> Self {
        let after = page.after.map_or((i64::MAX, Uuid::max()), |last| {
            (last.at.as_microsecond(), last.key)
        });
        let from = filter.from.map_or(i64::MIN, |from| from.as_microsecond());
        let to = filter.to.map_or(i64::MAX, |to| to.as_microsecond());
        Self { from, before: after }.within(i64::MIN, to)
    }

    /// The part of this stretch from one time, included, to another, excluded.
    fn within(self, from: i64, to: i64) -> Self {
        Self {
            from: self.from.max(from),
            before: self.before.min((to, Uuid::nil())),
        }
    }
}

/// Turns that pass the filter, one more than the page holds when more follow.
pub(super) fn interactions(
    connection: &Connection,
    filter: &InteractionFilter,
    page: &PageRequest,
) -> rusqlite::Result<Vec<Interaction>> {
    let (conditions, parameters) = conditions(filter);
    let stretch = Stretch::of(filter, page);
    let list = |arms: &[String]| List {
        sql: select(arms),
        parameters: &parameters,
        limit: page.limit + 1,
    };
    if let Some(sessions) = sessions_with(filter) {
        let sql = through_sessions(sessions, &conditions);
        List {
            sql,
            parameters: &parameters,
            limit: page.limit + 1,
        }
        .read(connection, stretch)
    } else if let Some(ratings) = filter.ratings() {
        // One arm a rating, each in order: SQLite merges them and stops at the limit.
        let arm = |rating| {
            arm(
                "interactions_by_rating",
                &format!("{conditions} AND rating = {rating}"),
            )
        };
        let arms: Vec<_> = ratings.map(arm).collect();
        if arms.is_empty() {
            Ok(Vec::new())
        } else {
            list(&arms).read(connection, stretch)
        }
    } else {
        let list = list(&[arm("interactions_by_time", &conditions)]);
        match quarters_with(filter) {
            Some((quarters, value)) => list.read_quarters(connection, stretch, quarters, value),
            None => list.read(connection, stretch),
        }
    }
}

/// One arm of a list, through an index.
fn arm(index: &str, conditions: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM interactions INDEXED BY {index}
         WHERE (started_at, id) < (:at, :id) AND started_at >= :from{conditions}"
    )
}

/// The sessions that a list can be narrowed to.
fn sessions_with(filter: &InteractionFilter) -> Option<&'static str> {
    if filter.session_id.is_some() {
        Some("SELECT session_seq FROM sessions WHERE session_id = :session_id")
    } else if filter.user_id.is_some() {
        Some("SELECT session_seq FROM session_users WHERE user_id = :user_id")
    } else {
        None
    }
}

/// The turns of these sessions; rows are read only for what is shown.
fn through_sessions(sessions: &str, conditions: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM interactions WHERE rowid IN (
           SELECT rowid FROM interactions INDEXED BY interactions_by_session
           WHERE session_seq IN ({sessions}) AND (started_at, id) < (:at, :id) AND started_at >= :from{conditions}
           ORDER BY started_at DESC, id DESC LIMIT :limit)
         ORDER BY started_at DESC, id DESC"
    )
}

fn select(arms: &[String]) -> String {
    format!(
        "{} ORDER BY started_at DESC, id DESC LIMIT :limit",
        arms.join(" UNION ALL ")
    )
}

/// What a row must hold, with the values bound to it. Only names that stand here get into the statement.
fn conditions(filter: &InteractionFilter) -> (String, Vec<Parameter>) {
    let mut sql = String::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut add = |condition, name, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            sql.push_str(condition);
            parameters.push((name, value));
        }
    };
    let text = |value: &Option<String>| value.clone().map(|value| Box::new(value) as Box<dyn ToSql>);
    add(
        " AND type = :type",
        ":type",
        filter.kind.map(|kind| Box::new(kind.as_str()) as _),
    );
    add(
        " AND status = :status",
        ":status",
        filter.status.map(|status| Box::new(status.as_str()) as _),
    );
    add(" AND model = :model", ":model", text(&filter.model));
    add(" AND provider = :provider", ":provider", text(&filter.provider));
    add(" AND user_id = :user_id", ":user_id", text(&filter.user_id));
    add(
        // Narrowed by the sessions that are read.
        "",
        ":session_id",
        text(&filter.session_id),
    );
    add(" AND channel = :channel", ":channel", text(&filter.channel));
    add(" AND locale = :locale", ":locale", text(&filter.locale));
    if let Some(ratings) = filter.ratings() {
        add(
            " AND rating >= :rating_min",
            ":rating_min",
            Some(Box::new(*ratings.start())),
        );
        add(
            " AND rating <= :rating_max",
            ":rating_max",
            Some(Box::new(*ratings.end())),
        );
    }
    (sql, parameters)
}

/// A list that can be read stretch by stretch.
struct List<'p> {
    sql: String,
    parameters: &'p [Parameter],
    limit: usize,
}

impl List<'_> {
    /// The first turns of a stretch.
    fn read(&self, connection: &Connection, stretch: Stretch) -> rusqlite::Result<Vec<Interaction>> {
        let (at, id) = stretch.before;
        let (id, limit) = (id.into_bytes(), self.limit as i64);
        let mut bound: Vec<(&str, &dyn ToSql)> = vec![
            (":at", &at),
            (":id", &id),
            (":from", &stretch.from),
            (":limit", &limit),
        ];
        bound.extend(
            self.parameters
                .iter()
                .map(|(name, value)| (*name, value.as_ref() as &dyn ToSql)),
        );
        connection
            .prepare_cached(&self.sql)?
            .query_map(bound.as_slice(), from_row)?
            .collect()
    }

    /// The first turns of a stretch, quarter after quarter, newest first, until there are enough.
    fn read_quarters(
        &self,
        connection: &Connection,
        stretch: Stretch,
        quarters: &str,
        value: Option<&str>,
    ) -> rusqlite::Result<Vec<Interaction>> {
        let mut buckets = connection.prepare_cached(&format!(
            "SELECT bucket FROM interaction_rollups INDEXED BY {quarters} AND bucket > :after AND bucket <= :newest
             UNION
             SELECT bucket FROM rollup_buckets INDEXED BY rollup_buckets_dirty
             WHERE kind = 'interactions' AND written > rolled AND bucket > :after AND bucket <= :newest
             ORDER BY bucket DESC"
        ))?;
        let after = stretch.from.saturating_sub(QUARTER);
        let mut bound: Vec<(&str, &dyn ToSql)> = vec![(":after", &after), (":newest", &stretch.before.0)];
        if let Some(value) = &value {
            bound.push((":value", value));
        }
        let mut buckets = buckets.query(bound.as_slice())?;
        let mut found = Vec::new();
        while found.len() < self.limit
            && let Some(row) = buckets.next()?
        {
            let quarter: i64 = row.get(0)?;
            found.extend(self.read(connection, stretch.within(quarter, quarter + QUARTER))?);
        }
        found.truncate(self.limit);
        Ok(found)
    }
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
