//! Whatever happens in whatever order: what was acknowledged is stored once, as if the database had never been away.

use super::*;
use domain::interactions::InteractionFilter;
use domain::page::PageRequest;
use jiff::SignedDuration;
use pravis::spill::replay::replay;
use pravis::spill::sweep::{Sweep, sweep};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use testkit::{Caller, feedback, id, turn};

/// Turns that a run is about.
const TURNS_OF_A_RUN: u128 = 6;

/// What the assistant and the browser write.
#[derive(Debug, Clone)]
enum Sent {
    Create(u128),
    Batch(Vec<u128>),
    Update(u128, Value),
    Feedback(u128, u128),
    /// The latest write once more, as after a lost answer.
    Again,
}

/// What happens.
#[derive(Debug, Clone)]
enum Event {
    Sent(Sent),
    /// The store does so from now on.
    Store(Fault),
    /// The queue does so from now on.
    Queue(Fault),
    /// The store answers, and the breaker notices.
    Back,
    /// The host delivers this message, and is killed after so many calls of the store, if any.
    Deliver(usize, Option<u32>),
    /// The host delivers the message that it delivered last once more.
    DeliverAgain,
    /// A write is replayed that no message named.
    Replay(usize),
    /// A minute passes.
    Minute,
    /// The process is killed and started again.
    Restart,
}

fn number() -> impl Strategy<Value = u128> {
    1..=TURNS_OF_A_RUN
}

/// A patch, with everything that a patch can do.
fn any_patch() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..50u8).prop_map(|n| json!({"response_text": format!("answer {n}"), "tokens_output": n})),
        (0..50u8).prop_map(|n| json!({"error_message": format!("error {n}")})),
        (0..50u8).prop_map(|n| json!({"model": format!("m-{n}")})),
        (0..3u8, any::<f64>()).prop_map(|(n, value)| json!({"metadata": {n.to_string(): value}})),
        (0..9_000u16).prop_map(|ms| json!({"duration_ms": f64::from(ms) / 7.0})),
        Just(json!({"error_type": null, "error_message": null})),
        Just(json!({"model": null})),
        (0..3u8).prop_map(|n| json!({"metadata": {n.to_string(): null}})),
    ]
}

/// A patch that no other one contradicts: between processes changes are ordered only by their time.
fn settled_patch() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"response_text": "the answer", "tokens_output": 7})),
        Just(json!({"completed_at": "2026-11-02T09:00:01Z", "tokens_input": 9})),
        any::<u16>().prop_map(|n| json!({"metadata": {n.to_string(): n}})),
        any::<u16>().prop_map(|n| json!({"context": {"deep": {n.to_string(): n}}})),
    ]
}

fn sent(patch: BoxedStrategy<Value>) -> impl Strategy<Value = Event> {
    let sent = prop_oneof![
        3 => number().prop_map(Sent::Create),
        1 => vec(number(), 1..5).prop_map(Sent::Batch),
        6 => (number(), patch).prop_map(|(turn, patch)| Sent::Update(turn, patch)),
        3 => (number(), 0..4u128).prop_map(|(turn, n)| Sent::Feedback(turn, n)),
        1 => Just(Sent::Again),
    ];
    sent.prop_map(Event::Sent)
}

fn happening() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => select(vec![Fault::Away, Fault::AfterWork]).prop_map(Event::Store),
        4 => Just(Event::Back),
        1 => select(vec![Fault::Away, Fault::AfterWork, Fault::None]).prop_map(Event::Queue),
        6 => (any::<usize>(), proptest::option::weighted(0.4, 0..4u32)).prop_map(|(n, kill)| Event::Deliver(n, kill)),
        2 => Just(Event::DeliverAgain),
        2 => any::<usize>().prop_map(Event::Replay),
        2 => Just(Event::Minute),
    ]
}

/// A run of the program, with what it has acknowledged so far.
struct Run {
    app: TestApp,
    caller: Caller,
    /// Whether a turn is created a second time, and feedback given again after a later one of its turn: when another
    /// process has the first still to replay, it is chance which of the two is stored, and so which time it has.
    repeats: bool,
    known: HashSet<u128>,
    /// Feedback in its order: turn and number.
    given: Vec<(u128, u128)>,
    latest: Option<Sent>,
    delivered: Option<Message>,
}

