//! A mail server (RFC 5321, AUTH PLAIN of RFC 4954): it keeps the mails that it takes, and fails where a test says.

use crate::served::Served;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Where the server does not do what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailMood {
    /// It takes every mail.
    Takes,
    /// It answers this command (`AUTH`, `MAIL`, `RCPT`, `DATA`, or `.` for the mail itself) with this line.
    Answers(&'static str, &'static str),
    /// It never answers this command.
    Hangs(&'static str),
    /// It ends the connection at this command.
    Cuts(&'static str),
}

/// A mail as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What the client said after AUTH, if anything.
    pub login: Option<String>,
    /// The sender.
    pub from: String,
    /// The readers.
    pub to: Vec<String>,
    /// The mail itself, without the stuffing of dots.
    pub text: String,
}

impl Received {
    /// The value of a header, its continued lines joined; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let head = head.replace("\r\n ", " ");
        let mut values = head.lines().filter_map(|line| line.split_once(": "));
        let found = values.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

/// A mail server without TLS.
pub struct MailServer {
    shared: Arc<Shared>,
    served: Served,
}

struct Shared {
    mood: Mutex<MailMood>,
    received: Mutex<Vec<Received>>,
    commands: Mutex<Vec<String>>,
}

impl MailServer {
    /// A server that takes every mail.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            mood: Mutex::new(MailMood::Takes),
            received: Mutex::default(),
            commands: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        let served = Served::by(|listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&own);
                tokio::spawn(async move {
                    let _ = talk(stream, &shared).await;
                });
            }
        });
        Self { shared, served }
    }

    /// Where it is: host and port.
    pub fn address(&self) -> String {
        self.served.address.to_string()
    }

    /// Behaves differently from now on.
    pub fn be(&self, mood: MailMood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    /// The mails that it took, in order.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The commands that it was given, without what follows them.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    let mut mail = Received {
        login: None,
        from: String::new(),
        to: Vec::new(),
        text: String::new(),
    };
    loop {
        let line = read_line(&mut stream).await?;
        let command = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        shared.commands.lock().unwrap().push(command.clone());
        let rest = line.split_once(' ').map(|(_, rest)| rest).unwrap_or_default();
        if let Some(answer) = asked(shared, &command).await? {
            stream.write_all(answer.as_bytes()).await?;
            continue;
        }
        let answer = match command.as_str() {
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "AUTH" => {
                mail.login = Some(rest.to_owned());
                "235 welcome\r\n"
            }
            "MAIL" => {
                mail.from = address(rest);
                "250 ok\r\n"
            }
            "RCPT" => {
                mail.to.push(address(rest));
                "250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.text = read_mail(&mut stream).await?;
                match asked(shared, ".").await? {
                    Some(answer) => {
                        stream.write_all(answer.as_bytes()).await?;
                        continue;
                    }
                    None => {
                        shared.received.lock().unwrap().push(mail.clone());
                        "250 taken\r\n"
                    }
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "RSET" | "NOOP" => "250 ok\r\n",
            _ => "502 what?\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// What the test wants to be said to a command; an error ends the connection.
async fn asked(shared: &Shared, command: &str) -> std::io::Result<Option<String>> {
    let mood = shared.mood.lock().unwrap().clone();
    match mood {
        MailMood::Answers(at, line) if at == command => Ok(Some(format!("{line}\r\n"))),
        MailMood::Hangs(at) if at == command => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(None)
        }
        MailMood::Cuts(at) if at == command => Err(std::io::ErrorKind::ConnectionAborted.into()),
        _ => Ok(None),
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

async fn read_mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line);
        if line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What stands between the angle brackets.
fn address(rest: &str) -> String {
    let inside = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(inside, _)| inside.to_owned()).unwrap_or_default()
}
