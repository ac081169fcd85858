//! The database is away: what the real program keeps, through kills, and stores when it is back.

use crate::support::{
    Client, FunctionsHost, Options, PATIENCE, Random, Serve, finish, key, pravis, repository, within,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

const FILES: [&str; 3] = ["pravis.db", "pravis.db-wal", "pravis.db-shm"];

/// A data folder with a key, whose database cannot be opened.
fn asleep() -> (tempfile::TempDir, String) {
    let data = tempfile::tempdir().unwrap();
    let key = key(data.path(), "admin");
    fs::create_dir(data.path().join("aside")).unwrap();
    for file in FILES {
        let from = data.path().join(file);
        if from.exists() {
            fs::rename(from, data.path().join("aside").join(file)).unwrap();
        }
    }
    fs::create_dir(data.path().join("pravis.db")).unwrap();
    (data, key)
}

/// Gives the database back.
fn wake(data: &Path) {
    fs::remove_dir(data.join("pravis.db")).unwrap();
    for file in fs::read_dir(data.join("aside")).unwrap() {
        let file = file.unwrap();
        fs::rename(file.path(), data.join(file.file_name())).unwrap();
    }
}

fn handler(data: &Path) -> FunctionsHost {
    let mut options = Options::new(data);
    for name in ["PRAVIS_RATE_LIMIT_PER_SECOND", "PRAVIS_RATE_LIMIT_BURST"] {
        options.settings.push((name, "1000000".to_owned()));
    }
    FunctionsHost::start(options)
}

fn turn(id: Uuid) -> Value {
    json!({"id": id, "type": "chat", "session_id": "s-1", "request_text": format!("{id} ").repeat(30)})
}

/// `pravis replay` on a data folder, which must succeed.
fn replay(data: &Path, arguments: &[&str]) -> String {
    let mut command = pravis();
    command
        .arg("replay")
        .args(arguments)
        .current_dir(repository())
        .env("PRAVIS_DATA_DIR", data);
    let done = finish(&mut command);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
    done.stdout
}

/// Creates, completes and judges a turn while the database is away.
fn spill(client: &mut Client, id: Uuid) {
    client.post("/api/v1/interactions", &turn(id)).expect(202);
    let patch = json!({"response_text": "hi", "tokens_output": 3});
    let path = format!("/api/v1/interactions/{id}");
    client.try_json("PATCH", &path, &patch).unwrap().expect(202);
    let given = json!({"interaction_id": id, "rating": 5});
    client.post("/api/v1/feedback", &given).expect(202);
}

fn check(client: &mut Client, id: Uuid) {
    let stored = client.get(&format!("/api/v1/interactions/{id}")).expect(200);
    let found = (&stored["status"], &stored["rating"], &stored["feedback_count"]);
    assert_eq!(found, (&json!("succeeded"), &json!(5), &json!(1)), "{stored}");
}

#[test]
fn what_was_spilled_is_stored_by_serve_as_soon_as_it_can() {
    let (data, key) = asleep();
    let ids: Vec<_> = (0..5).map(|_| Uuid::now_v7()).collect();
    let mut host = handler(data.path());
    let mut client = host.client().with_key(&key);
    ids.iter().for_each(|id| spill(&mut client, *id));
    assert_eq!(client.get("/api/v1/interactions").status, 503);
    assert_eq!(client.get("/api/health/ready").status, 503);
    host.process.kill();

    wake(data.path());
    let serve = Serve::on(data.path());
    let mut client = Client::new(serve.port).with_key(&key);
    within(PATIENCE, "the last feedback", || {
        let given = client.get("/api/v1/feedback?limit=200").expect(200);
        (given["items"].as_array().unwrap().len() == ids.len()).then_some(())
    });
    ids.iter().for_each(|id| check(&mut client, *id));
    within(PATIENCE, "an empty spill", || {
        replay(data.path(), &["--dry-run"])
            .ends_with("0 writes wait.\n")
            .then_some(())
    });
    assert!(
        !serve.process.stdout().contains("WARN"),
        "{}",
        serve.process.stdout()
    );
}

#[test]
fn replay_shows_what_waits_and_stores_it() {
    let (data, key) = asleep();
    let id = Uuid::now_v7();
    let mut host = handler(data.path());
    let mut client = host.client().with_key(&key);
    spill(&mut client, id);
    client
        .post(
            "/api/v1/interactions",
            &json!({"id": id, "type": "tts", "session_id": "s-2"}),
        )
        .expect(202);
    host.process.kill();

    let mut stuck = pravis();
    stuck
        .args(["replay"])
        .current_dir(repository())
        .env("PRAVIS_DATA_DIR", data.path());
    let stuck = finish(&mut stuck);
    assert_eq!(stuck.code, Some(1), "{stuck:?}");
    stuck.error_line();

    let shown = replay(data.path(), &["--dry-run"]);
    let kinds: Vec<_> = shown.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!(kinds, ["turns", "update", "feedback", "turns"], "{shown}");
    assert!(shown.ends_with("4 writes wait.\n"), "{shown}");
    let line = replay(data.path(), &["--dry-run", "--json"]);
    let first: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["kind"], &first["items"]),
        (&json!("turns"), &json!(1)),
        "{line}"
    );

    wake(data.path());
    let told = replay(data.path(), &[]);
    assert!(told.contains("dead: interaction_conflict"), "{told}");
    assert!(
        told.ends_with("Stored 3, kept 1 as dead letters, 0 wait, 0 failed.\n"),
        "{told}"
    );
    let again: Value = serde_json::from_str(&replay(data.path(), &["--json"])).unwrap();
    assert_eq!(
        again,
        json!({"stored": 0, "dead": 0, "waiting": 0, "failed": 0, "complete": true, "oldest_s": null})
    );
    let host = handler(data.path());
    host.wait_for_store();
    check(&mut host.client().with_key(&key), id);
}

