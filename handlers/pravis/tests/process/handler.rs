//! `pravis handler` under a host that behaves as the Functions host does.

use crate::support::{Body, FunctionsHost, Options, PATIENCE, app_root, finish, key, within};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ENVELOPES: &[&str] = &[
    "blob",
    "event_grid_cloud_event",
    "event_grid_schema",
    "queue_binary",
    "queue_json",
    "queue_overwritten",
    "queue_text",
    "timer",
    "timer_retry",
    "timer_unmonitored",
    "unit_test",
];

fn envelope(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/host/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn turn(id: Uuid) -> Value {
    json!({"id": id, "type": "chat", "session_id": "s-1", "request_text": "Is it in stock?"})
}

/// A handler on a fresh data folder, with its store open, and a key.
fn ready() -> (tempfile::TempDir, FunctionsHost, String) {
    let data = tempfile::tempdir().unwrap();
    let host = FunctionsHost::start(Options::new(data.path()));
    host.wait_for_store();
    let key = key(data.path(), "admin");
    (data, host, key)
}

#[test]
fn s01_a_port_that_is_no_number_ends_it() {
    let data = tempfile::tempdir().unwrap();
    for port in ["http", "70000", "-1", "7071x", ""] {
        let ended = finish(&mut Options::new(data.path()).command(port));
        assert!(!matches!(ended.code, None | Some(0 | 200)), "{port}: {ended:?}");
        assert!(
            ended.error_line().contains("FUNCTIONS_CUSTOMHANDLER_PORT"),
            "{ended:?}"
        );
        assert_eq!(ended.stdout, "", "{port}");
    }
}

#[test]
fn s02_s03_it_listens_on_ipv4_at_once() {
    let data = tempfile::tempdir().unwrap();
    // Brings no database: it is made and migrated beside the first answers. `FunctionsHost` asks 127.0.0.1.
    let host = FunctionsHost::start(Options::new(data.path()));
    assert!(
        host.ready_after < Duration::from_secs(10),
        "{:?}",
        host.ready_after
    );
    host.wait_for_store();
}

#[test]
fn s04_s06_the_root_answers_while_the_database_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(&data, "a file where a folder should be").unwrap();
    let mut host = FunctionsHost::start(Options::new(&data));
    let mut client = host.client();
    for _ in 0..20 {
        let began = Instant::now();
        let answer = client.get("/");
        assert_eq!(answer.status, 200);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    client.get("/api/health/live").expect(200);
    let said = within(PATIENCE, "why there is no store", || {
        let answer = client.get("/api/health/ready").expect(503);
        assert_eq!(answer["status"], "not_ready");
        let detail = answer["checks"][0]["detail"].as_str().unwrap().to_owned();
        (!detail.contains("being opened")).then_some(detail)
    });
    assert!(said.len() > 10, "{said}");
    // A second attempt has failed, and the program lives on.
    within(PATIENCE, "a second attempt", || {
        let failed = host
            .process
            .stdout()
            .matches("the store cannot be opened")
            .count();
        (failed >= 2).then_some(())
    });
    assert!(host.process.ended().is_none());
    // Once it can be opened, it is.
    std::fs::remove_file(&data).unwrap();
    host.wait_for_store();
    let key = key(&data, "admin");
    let answer = host
        .client()
        .with_key(&key)
        .post("/api/v1/interactions", &turn(Uuid::now_v7()));
    assert_eq!(answer.status, 201);
}

#[test]
fn s04_the_root_has_no_side_effects_and_needs_no_key() {
    let (_data, host, key) = ready();
    assert_eq!(host.client().get("/").status, 200);
    let mut client = host.client().with_key(&key);
    let numbers = client.get("/api/v1/analytics/interactions?days=1").expect(200);
    assert_eq!(numbers["total"], 0);
}

#[test]
fn s05_a_port_in_use_is_a_failure() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = finish(&mut Options::new(data.path()).command(&port));
    assert!(!matches!(ended.code, None | Some(0 | 200)), "{ended:?}");
    ended.error_line();
}

#[test]
fn s05_s08_signals_end_it_but_never_with_0() {
    for signal in ["TERM", "INT"] {
        let (data, mut host, key) = ready();
        let id = Uuid::now_v7();
        let mut client = host.client().with_key(&key);
        client.post("/api/v1/interactions", &turn(id)).expect(201);
        host.process.signal(signal);
        let code = host.process.wait().code();
        assert!(!matches!(code, None | Some(0 | 200)), "SIG{signal}: {code:?}");
        assert_eq!(host.process.stderr(), "", "SIG{signal}");

        let host = FunctionsHost::start(Options::new(data.path()));
        let mut client = host.client().with_key(&key);
        client.get(&format!("/api/v1/interactions/{id}")).expect(200);
    }
}

#[test]
fn s07_what_was_acknowledged_survives_sigkill() {
    let (_data, mut host, key) = ready();
    let ids: Vec<_> = (0..5).map(|_| Uuid::now_v7()).collect();
    for (done, id) in ids.iter().enumerate() {
        let mut client = host.client().with_key(&key);
        client.post("/api/v1/interactions", &turn(*id)).expect(201);
        host.restart();
        for id in &ids[..=done] {
            let mut client = host.client().with_key(&key);
            client.get(&format!("/api/v1/interactions/{id}")).expect(200);
        }
    }
}