impl Run {
    async fn start(repeats: bool) -> Self {
        let app = TestApp::new().await;
        let caller = app.admin().await;
        Self {
            app,
            caller,
            repeats,
            known: HashSet::new(),
            given: Vec::new(),
            latest: None,
            delivered: None,
        }
    }

    /// Every write that is right has to be taken, whatever is away.
    async fn send(&mut self, sent: Sent) -> Result<(), String> {
        self.app.clock().advance(SignedDuration::from_millis(1));
        let started = "2026-11-02T09:00:00Z";
        let created =
            |n: u128| turn(json!({"id": id(n), "started_at": started, "request_text": n.to_string()}));
        let answer = match &sent {
            Sent::Create(n) if !self.repeats && self.known.contains(n) => return Ok(()),
            Sent::Batch(turns) if !self.repeats && turns.iter().any(|n| self.known.contains(n)) => {
                return Ok(());
            }
            Sent::Create(n) => self.caller.post(TURNS, created(*n)).await,
            Sent::Batch(turns) => {
                let items: Vec<_> = turns.iter().copied().map(created).collect();
                self.caller.post(BATCH, json!({"items": items})).await
            }
            Sent::Update(n, _) | Sent::Feedback(n, _) if !self.known.contains(n) => return Ok(()),
            Sent::Feedback(turn, n) if !self.repeats && self.is_overtaken(*turn, *n) => return Ok(()),
            Sent::Update(n, patch) => {
                let path = format!("{TURNS}/{}", id(*n));
                self.caller.patch(&path, patch.clone()).await
            }
            Sent::Feedback(turn, n) => {
                let given = json!({"id": id(1_000 + turn * 10 + n), "rating": n + 1, "comment": "so"});
                self.caller
                    .post(FEEDBACK, feedback(&json!(id(*turn)), given))
                    .await
            }
            Sent::Again => match self.latest.clone() {
                Some(latest) => return Box::pin(self.send(latest)).await,
                None => return Ok(()),
            },
        };
        if !matches!(answer.status(), 200..=202) {
            return Err(format!("{sent:?}: {}", answer.text()));
        }
        match &sent {
            Sent::Create(n) => drop(self.known.insert(*n)),
            Sent::Batch(turns) => self.known.extend(turns),
            Sent::Feedback(turn, n) => self.given.push((*turn, *n)),
            Sent::Update(..) | Sent::Again => {}
        }
        self.latest = Some(sent);
        Ok(())
    }

    /// Whether this feedback was given, and another of its turn after it.
    fn is_overtaken(&self, turn: u128, n: u128) -> bool {
        let mut of_turn = self.given.iter().filter(|(of, _)| *of == turn);
        of_turn.clone().any(|given| given.1 == n) && of_turn.next_back().is_some_and(|last| last.1 != n)
    }

