//! Just enough of HTTP/1.1 to know where an answer ends. A whole client would take the processor time of the server
//! that it measures, since both share the machine.

use std::io;

/// An answer's head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Length of the head, with its empty line.
    pub(super) length: usize,
    /// Length of the body that follows.
    pub(super) body: usize,
}

/// Reads the head at the start of `bytes`; `None` while it is not all there.
pub(super) fn parse(bytes: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| fault("the head is not text"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| fault("not an HTTP/1.1 answer"))?;
    let mut body = None;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            body = Some(
                value
                    .trim()
                    .parse()
                    .map_err(|_| fault("content-length is no number"))?,
            );
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(fault(
                "chunked answers are not read: the bench expects content-length",
            ));
        }
    }
    let body = match body {
        Some(length) => length,
        None if matches!(status, 204 | 304) => 0,
        None => return Err(fault("no content-length")),
    };
    Ok(Some(Head {
        status,
        length: end + 4,
        body,
    }))
}

fn fault(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_length() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 12\r\netag: \"a:b\"\r\n\r\n{\"id\":\"some";
        assert_eq!(
            parse(text).unwrap(),
            Some(Head {
                status: 201,
                length: 57,
                body: 12
            })
        );
        for cut in 0..56 {
            assert_eq!(parse(&text[..cut]).unwrap(), None, "cut at {cut}");
        }
    }

    #[test]
    fn no_content_has_no_body() {
        let head = parse(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().unwrap();
        assert_eq!((head.status, head.body), (204, 0));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(parse(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
        assert!(parse(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n").is_err());
    }
}