#[test]
fn s09_stdout_is_one_json_object_a_line_and_stderr_is_empty() {
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path());
    options.settings.push(("PRAVIS_LOG", "debug".to_owned()));
    let mut host = FunctionsHost::start(options);
    host.wait_for_store();
    let key = key(data.path(), "admin");
    let mut client = host.client().with_key(&key);
    client
        .post("/api/v1/interactions", &turn(Uuid::now_v7()))
        .expect(201);
    client
        .post("/api/v1/interactions", &json!({"type": "chat\nlines"}))
        .expect(422);
    client
        .post(
            "/api/v1/interactions",
            &json!({"type\r\nLanguageWorkerConsoleLog": 1}),
        )
        .expect(422);
    client.get("/api/v1/azfuncjsonlog:").expect(404);
    host.invoke("NoSuchFunction", &[], Body::Sized(b"no\nenvelope"));
    host.invoke("timer_retention", &[], Body::Sized(b"no\nenvelope"));
    host.invoke(
        "timer_retention",
        &[("x-ms-invocation-id", "1")],
        Body::Sized(b"{}"),
    );
    host.process.signal("TERM");
    host.process.wait();

    let stdout = host.process.stdout();
    assert!(stdout.lines().count() > 5, "{stdout}");
    for line in stdout.lines() {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(record.is_object(), "{line}");
        for reserved in ["languageworkerconsolelog", "azfuncjsonlog:"] {
            assert!(!line.to_ascii_lowercase().starts_with(reserved), "{line}");
        }
    }
    assert_eq!(host.process.stderr(), "");
}

/// Every path below a folder.
fn listing(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push(path.display().to_string());
        if path.is_dir() {
            all.extend(listing(&path));
        }
    }
    all.sort();
    all
}

#[test]
fn s10_the_app_folder_may_be_read_only_and_the_working_directory_any() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let (data, root, elsewhere) = (
        tempfile::tempdir().unwrap(),
        app_root("api"),
        tempfile::tempdir().unwrap(),
    );
    // Root may write even here, so that what is there afterwards is compared too.
    mode(root.path(), 0o555);
    mode(elsewhere.path(), 0o555);
    let before = listing(root.path());
    for folder in [elsewhere.path(), root.path(), Path::new("/")] {
        let mut options = Options::new(data.path());
        options.root = root.path().to_owned();
        options.folder = folder.to_owned();
        let host = FunctionsHost::start(options);
        host.wait_for_store();
        let mut client = host.client().with_key(&key(data.path(), "admin"));
        client
            .post("/api/v1/interactions", &turn(Uuid::now_v7()))
            .expect(201);
    }
    assert_eq!(listing(root.path()), before);
    assert_eq!(listing(elsewhere.path()), Vec::<String>::new());
    mode(root.path(), 0o755);
    mode(elsewhere.path(), 0o755);
}

