//! Which events are to be credited anew.

use super::KINDS;
use domain::analytics::{LONGEST, TimeRange};
use domain::events::EventType;
use rusqlite::{Connection, Params, params};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Those that the turns of a range may have led to, or are credited with: of their sessions and users within a week, and
/// those that name one.
pub(super) fn by_turns(
    connection: &Connection,
    range: TimeRange,
    events: &mut BTreeSet<Uuid>,
) -> rusqlite::Result<()> {
    let (mut sessions, mut users, mut ids) = (HashMap::new(), HashMap::new(), Vec::new());
    let mut turns = connection.prepare_cached(
        "SELECT id, session_id, user_id, started_at FROM interactions INDEXED BY interactions_by_time
         WHERE started_at >= ?1 AND started_at < ?2 ORDER BY started_at",
    )?;
    let mut rows = turns.query(params![range.from.as_microsecond(), range.to.as_microsecond()])?;
    while let Some(row) = rows.next()? {
        ids.push(Uuid::from_bytes(row.get(0)?));
        let started: i64 = row.get(3)?;
        // The first is the earliest.
        sessions.entry(row.get::<_, String>(1)?).or_insert(started);
        if let Some(user) = row.get::<_, Option<String>>(2)? {
            users.entry(user).or_insert(started);
        }
    }
    let end = range.to.as_microsecond() + week();
    for (session, from) in sessions {
        of_session(connection, &session, from, end, "", events)?;
    }
    for (user, from) in users {
        of_user(connection, &user, from, end, "", events)?;
    }
    for id in ids {
        let sql = format!(
            "SELECT id FROM events INDEXED BY events_by_interaction
             WHERE interaction_id = ?1 AND interaction_id IS NOT NULL AND {KINDS}"
        );
        add(connection, &sql, [id.as_bytes()], events)?;
        let credited = "SELECT event_id FROM attributions WHERE interaction_id = ?1";
        add(connection, credited, [id.as_bytes()], events)?;
    }
    Ok(())
}

/// Those of a range, and the orders within a week after each of them, which may be of what was seen.
pub(super) fn by_events(
    connection: &Connection,
    range: TimeRange,
    events: &mut BTreeSet<Uuid>,
) -> rusqlite::Result<()> {
    let (mut sessions, mut users) = (HashMap::new(), HashMap::new());
    let mut found = connection.prepare_cached(&format!(
        "SELECT id, type, session_id, user_id, occurred_at FROM events INDEXED BY events_by_time
         WHERE occurred_at >= ?1 AND occurred_at < ?2 AND {KINDS} ORDER BY occurred_at"
    ))?;
    let mut rows = found.query(params![range.from.as_microsecond(), range.to.as_microsecond()])?;
    while let Some(row) = rows.next()? {
        events.insert(Uuid::from_bytes(row.get(0)?));
        if row.get_ref(1)?.as_str()? == EventType::Order.as_str() {
            continue;
        }
        let at: i64 = row.get(4)?;
        sessions.entry(row.get::<_, String>(2)?).or_insert(at);
        if let Some(user) = row.get::<_, Option<String>>(3)? {
            users.entry(user).or_insert(at);
        }
    }
    let end = range.to.as_microsecond() + week();
    for (session, from) in sessions {
        of_session(connection, &session, from, end, "AND type = 'order'", events)?;
    }
    for (user, from) in users {
        of_user(connection, &user, from, end, "AND type = 'order'", events)?;
    }
    Ok(())
}

fn of_session(
    connection: &Connection,
    session: &str,
    from: i64,
    to: i64,
    which: &str,
    events: &mut BTreeSet<Uuid>,
) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT id FROM events INDEXED BY events_by_session
         WHERE session_id = ?1 AND occurred_at >= ?2 AND occurred_at < ?3 AND {KINDS} {which}"
    );
    add(connection, &sql, params![session, from, to], events)
}

fn of_user(
    connection: &Connection,
    user: &str,
    from: i64,
    to: i64,
    which: &str,
    events: &mut BTreeSet<Uuid>,
) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT id FROM events INDEXED BY events_by_user
         WHERE user_id = ?1 AND user_id IS NOT NULL AND occurred_at >= ?2 AND occurred_at < ?3 AND {KINDS} {which}"
    );
    add(connection, &sql, params![user, from, to], events)
}

fn add(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    events: &mut BTreeSet<Uuid>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        events.insert(Uuid::from_bytes(row.get(0)?));
    }
    Ok(())
}

fn week() -> i64 {
    i64::try_from(LONGEST.as_micros()).unwrap_or(i64::MAX)
}
