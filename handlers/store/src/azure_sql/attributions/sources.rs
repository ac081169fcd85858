//! What events could be credited to, and what of it they are.

use super::KINDS;
use crate::StoreError;
use crate::azure_sql::answers::results;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rows::{Shape, declare, hex, rows};
use crate::azure_sql::session::Session;
use domain::analytics::{Credit, FunnelEvent, FunnelTurn, MOST_SESSIONS, MOST_TURNS, Seen, credits};
use domain::events::EventType;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use tiberius::Row;
use uuid::Uuid;

const IDS: &Shape = &[("id", "binary(16)")];

/// One event, and all that decides what it is credited to.
struct Source {
    event: FunnelEvent,
    /// Whether it is no order, or the first event of its order.
    counts: bool,
    value_micros: Option<i64>,
    currency: Option<String>,
    named: Option<FunnelTurn>,
    related: Vec<FunnelTurn>,
    seen: Vec<Seen>,
    /// What it is credited to now, and when that turn began; none when the turn is gone.
    before: Vec<(Uuid, Credit, Option<Timestamp>)>,
}

/// Events to be credited.
pub(super) struct Sources(HashMap<Uuid, Source>);

/// A credit that is to be stored.
pub(super) struct Credited {
    pub(super) turn: Uuid,
    pub(super) event: Uuid,
    pub(super) kind: EventType,
    pub(super) credit: Credit,
    pub(super) value_micros: Option<i64>,
    pub(super) currency: Option<String>,
}

/// What is to be changed.
#[derive(Default)]
pub(super) struct Changes {
    /// Pairs of turn and event.
    pub(super) removed: Vec<(Uuid, Uuid)>,
    pub(super) added: Vec<Credited>,
    /// When the turns began whose funnels count something else now.
    pub(super) dirty: Vec<Timestamp>,
}

impl Sources {
    /// What is to be changed for the events to be credited as they should. What is credited to a turn that is gone stays, and
    /// is credited to no other.
    pub(super) fn credited(&self) -> Changes {
        let mut changes = Changes::default();
        for source in self.0.values() {
            let event = source.event.id;
            let mut credits = if source.counts {
                credits(
                    &source.event,
                    source.named.as_ref(),
                    &source.related,
                    &source.seen,
                )
            } else {
                BTreeMap::new()
            };
            for (_, claimed, _) in source.before.iter().filter(|(_, _, started)| started.is_none()) {
                credits
                    .values_mut()
                    .for_each(|credit| *credit = credit.without(*claimed));
            }
            credits.retain(|_, credit| !credit.is_none());
            for (turn, credit, started) in &source.before {
                let Some(started) = started else { continue };
                if credits.get(turn) == Some(credit) {
                    credits.remove(turn);
                    continue;
                }
                changes.removed.push((*turn, event));
                changes.dirty.push(*started);
            }
            let turns = source.named.iter().chain(&source.related);
            let started: HashMap<Uuid, Timestamp> = turns.map(|turn| (turn.id, turn.started_at)).collect();
            for (turn, credit) in credits {
                changes.dirty.extend(started.get(&turn));
                changes.added.push(Credited {
                    turn,
                    event,
                    kind: source.event.kind,
                    credit,
                    value_micros: source.value_micros,
                    currency: source.currency.clone(),
                });
            }
        }
        changes
    }
}

/// Reads all of it in one round trip.
pub(super) async fn read(session: &mut Session, events: &[Uuid]) -> Result<Sources, SqlError> {
    let ids = rows(events.iter().map(|id| vec![hex(id.as_bytes())]));
    let call = Call::safe("read_attributions", read_sql()).bind(ids);
    let [events, turns, seen, before] = results(session.run(call).await?)?;
    let mut sources = HashMap::new();
    for row in events {
        let source = source(row)?;
        sources.insert(source.event.id, source);
    }
    for row in turns {
        let mut columns = Columns::of(row);
        let (event, named): (_, bool) = (columns.id()?, columns.get()?);
        let turn = FunnelTurn {
            id: columns.id()?,
            started_at: columns.time()?,
            product_ids: columns.json()?,
        };
        if let Some(source) = sources.get_mut(&event) {
            if named {
                source.named = Some(turn);
            } else {
                source.related.push(turn);
            }
        }
    }
    for row in seen {
        let mut columns = Columns::of(row);
        let event = columns.id()?;
        let seen = Seen {
            at: columns.time()?,
            product_id: columns.get()?,
            interaction_id: columns.optional_id()?,
        };
        sources.entry(event).and_modify(|source| source.seen.push(seen));
    }
    for row in before {
        let mut columns = Columns::of(row);
        let event = columns.id()?;
        let before = (columns.id()?, Credit(columns.get()?), columns.optional_time()?);
        sources
            .entry(event)
            .and_modify(|source| source.before.push(before));
    }
    Ok(Sources(sources))
}

