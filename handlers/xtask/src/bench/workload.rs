//! Requests that create interactions. Each is made once; what must be new in each sending (id, session, user) lies
//! at known places and is overwritten there, so that the client costs the server's cores next to nothing.

use jiff::{Timestamp, ToSpan};

use super::client::post_head;
use super::load::Source;
use super::random::Random;
use super::turn::{self, USERS};

/// Sessions that are going on at a time, per connection. Each ends, on average, after four turns.
const LIVE_SESSIONS: usize = 32;
/// Distinct requests per connection.
const TEMPLATES: usize = 16;

/// Longest time from the end of a turn to its sending, in milliseconds: clients send as things happen.
const DELAY: usize = 2_000;

/// Places of one turn's id, session, user and times within a request.
#[derive(Clone, Copy)]
struct Slots {
    id: usize,
    session: usize,
    user: usize,
    started: usize,
    completed: usize,
}

struct Template {
    request: Vec<u8>,
    slots: Vec<Slots>,
}

/// An endless source of new interactions, one or many to a request.
pub(super) struct Turns {
    random: Random,
    templates: Vec<Template>,
    sessions: Vec<(uuid::Uuid, usize)>,
    at: usize,
}

impl Turns {
    /// Single turns for `POST /api/v1/interactions`.
    pub(super) fn single(seed: u64, key: &str) -> Self {
        Self::new(seed, |random| {
            let mut slots = Vec::new();
            let mut body = Vec::new();
            push_turn(&mut body, &mut slots, random);
            Template::new("/api/v1/interactions", key, body, slots)
        })
    }

    /// Batches of `size` turns for `POST /api/v1/interactions/batch`.
    pub(super) fn batches(seed: u64, key: &str, size: usize) -> Self {
        Self::new(seed, |random| {
            let mut slots = Vec::new();
            let mut body = b"{\"items\":[".to_vec();
            for index in 0..size {
                if index > 0 {
                    body.push(b',');
                }
                push_turn(&mut body, &mut slots, random);
            }
            body.extend_from_slice(b"]}");
            Template::new("/api/v1/interactions/batch", key, body, slots)
        })
    }

    fn new(seed: u64, make: impl Fn(&mut Random) -> Template) -> Self {
        let mut random = Random::new(seed);
        let templates = (0..TEMPLATES).map(|_| make(&mut random)).collect();
        let sessions = (0..LIVE_SESSIONS)
            .map(|_| (random.id(), random.below(USERS)))
            .collect();
        Self {
            random,
            templates,
            sessions,
            at: 0,
        }
    }
}

impl Source for Turns {
    fn next(&mut self) -> &[u8] {
        self.at = (self.at + 1) % self.templates.len();
        let template = &mut self.templates[self.at];
        let now = Timestamp::now();
        for slots in &template.slots {
            let live = self.random.below(LIVE_SESSIONS);
            let (session, user) = self.sessions[live];
            if self.random.below(4) == 0 {
                self.sessions[live] = (self.random.id(), self.random.below(USERS));
            }
            let request = &mut template.request;
            self.random
                .time_ordered_id()
                .as_hyphenated()
                .encode_lower(&mut request[slots.id..slots.id + 36]);
            session
                .as_hyphenated()
                .encode_lower(&mut request[slots.session..slots.session + 36]);
            write_digits(&mut request[slots.user..slots.user + 5], user);
            let completed = now - (self.random.below(DELAY) as i64).milliseconds();
            let started = completed - (200 + self.random.below(4_000) as i64).milliseconds();
            write_time(request, slots.started, started);
            write_time(request, slots.completed, completed);
        }
        &template.request
    }
}

impl Template {
    fn new(path: &str, key: &str, body: Vec<u8>, mut slots: Vec<Slots>) -> Self {
        let mut request = post_head(path, key, body.len());
        for slot in &mut slots {
            slot.id += request.len();
            slot.session += request.len();
            slot.user += request.len();
            slot.started += request.len();
            slot.completed += request.len();
        }
        request.extend_from_slice(&body);
        Self { request, slots }
    }
}

fn push_turn(body: &mut Vec<u8>, slots: &mut Vec<Slots>, random: &mut Random) {
    const NO_ID: &str = "00000000-0000-0000-0000-000000000000";
    body.extend_from_slice(b"{\"id\":\"");
    let id = body.len();
    body.extend_from_slice(NO_ID.as_bytes());
    body.extend_from_slice(b"\",\"session_id\":\"");
    let session = body.len();
    body.extend_from_slice(NO_ID.as_bytes());
    body.extend_from_slice(b"\",\"user_id\":\"user-");
    let user = body.len();
    body.extend_from_slice(b"00000\",");
    // The other fields follow without their opening brace.
    let fields = turn::fields(random).to_string();
    let place = |time| fields.find(time).map_or(0, |place| body.len() + place - 1);
    let (started, completed) = (place(turn::STARTED), place(turn::COMPLETED));
    slots.push(Slots {
        id,
        session,
        user,
        started,
        completed,
    });
    body.extend_from_slice(&fields.as_bytes()[1..]);
}

fn write_time(request: &mut [u8], place: usize, time: Timestamp) {
    let text = turn::rounded(time);
    request[place..place + text.len()].copy_from_slice(text.as_bytes());
}

fn write_digits(place: &mut [u8], mut number: usize) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn body(request: &[u8]) -> Value {
        let head = request
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap()
            + 4;
        let text = std::str::from_utf8(&request[..head]).unwrap();
        assert!(text.contains(&format!("content-length: {}\r\n", request.len() - head)));
        serde_json::from_slice(&request[head..]).unwrap()
    }

    #[test]
    fn turns_are_json_of_the_promised_size() {
        let mut source = Turns::single(1, "key");
        for _ in 0..3 * TEMPLATES {
            let request = source.next().to_vec();
            let turn = body(&request);
            let length = turn.to_string().len();
            assert!(
                length.abs_diff(turn::BYTES) <= turn::BYTES / 10,
                "{length} bytes: {turn}"
            );
            let time = |name: &str| turn[name].as_str().unwrap().parse::<Timestamp>().unwrap();
            assert!(time("started_at") < time("completed_at") && time("completed_at") <= Timestamp::now());
            assert!(time("started_at") > Timestamp::now() - 10.seconds());
        }
    }

    #[test]
    fn every_sending_is_new_and_sessions_have_a_few_turns() {
        let mut source = Turns::batches(2, "key", 100);
        let (mut ids, mut sessions, mut users) = (HashSet::new(), HashSet::new(), HashSet::new());
        for _ in 0..60 {
            for item in body(source.next())["items"].as_array().unwrap() {
                let id: uuid::Uuid = item["id"].as_str().unwrap().parse().unwrap();
                assert_eq!(id.get_version_num(), 7);
                assert!(ids.insert(id));
                sessions.insert(item["session_id"].as_str().unwrap().to_owned());
                users.insert(item["user_id"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(ids.len(), 6_000);
        let turns = 6_000.0 / sessions.len() as f64;
        assert!((3.0..5.0).contains(&turns), "{turns} turns per session");
        assert!(
            users
                .iter()
                .all(|user| user.len() == 10 && user.starts_with("user-"))
        );
    }

    #[test]
    fn two_connections_never_send_the_same_id() {
        let (mut one, mut other) = (Turns::single(1, "key"), Turns::single(2, "key"));
        assert_ne!(body(one.next())["id"], body(other.next())["id"]);
    }
}
