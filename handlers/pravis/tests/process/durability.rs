//! `kill -9` under load, again and again: what was acknowledged is there, once; nothing is there by halves.

use crate::support::{Body, Client, FunctionsHost, Options, Random, key};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

const ROUNDS: usize = 18;
const CONNECTIONS: usize = 4;
const BATCH: usize = 20;

/// The text of a turn, which follows from its id: a turn with another one was written by halves.
fn text(id: Uuid) -> String {
    format!("{id} ").repeat(30)
}

fn turn(id: Uuid) -> Value {
    json!({"id": id, "type": "chat", "session_id": format!("s-{}", id.as_u128() % 50), "user_id": "shopper-1",
        "model": "gpt-4.1-mini", "request_text": text(id), "tokens_input": 100})
}

/// What a connection knows of a turn.
#[derive(Clone, Default)]
struct Turn {
    acknowledged: bool,
    /// The last acknowledged correction, 0 for none.
    tokens: u64,
    /// A correction that was sent and not acknowledged.
    in_flight: Option<u64>,
    feedback: Vec<Uuid>,
    feedback_in_flight: Option<Uuid>,
}

/// What a connection sent, and what it was told.
#[derive(Default)]
struct Ledger {
    turns: HashMap<Uuid, Turn>,
    /// Turns that were acknowledged, in their order.
    stored: Vec<Uuid>,
    /// Batches that broke off: all or nothing.
    broken: Vec<Vec<Uuid>>,
}

impl Ledger {
    /// Sends until the connection breaks.
    fn load(&mut self, mut client: Client, mut random: Random) {
        loop {
            let sent = match random.within(0..8) {
                0..=2 => self.single(&mut client),
                3 | 4 => self.batch(&mut client),
                5 | 6 => self.correct(&mut client, &mut random),
                _ => self.judge(&mut client, &mut random),
            };
            if sent.is_err() {
                return;
            }
        }
    }

    fn single(&mut self, client: &mut Client) -> std::io::Result<()> {
        let id = Uuid::now_v7();
        self.turns.insert(id, Turn::default());
        let answer = client.try_json("POST", "/api/v1/interactions", &turn(id))?;
        answer.expect(201);
        self.acknowledge(id);
        Ok(())
    }

    fn batch(&mut self, client: &mut Client) -> std::io::Result<()> {
        let ids: Vec<_> = (0..BATCH).map(|_| Uuid::now_v7()).collect();
        self.turns.extend(ids.iter().map(|id| (*id, Turn::default())));
        let items: Vec<_> = ids.iter().map(|id| turn(*id)).collect();
        self.broken.push(ids.clone());
        let answer = client.try_json("POST", "/api/v1/interactions/batch", &json!({"items": items}))?;
        answer.expect(201);
        self.broken.pop();
        ids.into_iter().for_each(|id| self.acknowledge(id));
        Ok(())
    }

    fn acknowledge(&mut self, id: Uuid) {
        self.turns.get_mut(&id).unwrap().acknowledged = true;
        self.stored.push(id);
    }

    fn any(&self, random: &mut Random) -> Option<Uuid> {
        let count = self.stored.len() as u64;
        (count > 0).then(|| self.stored[random.within(0..count) as usize])
    }

    fn correct(&mut self, client: &mut Client, random: &mut Random) -> std::io::Result<()> {
        let Some(id) = self.any(random) else { return Ok(()) };
        let known = self.turns.get_mut(&id).unwrap();
        let tokens = known.tokens + 1;
        known.in_flight = Some(tokens);
        let patch = json!({"response_text": format!("answer {tokens}"), "tokens_output": tokens});
        let answer = client.try_json("PATCH", &format!("/api/v1/interactions/{id}"), &patch)?;
        answer.expect(200);
        known.tokens = tokens;
        known.in_flight = None;
        Ok(())
    }

    fn judge(&mut self, client: &mut Client, random: &mut Random) -> std::io::Result<()> {
        let Some(id) = self.any(random) else { return Ok(()) };
        let known = self.turns.get_mut(&id).unwrap();
        let feedback = Uuid::now_v7();
        known.feedback_in_flight = Some(feedback);
        let body = json!({"id": feedback, "interaction_id": id, "rating": 4, "comment": text(feedback)});
        client.try_json("POST", "/api/v1/feedback", &body)?.expect(201);
        known.feedback.push(feedback);
        known.feedback_in_flight = None;
        Ok(())
    }