fn source(row: Row) -> Result<Source, StoreError> {
    let mut columns = Columns::of(row);
    let (id, kind, occurred_at) = (columns.id()?, columns.name()?, columns.time()?);
    let product_id = columns.get()?;
    let properties: Option<serde_json::Map<_, _>> = columns.optional_json()?;
    Ok(Source {
        event: FunnelEvent::new(id, kind, occurred_at, product_id, properties.as_ref()),
        counts: columns.get()?,
        value_micros: columns.get()?,
        currency: columns.get()?,
        named: None,
        related: Vec::new(),
        seen: Vec::new(),
        before: Vec::new(),
    })
}

/// Four results: the events, the turns that they name and those of their sessions and users in the week before, what was
/// seen in the week before an order, and what they are credited to now.
fn read_sql() -> String {
    let week = "DATEADD(day, -7, e.occurred_at)";
    let latest = format!("i.started_at > {week} AND i.started_at <= e.occurred_at");
    let seen = |own: &str| {
        format!(
            "SELECT e.id AS event_id, v.occurred_at, v.product_id, v.interaction_id,
               ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY v.occurred_at DESC) AS nth
             FROM @ids n JOIN events e ON e.id = n.id
             JOIN events v ON v.{own} = e.{own} AND v.occurred_at > {week} AND v.occurred_at <= e.occurred_at
             WHERE e.type = N'order' AND v.{own} IS NOT NULL AND v.{KINDS} AND v.type <> N'order'"
        )
    };
    format!(
        "SET NOCOUNT ON;
         {ids}
         SELECT e.id, e.type, e.occurred_at, e.product_id, CASE e.type WHEN N'order' THEN e.properties END,
           CASE WHEN e.type = N'order' AND EXISTS (
             SELECT 1 FROM events f WHERE f.type = N'order' AND f.order_id = e.order_id
               AND (f.occurred_at < e.occurred_at OR (f.occurred_at = e.occurred_at AND f.id < e.id))
           ) THEN 0 ELSE 1 END, e.value_micros, e.currency
         FROM @ids n JOIN events e ON e.id = n.id WHERE e.{KINDS};

         SELECT e.id, 1, i.id, i.started_at, i.product_ids
         FROM @ids n JOIN events e ON e.id = n.id JOIN interactions i ON i.id = e.interaction_id
         UNION ALL
         SELECT l.event_id, 0, l.id, l.started_at, l.product_ids FROM (
           SELECT e.id AS event_id, i.id, i.started_at, i.product_ids,
             ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY i.started_at DESC, i.id DESC) AS nth
           FROM @ids n JOIN events e ON e.id = n.id JOIN sessions s ON s.session_id = e.session_id
           JOIN interactions i ON i.session_seq = s.session_seq AND {latest}
         ) l WHERE l.nth <= {MOST_TURNS}
         UNION ALL
         SELECT l.event_id, 0, l.id, l.started_at, l.product_ids FROM (
           SELECT m.event_id, i.id, i.started_at, i.product_ids,
             ROW_NUMBER() OVER (PARTITION BY m.event_id ORDER BY i.started_at DESC, i.id DESC) AS nth
           FROM (
             SELECT e.id AS event_id, e.occurred_at, e.user_id, u.session_seq,
               ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY u.session_seq DESC) AS nth
             FROM @ids n JOIN events e ON e.id = n.id JOIN session_users u ON u.user_id = e.user_id
             JOIN sessions s ON s.session_seq = u.session_seq AND s.started_at <= e.occurred_at
           ) m JOIN interactions i ON i.session_seq = m.session_seq AND i.user_id = m.user_id
             AND i.started_at > DATEADD(day, -7, m.occurred_at) AND i.started_at <= m.occurred_at
           WHERE m.nth <= {MOST_SESSIONS}
         ) l WHERE l.nth <= {MOST_TURNS};

         SELECT l.event_id, l.occurred_at, l.product_id, l.interaction_id FROM ({by_session}) l
         WHERE l.nth <= {MOST_TURNS}
         UNION ALL
         SELECT l.event_id, l.occurred_at, l.product_id, l.interaction_id FROM ({by_user}) l
         WHERE l.nth <= {MOST_TURNS};

         SELECT a.event_id, a.interaction_id, a.credit, i.started_at
         FROM @ids n JOIN attributions a ON a.event_id = n.id LEFT JOIN interactions i ON i.id = a.interaction_id;",
        ids = declare("@ids", IDS, "@P1"),
        by_session = seen("session_id"),
        by_user = seen("user_id"),
    )
}
