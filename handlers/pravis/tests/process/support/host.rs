//! A Functions host, as far as its custom handler can tell.

use super::{Body, Client, PATIENCE, Process, pravis};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use uuid::Uuid;

const VERSION: &str = "4.1037.0.0";

/// A port that is free now, found as the host finds it.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// How the host starts its handler.
pub(crate) struct Options {
    pub(crate) binary: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) settings: Vec<(&'static str, String)>,
}

impl Options {
    pub(crate) fn new(data: &Path) -> Self {
        let root = super::repository();
        Self {
            binary: env!("CARGO_BIN_EXE_pravis").into(),
            data: data.to_owned(),
            folder: root.clone(),
            root,
            settings: Vec::new(),
        }
    }

    /// What the host would run for this port.
    pub(crate) fn command(&self, port: &str) -> Command {
        let mut command = pravis();
        let mut other = Command::new(&self.binary);
        if self.binary != Path::new(command.get_program()) {
            super::process::clear(&mut other);
            command = other;
        }
        let worker = Uuid::now_v7().to_string();
        command
            .arg("handler")
            .current_dir(&self.folder)
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port)
            .env("FUNCTIONS_HTTPWORKER_PORT", port)
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &worker)
            .env("FUNCTIONS_HTTPWORKER_ID", &worker)
            .env("FUNCTIONS_APP_ROOT_PATH", &self.root)
            .env("PRAVIS_DATA_DIR", &self.data)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The host with its one child.
pub(crate) struct FunctionsHost {
    options: Options,
    pub(crate) port: u16,
    pub(crate) process: Process,
    /// From the start of the process to its first answer.
    pub(crate) ready_after: Duration,
}

impl FunctionsHost {
    pub(crate) fn start(options: Options) -> Self {
        let port = free_port();
        let (process, ready_after) = started(&options, port);
        Self {
            options,
            port,
            process,
            ready_after,
        }
    }

    /// Kills the child as the host does, and starts it again on the same port.
    pub(crate) fn restart(&mut self) {
        self.process.kill();
        (self.process, self.ready_after) = started(&self.options, self.port);
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.port)
    }

    /// Waits until the store is there.
    pub(crate) fn wait_for_store(&self) {
        let mut client = self.client();
        let path = format!("{}/health/ready", self.prefix());
        super::within(PATIENCE, "a store", || {
            (client.get(&path).status == 200).then_some(())
        });
    }

    fn prefix(&self) -> String {
        let host = std::fs::read(self.options.root.join("host.json")).unwrap();
        let host: serde_json::Value = serde_json::from_slice(&host).unwrap();
        match host["extensions"]["http"]["routePrefix"].as_str().unwrap() {
            "" => String::new(),
            prefix => format!("/{prefix}"),
        }
    }

    /// The headers of a payload invocation.
    pub(crate) fn payload_headers() -> [(&'static str, String); 4] {
        [
            ("X-Azure-Functions-HostVersion", VERSION.to_owned()),
            ("X-Azure-Functions-InvocationId", Uuid::now_v7().to_string()),
            ("User-Agent", format!("Azure-Functions-Host/{VERSION}")),
            ("Content-Type", "application/json; charset=utf-8".to_owned()),
        ]
    }

    /// Sends an envelope.
    pub(crate) fn invoke(&self, function: &str, extra: &[(&str, &str)], body: Body<'_>) -> super::Answer {
        let own = Self::payload_headers();
        let mut headers: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(extra);
        self.client()
            .send("POST", &format!("/{function}"), &headers, body)
            .unwrap()
    }

    /// Passes a client's request on, as the host does when it proxies.
    pub(crate) fn proxy(
        &self,
        client: &mut Client,
        (method, path): (&str, &str),
        extra: &[(&str, &str)],
        body: Body<'_>,
    ) -> super::Answer {
        let id = Uuid::now_v7().to_string();
        let mut headers = vec![
            ("Host", "shop.azurewebsites.net"),
            ("User-Agent", "curl/8.5.0"),
            ("X-Forwarded-For", "203.0.113.7:50122"),
            ("X-Azure-Functions-HostVersion", VERSION),
            ("X-Azure-Functions-InvocationId", &id),
            ("x-ms-invocation-id", &id),
        ];
        headers.extend(extra);
        client.send(method, path, &headers, body).unwrap()
    }
}

/// Starts the child and asks `GET /` every 25 ms, without any header, until something answers.
fn started(options: &Options, port: u16) -> (Process, Duration) {
    let began = Instant::now();
    let mut process = Process::start(&mut options.command(&port.to_string()));
    loop {
        match Client::new(port).send("GET", "/", &[], Body::None) {
            Ok(_) => return (process, began.elapsed()),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{error}"),
        }
        assert!(
            process.ended().is_none(),
            "the handler ended: {}",
            process.stderr()
        );
        assert!(began.elapsed() < PATIENCE, "not ready in time");
        std::thread::sleep(Duration::from_millis(25));
    }
}