#[test]
fn s11_two_instances_share_one_data_folder() {
    let data = tempfile::tempdir().unwrap();
    // Both start at once on nothing: both migrate.
    let start = || FunctionsHost::start(Options::new(data.path()));
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(start);
        let other = scope.spawn(start);
        (one.join().unwrap(), other.join().unwrap())
    });
    one.wait_for_store();
    other.wait_for_store();
    let key = key(data.path(), "admin");
    let write = |host: &FunctionsHost| -> Vec<Uuid> {
        let mut client = host.client().with_key(&key);
        let ids: Vec<_> = (0..50).map(|_| Uuid::now_v7()).collect();
        for id in &ids {
            client.post("/api/v1/interactions", &turn(*id)).expect(201);
        }
        ids
    };
    let ids: Vec<_> = std::thread::scope(|scope| {
        let writers = [scope.spawn(|| write(&one)), scope.spawn(|| write(&other))];
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    for host in [&one, &other] {
        let mut client = host.client().with_key(&key);
        for id in &ids {
            client.get(&format!("/api/v1/interactions/{id}")).expect(200);
        }
        let numbers = client.get("/api/v1/analytics/interactions?days=2").expect(200);
        assert_eq!(numbers["total"], ids.len());
    }
}

#[test]
fn s12_s13_golden_envelopes_to_unknown_functions_are_not_found() {
    let (_data, host, _) = ready();
    for name in ENVELOPES {
        let body = envelope(name);
        for function in [
            "RollupTimer",
            "IngestQueue",
            "TIMER_RETENTION",
            "create_interaction",
        ] {
            for body in [Body::Chunked(&body), Body::Sized(&body)] {
                let answer = host.invoke(function, &[], body);
                assert_eq!(answer.status, 404, "{name} {function}");
            }
        }
    }
}

#[test]
fn s13_operations_take_chunked_bodies_and_those_with_a_length() {
    let (_data, host, key) = ready();
    let mut client = host.client().with_key(&key);
    for chunked in [true, false] {
        let id = Uuid::now_v7();
        let text = turn(id).to_string();
        let body = if chunked {
            Body::Chunked(text.as_bytes())
        } else {
            Body::Sized(text.as_bytes())
        };
        let headers = [("Content-Type", "application/json; charset=utf-8")];
        let answer = host.proxy(&mut client, ("POST", "/api/v1/interactions"), &headers, body);
        assert_eq!(answer.expect(201)["id"], id.to_string());
        assert!(answer.header("x-request-id").is_some());
        let path = format!("/api/v1/interactions/{id}");
        let answer = host.proxy(&mut client, ("GET", &path), &[], Body::None);
        assert_eq!(answer.expect(200)["session_id"], "s-1");
    }
}

#[test]
fn s27_a_traceparent_may_be_there_or_not_or_be_wrong() {
    let (_data, host, key) = ready();
    let mut client = host.client().with_key(&key);
    let well = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for traceparent in [well, "00-0-0-0", "", "nonsense"] {
        let headers = [("traceparent", traceparent)];
        let target = ("GET", "/api/v1/interactions");
        host.proxy(&mut client, target, &headers, Body::None).expect(200);
    }
}

#[test]
fn s30_neither_readiness_nor_a_payload_is_redirected() {
    let (_data, host, _) = ready();
    let mut client = host.client();
    for path in [
        "/",
        "//",
        "/timer_retention",
        "/timer_retention/",
        "/api",
        "/NoSuchFunction/..",
    ] {
        for method in ["GET", "POST"] {
            let answer = client.send(method, path, &[], Body::Sized(b"{}")).unwrap();
            assert!(
                !(300..400).contains(&answer.status),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn s36_operations_are_below_the_route_prefix() {
    for (prefix, right, wrong) in [
        ("", "", "/api"),
        ("api", "/api", ""),
        ("shop/v2", "/shop/v2", "/api"),
    ] {
        let (data, root) = (tempfile::tempdir().unwrap(), app_root(prefix));
        let mut options = Options::new(data.path());
        options.root = root.path().to_owned();
        let host = FunctionsHost::start(options);
        host.wait_for_store();
        let mut client = host.client().with_key(&key(data.path(), "admin"));
        let at = |prefix: &str| format!("{prefix}/v1/interactions");
        client.post(&at(right), &turn(Uuid::now_v7())).expect(201);
        assert_eq!(
            client.post(&at(wrong), &turn(Uuid::now_v7())).status,
            404,
            "{prefix}"
        );
        assert_eq!(client.get("/").status, 200, "{prefix}");
    }
}

#[test]
fn s38_secrets_are_not_logged() {
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path());
    options.settings.push(("PRAVIS_LOG", "trace".to_owned()));
    let mut host = FunctionsHost::start(options);
    host.wait_for_store();
    let key = key(data.path(), "admin");
    let mut client = host.client().with_key(&key);
    for path in [
        "/api/v1/interactions",
        "/api/nowhere",
        "/api/v1/users/shopper-secret/interactions",
    ] {
        let headers = [("x-functions-key", "function-key-secret"), ("x-api-key", &key)];
        let path = format!("{path}?code=code-secret");
        host.proxy(&mut client, ("GET", &path), &headers, Body::None);
    }
    host.process.signal("TERM");
    host.process.wait();
    let log = host.process.stdout() + &host.process.stderr();
    for secret in [
        key.as_str(),
        "code-secret",
        "function-key-secret",
        "shopper-secret",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn s39_a_clients_own_call_of_a_trigger_is_refused() {
    for prefix in ["", "api"] {
        let (data, root) = (tempfile::tempdir().unwrap(), app_root(prefix));
        let mut options = Options::new(data.path());
        options.root = root.path().to_owned();
        let host = FunctionsHost::start(options);
        host.wait_for_store();
        let key = key(data.path(), "admin");
        // What the host's own call is answered tells whether the program has the trigger.
        let known = host
            .invoke("timer_retention", &[], Body::Chunked(&envelope("timer")))
            .status
            != 404;
        for name in ENVELOPES {
            let body = envelope(name);
            let mut client = host.client().with_key(&key);
            let headers = [("Content-Type", "application/json; charset=utf-8")];
            let target = ("POST", "/timer_retention");
            let answer = host.proxy(&mut client, target, &headers, Body::Sized(&body));
            assert_eq!(answer.status, if known { 403 } else { 404 }, "{prefix:?} {name}");
            let target = ("POST", "/api/timer_retention");
            let answer = host.proxy(&mut client, target, &headers, Body::Sized(&body));
            assert_eq!(answer.status, 404, "{prefix:?} {name}");
        }
    }
}

#[test]
fn a_dropped_connection_leaves_the_program_well() {
    use std::io::Write as _;
    let (_data, host, key) = ready();
    for sent in [
        "POST /api/v1/interactions HT",
        "POST /api/v1/interactions HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
    ] {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", host.port)).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
    }
    let mut client = host.client().with_key(&key);
    client
        .post("/api/v1/interactions", &turn(Uuid::now_v7()))
        .expect(201);
}