    /// Compares with what the program has after its restart, and learns how what was in flight ended.
    fn check(&mut self, client: &mut Client, seen: &mut HashSet<Uuid>) {
        let mut present = HashSet::new();
        for (id, known) in &mut self.turns {
            let answer = client.get(&format!("/api/v1/interactions/{id}"));
            assert!(answer.status == 200 || !known.acknowledged, "lost: {id}");
            if answer.status != 200 {
                assert_eq!(answer.status, 404, "{}", answer.text());
                continue;
            }
            present.insert(*id);
            let stored = answer.json();
            assert_eq!(stored["request_text"], text(*id), "half-written: {id}");
            let tokens = stored["tokens_output"].as_u64().unwrap_or(0);
            let right = tokens == known.tokens || Some(tokens) == known.in_flight;
            assert!(
                right,
                "{id}: {tokens}, not {} or {:?}",
                known.tokens, known.in_flight
            );
            let response = (tokens > 0).then(|| format!("answer {tokens}"));
            assert_eq!(
                stored["response_text"].as_str(),
                response.as_deref(),
                "half-written: {id}"
            );
            assert_eq!(
                stored["status"],
                if tokens > 0 { "succeeded" } else { "pending" },
                "{id}"
            );
            (known.tokens, known.in_flight) = (tokens, None);
            known.check_feedback(client, &stored);
        }
        for batch in std::mem::take(&mut self.broken) {
            let found = batch.iter().filter(|id| present.contains(id)).count();
            assert!(found == 0 || found == BATCH, "{found} of a batch of {BATCH}");
        }
        seen.extend(&present);
        self.turns.retain(|id, _| present.contains(id));
        self.stored = present.into_iter().collect();
    }
}

impl Turn {
    fn check_feedback(&mut self, client: &mut Client, stored: &Value) {
        if let Some(feedback) = self.feedback_in_flight.take() {
            let answer = client.get(&format!("/api/v1/feedback/{feedback}"));
            if answer.status == 200 {
                self.feedback.push(feedback);
            }
        }
        for feedback in &self.feedback {
            let answer = client.get(&format!("/api/v1/feedback/{feedback}")).expect(200);
            assert_eq!(answer["comment"], text(*feedback), "half-written: {feedback}");
        }
        assert_eq!(stored["feedback_count"], self.feedback.len());
        let rating = if self.feedback.is_empty() {
            Value::Null
        } else {
            json!(4)
        };
        assert_eq!(stored["rating"], rating);
    }
}

/// Reads the file itself, around every index.
fn check_file(path: &Path, seen: &HashSet<Uuid>) -> (u64, u64, u64) {
    let database = Connection::open(path).unwrap();
    let one = |sql: &str| -> u64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let mut rows = database
        .prepare("SELECT id FROM interactions NOT INDEXED")
        .unwrap();
    let ids: Vec<[u8; 16]> = rows
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let distinct: HashSet<_> = ids.iter().map(|id| Uuid::from_bytes(*id)).collect();
    assert_eq!(distinct.len(), ids.len(), "a turn is there twice");
    assert_eq!(&distinct, seen, "what is there is what was found before");
    let firsts = one("SELECT count(*) FROM sessions NOT INDEXED");
    assert_eq!(
        firsts,
        one("SELECT count(DISTINCT session_id) FROM interactions NOT INDEXED")
    );
    (
        ids.len() as u64,
        one("SELECT count(*) FROM interactions NOT INDEXED WHERE status = 'succeeded'"),
        one("SELECT count(*) FROM feedback NOT INDEXED"),
    )
}

#[test]
fn what_was_acknowledged_survives_kill_9_at_any_moment() {
    let mut random = Random::seeded();
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("pravis.db");
    let mut options = Options::new(data.path());
    for name in ["PRAVIS_RATE_LIMIT_PER_SECOND", "PRAVIS_RATE_LIMIT_BURST"] {
        options.settings.push((name, "1000000".to_owned()));
    }
    let mut host = FunctionsHost::start(options);
    host.wait_for_store();
    let key = key(data.path(), "admin");
    let mut seen = HashSet::new();
    let (mut acknowledged, mut broken) = (0, 0);

    for _ in 0..ROUNDS {
        let moment = Duration::from_millis(random.within(5..450));
        let mut ledgers: Vec<_> = (0..CONNECTIONS).map(|_| Ledger::default()).collect();
        std::thread::scope(|scope| {
            for ledger in &mut ledgers {
                let (client, random) = (host.client().with_key(&key), Random::new(random.next()));
                scope.spawn(move || ledger.load(client, random));
            }
            // Not a wait for something: the moment of the kill.
            std::thread::sleep(moment);
            host.process.kill();
        });
        host.restart();
        host.wait_for_store();
        let mut client = host.client().with_key(&key);
        for ledger in &mut ledgers {
            acknowledged += ledger.stored.len();
            broken += ledger.broken.len();
            ledger.check(&mut client, &mut seen);
        }
        let (turns, succeeded, feedback) = check_file(&path, &seen);
        let numbers = client.get("/api/v1/analytics/interactions?days=2").expect(200);
        assert_eq!(
            (&numbers["total"], &numbers["succeeded"]),
            (&json!(turns), &json!(succeeded))
        );
        let opinions = client.get("/api/v1/analytics/feedback?days=2").expect(200);
        assert_eq!(opinions["total"], feedback);
        // A client that was cut off sends again, which is harmless.
        if let Some(id) = ledgers[0].stored.first() {
            let again = turn(*id).to_string();
            let headers = [("Content-Type", "application/json")];
            let answer = client.send(
                "POST",
                "/api/v1/interactions",
                &headers,
                Body::Sized(again.as_bytes()),
            );
            answer.unwrap().expect(200);
        }
    }
    eprintln!("{acknowledged} turns acknowledged, {broken} batches broke off, in {ROUNDS} rounds");
    assert!(acknowledged > ROUNDS * 10 && host.process.stderr().is_empty());
}