/// Sends until the connection breaks; gives what was acknowledged, with the last acknowledged correction.
fn load(mut client: Client) -> HashMap<Uuid, u64> {
    let mut acknowledged = HashMap::new();
    loop {
        let id = Uuid::now_v7();
        match client.try_json("POST", "/api/v1/interactions", &turn(id)) {
            Ok(answer) => drop(answer.expect(202)),
            Err(_) => return acknowledged,
        }
        acknowledged.insert(id, 0);
        for tokens in 1..=3 {
            let path = format!("/api/v1/interactions/{id}");
            match client.try_json("PATCH", &path, &json!({"tokens_output": tokens})) {
                Ok(answer) => drop(answer.expect(202)),
                Err(_) => return acknowledged,
            }
            acknowledged.insert(id, tokens);
        }
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9_also_while_the_database_is_away() {
    const ROUNDS: usize = 6;
    let mut random = Random::seeded();
    let (data, key) = asleep();
    let mut host = handler(data.path());
    let mut acknowledged = HashMap::new();
    for _ in 0..ROUNDS {
        let moment = Duration::from_millis(random.within(100..1_200));
        std::thread::scope(|scope| {
            let loads: Vec<_> = (0..4)
                .map(|_| {
                    let client = host.client().with_key(&key);
                    scope.spawn(move || load(client))
                })
                .collect();
            // Not a wait for something: the moment of the kill.
            std::thread::sleep(moment);
            host.process.kill();
            for load in loads {
                acknowledged.extend(load.join().unwrap());
            }
        });
        host.restart();
    }
    host.process.kill();
    wake(data.path());
    // The replay is killed, too, and run again.
    for _ in 0..3 {
        let mut command = pravis();
        command.arg("replay").env("PRAVIS_DATA_DIR", data.path());
        let mut process = crate::support::Process::start(&mut command);
        std::thread::sleep(Duration::from_millis(random.within(20..200)));
        process.kill();
    }
    replay(data.path(), &[]);
    let host = handler(data.path());
    host.wait_for_store();
    let mut client = host.client().with_key(&key);
    for (id, tokens) in &acknowledged {
        let stored = client.get(&format!("/api/v1/interactions/{id}")).expect(200);
        let found = stored["tokens_output"].as_u64().unwrap_or(0);
        // A correction may have been kept and its acknowledgement lost.
        assert!(
            found == *tokens || found == tokens + 1,
            "{id}: {found}, not {tokens}"
        );
    }
    eprintln!("{} turns acknowledged", acknowledged.len());
    assert!(acknowledged.len() > ROUNDS);
}