    async fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Sent(sent) => self.send(sent).await?,
            Event::Store(fault) => self.app.store_faults().set(fault),
            Event::Queue(fault) => self.app.storage().queues.set(fault),
            Event::Back => back(&self.app),
            Event::Deliver(n, kill) => {
                let mut messages = receive_for_a_moment(&self.app).await;
                if messages.is_empty() {
                    return Ok(());
                }
                let message = messages.swap_remove(n % messages.len());
                self.deliver(&message, kill).await;
                self.delivered = Some(message);
            }
            Event::DeliverAgain => {
                if let Some(message) = self.delivered.clone() {
                    self.deliver(&message, None).await;
                }
            }
            Event::Replay(n) => {
                let names = waiting(&self.app).await;
                if !names.is_empty() {
                    let (app, name) = (self.app.app().clone(), names[n % names.len()].clone());
                    // A store that is away is waited for: whoever waits is killed.
                    let _ = tokio::time::timeout(Duration::from_millis(40), replay(&app, &name, true)).await;
                }
            }
            Event::Minute => self.app.clock().advance(SignedDuration::from_mins(1)),
            Event::Restart => {
                self.app = self.app.another();
                self.caller = self.app.anonymous().secret(self.caller.key());
            }
        }
        Ok(())
    }

    /// Delivers as the host does; killed, it leaves everything where it is.
    async fn deliver(&self, message: &Message, kill: Option<u32>) {
        if let Some(mut calls) = kill {
            let before = Fault::None;
            self.app.storage().blobs.script(move || {
                calls = calls.wrapping_sub(1);
                if calls == u32::MAX {
                    Fault::StalledAfterWork
                } else {
                    before
                }
            });
        }
        let delivery = tokio::time::timeout(Duration::from_millis(40), deliver(&self.app, message));
        if let Ok(true) = delivery.await {
            let storage = &self.app.storage().inner;
            storage.delete_message(Queue::Spill, message).await.unwrap();
        }
        self.app.storage().blobs.set(Fault::None);
    }

    /// All is well again, and what waits is stored.
    async fn end(&self) -> Result<(), String> {
        self.app.storage().queues.set(Fault::None);
        back(&self.app);
        let all = Sweep {
            least_age: SignedDuration::ZERO,
            until: None,
        };
        let swept = sweep(self.app.app(), all, &|_, _| {}).await.unwrap();
        let left = (waiting(&self.app).await, dead(&self.app).await);
        if swept.complete && left == (vec![], vec![]) {
            Ok(())
        } else {
            Err(format!("{swept:?}: {left:?}"))
        }
    }

    /// All that is stored, by record; `exactly` with versions and times.
    async fn stored(&self, exactly: bool) -> BTreeMap<String, Value> {
        let store = self.app.store();
        let page = || PageRequest {
            limit: 200,
            after: None,
        };
        let turns = store
            .list_interactions(InteractionFilter::default(), page())
            .await
            .unwrap();
        let opinions = store.list_feedback(Default::default(), page()).await.unwrap();
        let turns = turns.into_iter().map(|turn| (turn.version, json!(turn)));
        let opinions = opinions
            .into_iter()
            .map(|feedback| (feedback.version, json!(feedback)));
        let mut stored = BTreeMap::new();
        for (version, mut record) in turns.chain(opinions) {
            let members = record.as_object_mut().unwrap();
            if exactly {
                members.insert("version".to_owned(), json!(version));
            } else {
                members.remove("created_at");
                members.remove("updated_at");
            }
            let id = record["id"].as_str().unwrap().to_owned();
            assert_eq!(stored.insert(id, record), None, "a record is there twice");
        }
        stored
    }
}

/// Received, and seen again at once: the host may be killed at any time.
async fn receive_for_a_moment(app: &TestApp) -> Vec<Message> {
    let hidden = Duration::from_millis(1);
    app.storage()
        .inner
        .receive(Queue::Spill, 32, hidden)
        .await
        .unwrap()
}

/// Runs the events, and the same writes without the rest of the events; both must end the same.
async fn compare(events: Vec<Event>, exactly: bool) -> Result<(), String> {
    let (mut outage, mut plain) = (Run::start(!exactly).await, Run::start(!exactly).await);
    for event in events {
        if let Event::Sent(_) | Event::Minute = event {
            plain.happen(event.clone()).await?;
        }
        outage.happen(event).await?;
    }
    outage.end().await?;
    let (found, expected) = (outage.stored(exactly).await, plain.stored(exactly).await);
    for id in found.keys().chain(expected.keys()) {
        let (found, expected) = (&found.get(id), &expected.get(id));
        if found != expected {
            return Err(format!("{found:?}\nshould be\n{expected:?}"));
        }
    }
    Ok(())
}

fn check(events: impl Strategy<Value = Event>, exactly: bool) {
    let config = Config {
        // Each case is two runs of the program: a few, unless PROPTEST_CASES asks for more.
        cases: Config::default().cases / 6,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let run = TestRunner::new(config).run(&vec(events, 5..60), |events| {
        runtime
            .block_on(compare(events, exactly))
            .map_err(TestCaseError::fail)
    });
    run.unwrap();
}

#[test]
fn it_ends_as_if_the_store_had_never_been_away() {
    let events = prop_oneof![sent(any_patch().boxed()), happening()];
    check(events, true);
}

#[test]
fn also_when_processes_are_killed_nothing_is_lost_or_stored_twice() {
    let events = prop_oneof![
        8 => sent(settled_patch().boxed()),
        8 => happening(),
        1 => Just(Event::Restart),
    ];
    check(events, false);
}
