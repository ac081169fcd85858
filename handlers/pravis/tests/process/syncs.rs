//! Each acknowledgement comes after a sync: a kill alone would pass with `synchronous=OFF`, since the system keeps what
//! was written.

use crate::support::{PATIENCE, Serve, pravis, repository, within};
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// What the trace tells, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    /// A request to store something came in on a socket.
    Request(String),
    /// The log was written to.
    Write,
    SyncBegins(String),
    /// Successfully.
    SyncEnds(String),
    /// 201 went out on a socket.
    Acknowledgement(String),
}

/// Reads `strace -f -y` line by line. Calls that another thread's interrupt stand in two halves.
fn parse(trace: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut halves: HashMap<String, String> = HashMap::new();
    for line in trace.lines() {
        // `4711  1700000000.000001 fsync(…`: thread ids are filled up with spaces.
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let Some((_time, call)) = rest.trim_start().split_once(' ') else {
            continue;
        };
        if let Some(half) = call.strip_suffix(" <unfinished ...>") {
            begin(thread, half, &mut events);
            halves.insert(thread.to_owned(), half.to_owned());
        } else if call.starts_with("<... ") {
            if let Some(first) = halves.remove(thread) {
                end(thread, &format!("{first}{}", after_resumed(call)), &mut events);
            }
        } else {
            begin(thread, call, &mut events);
            end(thread, call, &mut events);
        }
    }
    events
}

fn after_resumed(call: &str) -> &str {
    call.split_once("resumed>").map_or("", |(_, rest)| rest)
}

fn is_log(call: &str) -> bool {
    call.contains(".db-wal>")
}

fn is_sync(call: &str) -> bool {
    call.starts_with("fsync(") || call.starts_with("fdatasync(")
}

/// `9<socket:[4711]>` of a call on a socket.
fn socket(call: &str) -> Option<String> {
    let rest = call.split_once('(')?.1;
    let (descriptor, _) = rest.split_once('>')?;
    (descriptor.contains("<socket:") || descriptor.contains("<TCP:")).then(|| descriptor.to_owned())
}

/// An answer counts from where its call begins.
fn begin(thread: &str, call: &str, events: &mut Vec<Event>) {
    if is_sync(call) && is_log(call) {
        events.push(Event::SyncBegins(thread.to_owned()));
    }
    let sends = ["write(", "writev(", "sendto("]
        .iter()
        .any(|name| call.starts_with(name));
    if sends
        && call.contains("\"HTTP/1.1 201")
        && let Some(socket) = socket(call)
    {
        events.push(Event::Acknowledgement(socket));
    }
}

/// A request, a write and a sync count from where they end.
fn end(thread: &str, call: &str, events: &mut Vec<Event>) {
    let receives = call.starts_with("read(") || call.starts_with("recvfrom(");
    if receives
        // The first read of a connection takes 24 bytes, no more.
        && call.contains("\"POST /api/v1/interaction")
        && let Some(socket) = socket(call)
    {
        events.push(Event::Request(socket));
    } else if call.starts_with("pwrite64(") && is_log(call) {
        events.push(Event::Write);
    } else if is_sync(call) && is_log(call) && call.trim_end().ends_with("= 0") {
        events.push(Event::SyncEnds(thread.to_owned()));
    }
}

/// What a trace adds up to.
#[derive(Debug, Default)]
struct Count {
    acknowledgements: usize,
    syncs: usize,
    faults: Vec<String>,
}

/// An acknowledgement is right when, since its request came in, the log was written to and a sync that began after that
/// write has ended. When `alone` there is one request at a time: then nothing that was written may be left without a sync.
fn count(events: &[Event], alone: bool) -> Count {
    let mut count = Count::default();
    let mut requests: HashMap<&str, usize> = HashMap::new();
    let mut begun: HashMap<&str, usize> = HashMap::new();
    // Places in the trace: of every write, and of every sync from where to where.
    let mut writes = Vec::new();
    let mut syncs: Vec<(usize, usize)> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        match event {
            Event::Request(socket) => drop(requests.insert(socket, place)),
            Event::Write => writes.push(place),
            Event::SyncBegins(thread) => drop(begun.insert(thread, place)),
            Event::SyncEnds(thread) => {
                syncs.extend(begun.remove(thread.as_str()).map(|from| (from, place)));
                count.syncs += 1;
            }
            Event::Acknowledgement(socket) => {
                count.acknowledgements += 1;
                let Some(request) = requests.remove(socket.as_str()) else {
                    count.faults.push(format!("{place}: no request on {socket}"));
                    continue;
                };
                let mine: Vec<_> = writes.iter().copied().filter(|write| *write > request).collect();
                let must_be_synced = if alone { mine.last() } else { mine.first() };
                let synced = must_be_synced.is_some_and(|write| syncs.iter().any(|(from, _)| from > write));
                if !synced {
                    count.faults.push(format!("{place}: acknowledged before a sync"));
                }
            }
        }
    }
    count
}

