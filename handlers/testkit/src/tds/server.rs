//! The server: its script, and what it saw.

use super::channel;
use super::login::Login;
use super::reply::{LoginReply, Reply};
use super::request::Statement;
use super::session;
use rustls::ServerConfig;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// A scripted server on a port of its own; it ends when it is dropped.
///
/// Without a script every login is accepted, and every statement done.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

pub(super) struct Shared {
    state: Mutex<State>,
    /// None where the server says that it cannot encrypt.
    tls: Option<Arc<ServerConfig>>,
    /// Changes when all connections have to end.
    cut: watch::Sender<()>,
}

struct State {
    login_queue: VecDeque<LoginReply>,
    queue: VecDeque<Reply>,
    on_login: Box<dyn FnMut(&Login) -> LoginReply + Send>,
    on_statement: Box<dyn FnMut(&Statement) -> Reply + Send>,
    logins: Vec<Login>,
    statements: Vec<Statement>,
    open: usize,
}

impl Server {
    /// Starts one.
    pub async fn start() -> Self {
        Self::with(Some(channel::self_signed())).await
    }

    /// Starts one that says it cannot encrypt, as somebody in between would.
    pub async fn start_in_the_open() -> Self {
        Self::with(None).await
    }

    async fn with(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                login_queue: VecDeque::new(),
                queue: VecDeque::new(),
                on_login: Box::new(|_| LoginReply::Accept),
                on_statement: Box::new(|_| Reply::done()),
                logins: Vec::new(),
                statements: Vec::new(),
                open: 0,
            }),
            tls,
            cut: watch::Sender::new(()),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How a client with a token gets to it.
    pub fn connection_string(&self) -> String {
        let port = self.address.port();
        format!("Server=tcp:127.0.0.1,{port};Database=pravis;TrustServerCertificate=true")
    }

    /// How a client with a password gets to it.
    pub fn connection_string_of(&self, user: &str, password: &str) -> String {
        format!("{};User ID={user};Password={password}", self.connection_string())
    }

    /// What becomes of the next login for which nothing was said yet.
    pub fn then_login(&self, reply: LoginReply) {
        self.shared.state().login_queue.push_back(reply);
    }

    /// What the next statement for which nothing was said yet is answered with.
    pub fn then(&self, reply: Reply) {
        self.shared.state().queue.push_back(reply);
    }

    /// What becomes of all other logins.
    pub fn on_login(&self, decide: impl FnMut(&Login) -> LoginReply + Send + 'static) {
        self.shared.state().on_login = Box::new(decide);
    }

    /// What all other statements are answered with.
    pub fn on_statement(&self, decide: impl FnMut(&Statement) -> Reply + Send + 'static) {
        self.shared.state().on_statement = Box::new(decide);
    }

    /// Hangs up on everybody.
    pub fn cut(&self) {
        self.shared.cut.send_replace(());
    }

    /// All logins so far, the refused ones as well.
    pub fn logins(&self) -> Vec<Login> {
        self.shared.state().logins.clone()
    }

    /// All statements so far.
    pub fn statements(&self) -> Vec<Statement> {
        self.shared.state().statements.clone()
    }

    /// How many statements arrived: each costs its client a round trip.
    pub fn round_trips(&self) -> usize {
        self.shared.state().statements.len()
    }

    /// How many sessions are logged in.
    pub fn open_sessions(&self) -> usize {
        self.shared.state().open
    }

    /// Waits until so many sessions are logged in; a client's hanging up takes a moment to arrive.
    pub async fn until_open_sessions(&self, count: usize) {
        until(|| self.open_sessions() == count, "open sessions").await;
    }

    /// Waits until so many statements arrived.
    pub async fn until_round_trips(&self, count: usize) {
        until(|| self.round_trips() >= count, "round trips").await;
    }

    /// Waits until so many clients tried to log in.
    pub async fn until_logins(&self, count: usize) {
        until(|| self.logins().len() >= count, "logins").await;
    }
}

async fn until(reached: impl Fn() -> bool, what: &str) {
    let end = Instant::now() + Duration::from_secs(10);
    while !reached() {
        assert!(
            Instant::now() < end,
            "the number of {what} did not become what it should"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    for connection in 0.. {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        while sessions.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        let mut cut = shared.cut.subscribe();
        sessions.spawn(async move {
            tokio::select! {
                _ = session::serve(stream, connection, &shared) => {}
                _ = cut.changed() => {}
            }
        });
    }
}

impl Shared {
    pub(super) fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.clone()
    }

    pub(super) fn login(&self, login: Login) -> LoginReply {
        let mut state = self.state();
        let queued = state.login_queue.pop_front();
        let reply = queued.unwrap_or_else(|| (state.on_login)(&login));
        state.logins.push(login);
        reply
    }

    pub(super) fn statement(&self, statement: Statement) -> Reply {
        let mut state = self.state();
        let queued = state.queue.pop_front();
        let reply = queued.unwrap_or_else(|| (state.on_statement)(&statement));
        state.statements.push(statement);
        reply
    }

    /// Counts a session as open for as long as the answer lives.
    pub(super) fn opened(&self) -> Open<'_> {
        self.state().open += 1;
        Open(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

pub(super) struct Open<'a>(&'a Shared);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}
