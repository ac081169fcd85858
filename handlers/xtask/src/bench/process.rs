//! A server as a real process: started, found, asked until it is ready, and ended as a person would.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::client::{self, Connection};
use super::memory::{self, Memory};
use crate::{Outcome, workspace};

const START_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// How many of its last lines are shown when a server fails.
const KEPT_LINES: usize = 20;

/// A running server.
pub(super) struct Server {
    child: Child,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// The key that it printed, if this was its first start.
    pub(super) key: Option<String>,
    /// From just before the process was made to the first 200 of `/api/health/ready`.
    pub(super) ready_after: Duration,
}

/// The program, set up as every measurement wants it: on this data, on a free port, without a rate limit, and with
/// nothing that the person's own environment says about it.
pub(super) fn pravis(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let ours = ["PRAVIS_", "APPLICATIONINSIGHTS_", "OTEL_"];
        if ours.iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            command.env_remove(name);
        }
    }
    command
        .current_dir(workspace::root())
        .env("PRAVIS_ADDRESS", "127.0.0.1:0")
        .env("PRAVIS_DATA_DIR", data)
        .env("PRAVIS_RATE_LIMIT_PER_SECOND", "1000000")
        .env("PRAVIS_RATE_LIMIT_BURST", "1000000");
    command
}

/// Runs a command of the program to its end and answers what it printed.
pub(super) fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|fault| format!("{command:?}: {fault}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

impl Server {
    /// Starts the command and waits until it is ready.
    pub(super) fn start(command: &mut Command, runtime: &Runtime) -> Outcome<Self> {
        let spawned = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("{command:?}: {fault}"))?;
        let (sender, found) = channel();
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        watch(child.stdout.take(), sender.clone(), Arc::clone(&last_lines));
        watch(child.stderr.take(), sender, Arc::clone(&last_lines));

        // From here on a failure must end the process too, which is what dropping a `Server` does.
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self {
            child,
            address: unknown,
            key: None,
            ready_after: Duration::ZERO,
        };
        server.become_ready(&found, spawned, runtime).map_err(|fault| {
            let lines = last_lines
                .lock()
                .map(|lines| Vec::from_iter(lines.iter().cloned()).join("\n"));
            format!(
                "{command:?} does not start: {fault}\n{}",
                lines.unwrap_or_default()
            )
        })?;
        Ok(server)
    }

    fn become_ready(&mut self, found: &Receiver<Found>, spawned: Instant, runtime: &Runtime) -> Outcome<()> {
        while self.address.port() == 0 {
            match found.recv_timeout(START_WITHIN)? {
                Found::Address(address) => self.address = address,
                Found::Key(key) => self.key = Some(key),
            }
        }
        while !runtime.block_on(is_ready(self.address)) {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("it ended with {status}").into());
            }
            if spawned.elapsed() > START_WITHIN {
                return Err("it was not ready within a minute".into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.ready_after = spawned.elapsed();
        // The key is printed near the address; whichever came first, it is in by now or soon.
        while self.key.is_none()
            && let Ok(more) = found.recv_timeout(Duration::from_millis(200))
        {
            if let Found::Key(key) = more {
                self.key = Some(key);
            }
        }
        Ok(())
    }

    /// Its memory, as the kernel counts it.
    pub(super) fn memory(&self) -> Memory {
        Memory::of(self.child.id())
    }

    /// The time that its threads have computed for so far; the ones that have ended too.
    pub(super) fn cpu(&self) -> Outcome<Duration> {
        memory::cpu(self.child.id())
    }

    /// Interrupts it, as Ctrl-C does, and waits for a clean end.
    pub(super) fn stop(mut self) -> Outcome<()> {
        interrupt(&self.child)?;
        let asked = Instant::now();
        while asked.elapsed() < STOP_WITHIN {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(format!("after an interrupt the server ended with {status}").into());
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("the server did not end after an interrupt".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail harmlessly when the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) -> Outcome<()> {
    use rustix::process::{Pid, Signal, kill_process};
    Ok(kill_process(Pid::from_child(child), Signal::INT)?)
}

#[cfg(not(unix))]
fn interrupt(_child: &Child) -> Outcome<()> {
    Err("only Unix can interrupt a process".into())
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut connection = Connection::open(address).await?;
        connection
            .send(&client::get("/api/health/ready", ""))
            .await
            .map(|answer| answer.status == 200)
    };
    asked.await.unwrap_or(false)
}

enum Found {
    Address(SocketAddr),
    Key(String),
}

/// Reads a stream to its end, so that the server never blocks on a full pipe, and reports what is looked for.
fn watch(
    stream: Option<impl Read + Send + 'static>,
    found: Sender<Found>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is up.
            if let Some(address) = address_in(&line) {
                let _ = found.send(Found::Address(address));
            }
            if let Some(key) = key_in(&line) {
                let _ = found.send(Found::Key(key));
            }
            if let Ok(mut lines) = last_lines.lock() {
                lines.push_back(line);
                if lines.len() > KEPT_LINES {
                    lines.pop_front();
                }
            }
        }
    });
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let after = line.split_once("http://127.0.0.1:")?.1;
    let digits = after
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(after.len());
    Some(SocketAddr::from(([127, 0, 0, 1], after[..digits].parse().ok()?)))
}

/// A key is long; `pravis_data` and the like are not.
fn key_in(line: &str) -> Option<String> {
    line.match_indices("pravis_").find_map(|(start, prefix)| {
        let rest = &line[start + prefix.len()..];
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        (end >= 32).then(|| line[start..start + prefix.len() + end].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_address_and_key_in_what_a_person_reads() {
        let line = "  curl -H 'Authorization: Bearer pravis_0123456789abcdefghijABCDEFGHIJ0123456789xyz' http://127.0.0.1:7071/api";
        assert_eq!(address_in(line), Some(SocketAddr::from(([127, 0, 0, 1], 7071))));
        assert_eq!(
            key_in(line).as_deref(),
            Some("pravis_0123456789abcdefghijABCDEFGHIJ0123456789xyz")
        );
        assert_eq!(key_in("made the folder pravis_data"), None);
        assert_eq!(address_in("listening on 0.0.0.0"), None);
    }
}