const GOOD: &str = r#"
10 1.000001 recvfrom(9<socket:[4711]>, "POST /api/v1/interactions HTTP/1"..., 8192, 0, NULL, NULL) = 900
11    1.000002 pwrite64(12</d/pravis.db-wal>, "7\177\6\202"..., 32, 0) = 32
11 1.000003 pwrite64(12</d/pravis.db-wal>, "\0"..., 4096, 56 <unfinished ...>
10 1.000004 read(7<anon_inode:[eventfd]>, "\1"..., 8) = 8
11 1.000005 <... pwrite64 resumed>) = 4096
11 1.000006 fdatasync(12</d/pravis.db-wal> <unfinished ...>
10 1.000007 recvfrom(9<socket:[4711]>, 0x7f, 8192, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
11 1.000008 <... fdatasync resumed>) = 0
10 1.000009 sendto(9<socket:[4711]>, "HTTP/1.1 201 Created\r\nconten"..., 900, MSG_NOSIGNAL, NULL, 0) = 900
"#;

#[test]
fn a_trace_with_syncs_is_right() {
    let count = count(&parse(GOOD), true);
    assert_eq!((count.acknowledgements, count.syncs), (1, 1), "{count:?}");
    assert!(count.faults.is_empty(), "{count:?}");
}

#[test]
fn the_absence_of_a_sync_is_noticed() {
    let without = |left_out: &str| -> String {
        let kept = GOOD.lines().filter(|line| !line.contains(left_out));
        kept.collect::<Vec<_>>().join("\n")
    };
    let failed = GOOD.replace(
        "<... fdatasync resumed>) = 0",
        "<... fdatasync resumed>) = -1 EIO (Input/output error)",
    );
    let elsewhere = GOOD.replace("fdatasync(12</d/pravis.db-wal>", "fdatasync(12</d/pravis.db>");
    // The write ends only after the sync has begun.
    let early = without("<... pwrite64 resumed>").replace(
        "11 1.000008 <... fdatasync",
        "12 1.000007 pwrite64(12</d/pravis.db-wal>, \"\\0\"..., 4096, 99) = 4096\n11 1.000008 <... fdatasync",
    );
    // The answer begins while the sync is under way.
    let late = {
        let mut lines: Vec<_> = GOOD.lines().collect();
        let (last, before) = (lines.len() - 1, lines.len() - 2);
        lines.swap(last, before);
        lines.join("\n")
    };
    for trace in [
        without("fdatasync"),
        failed,
        elsewhere,
        early,
        late,
        without("pwrite64"),
    ] {
        let count = count(&parse(&trace), true);
        assert_eq!((count.acknowledgements, count.faults.len()), (1, 1), "{trace}");
    }
}

/// `pravis serve` under strace, which stands beside it (`-D`) so that the program itself is our child.
fn traced(data: &Path, file: &Path) -> Command {
    let mut command = Command::new("strace");
    let calls = "trace=fsync,fdatasync,sendto,write,writev,pwrite64,read,recvfrom";
    command
        .args(["-D", "-f", "-y", "-ttt", "-s", "48", "-e", calls, "-o"])
        .arg(file)
        .arg(pravis().get_program())
        .arg("serve")
        .current_dir(repository());
    let plain = Serve::command(data);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs `work` against a traced `serve`, ends it, and reads the trace.
fn trace(work: impl FnOnce(&Serve)) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("trace"));
    let mut serve = Serve::start(&mut traced(&data, &file));
    // The first use of a key is noted in the database beside the request: not in the middle of what is counted.
    serve.client().get("/api/v1/interactions").expect(200);
    let database = rusqlite::Connection::open(data.join("pravis.db")).unwrap();
    within(PATIENCE, "the note of the key's use", || {
        let sql = "SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL";
        let noted: u64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
        (noted == 1).then_some(())
    });
    drop(database);
    work(&serve);
    serve.process.signal("INT");
    assert_eq!(serve.process.wait().code(), Some(0));
    let text = within(PATIENCE, "the end of the trace", || {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        text.contains(&format!("{} ", serve.process.id()))
            .then_some(())
            .and_then(|()| text.contains("+++ exited with 0 +++").then_some(text))
    });
    parse(&text)
}

#[test]
#[ignore = "needs strace"]
fn one_after_the_other_each_acknowledgement_has_a_sync_of_its_own() {
    const TURNS: usize = 50;
    let events = trace(|serve| {
        let mut client = serve.client();
        for _ in 0..TURNS {
            let turn = json!({"type": "chat", "session_id": "s-1"});
            client.post("/api/v1/interactions", &turn).expect(201);
        }
    });
    let count = count(&events, true);
    assert_eq!(count.acknowledgements, TURNS, "{count:?}");
    assert!(count.faults.is_empty(), "{count:?}");
    assert!(count.syncs >= TURNS, "{count:?}");
}

#[test]
#[ignore = "needs strace"]
fn side_by_side_each_acknowledgement_comes_after_a_sync() {
    const CLIENTS: usize = 8;
    const TURNS: usize = 15;
    let events = trace(|serve| {
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let mut client = serve.client();
                scope.spawn(move || {
                    for turn in 0..TURNS {
                        let item = json!({"type": "chat", "session_id": "s-1"});
                        if turn % 3 == 0 {
                            let batch = json!({"items": [item, item]});
                            client.post("/api/v1/interactions/batch", &batch).expect(201);
                        } else {
                            client.post("/api/v1/interactions", &item).expect(201);
                        }
                    }
                });
            }
        });
    });
    let count = count(&events, false);
    assert_eq!(count.acknowledgements, CLIENTS * TURNS, "{count:?}");
    assert!(count.faults.is_empty() && count.syncs > 0, "{count:?}");
}
