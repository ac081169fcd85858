//! The tokens that answers are made of (2.2.7).

use super::bytes::to_utf16;
use super::table::{Cell, Table, Type};

const DONE_MORE: u16 = 0x01;
const DONE_ERROR: u16 = 0x02;

/// The way back in PRELOGIN (2.2.6.5): the version, encryption on or not supported, and that a token will do where the
/// client asks.
pub(super) fn prelogin(encrypts: bool, asks_for_token: bool) -> Vec<u8> {
    let encryption = if encrypts { &[0x01] } else { &[0x02] };
    let mut options: Vec<(u8, &[u8])> = vec![(0x00, &[16, 0, 0x10, 0, 0, 0]), (0x01, encryption)];
    if asks_for_token {
        options.push((0x06, &[0x01]));
    }
    let mut offset = u16::try_from(options.len() * 5 + 1).unwrap();
    let (mut table, mut values) = (Vec::new(), Vec::new());
    for (option, value) in options {
        let length = u16::try_from(value.len()).unwrap();
        table.push(option);
        table.extend(offset.to_be_bytes());
        table.extend(length.to_be_bytes());
        values.extend_from_slice(value);
        offset += length;
    }
    table.push(0xff);
    table.extend(values);
    table
}

/// LOGINACK of TDS 7.4, FEATUREEXTACK where a token came, DONE.
pub(super) fn login_ack(by_token: bool) -> Vec<u8> {
    let mut body = vec![0x01, 0x74, 0x00, 0x00, 0x04];
    body.extend(short("double"));
    body.extend([16, 0, 0x10, 0]);
    let mut tokens = with_length(0xad, &body);
    if by_token {
        tokens.extend([0xae, 0x02, 0, 0, 0, 0, 0xff]);
    }
    tokens.extend(done(0xfd, 0));
    tokens
}

/// ENVCHANGE that sends the client elsewhere, after which the login is acknowledged all the same.
pub(super) fn routing(host: &str, port: u16) -> Vec<u8> {
    let mut value = vec![0x00];
    value.extend(port.to_le_bytes());
    value.extend(long(host));
    let mut body = vec![20];
    body.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    body.extend(value);
    body.extend([0, 0]);
    with_length(0xe3, &body)
}

/// ERROR.
pub(super) fn error(number: u32, message: &str) -> Vec<u8> {
    let mut body = number.to_le_bytes().to_vec();
    // State and class.
    body.extend([1, 16]);
    body.extend(long(message));
    body.extend(short("double"));
    body.extend(short(""));
    body.extend(1_u32.to_le_bytes());
    with_length(0xaa, &body)
}

/// The end of an answer, DONE for a batch and DONEPROC for a call.
pub(super) fn end(of_call: bool, failed: bool) -> Vec<u8> {
    done(
        if of_call { 0xfe } else { 0xfd },
        if failed { DONE_ERROR } else { 0 },
    )
}

/// COLMETADATA, ROWs, and DONEINPROC.
pub(super) fn table(table: &Table) -> Vec<u8> {
    let mut tokens = vec![0x81];
    tokens.extend(u16::try_from(table.columns.len()).unwrap().to_le_bytes());
    for (name, of) in &table.columns {
        // The user's type, and that it may be null.
        tokens.extend([0, 0, 0, 0, 0x01, 0x00]);
        tokens.extend(type_info(*of));
        tokens.extend(short(name));
    }
    for row in &table.rows {
        tokens.push(0xd1);
        for (cell, (_, of)) in row.iter().zip(&table.columns) {
            tokens.extend(value(cell, *of));
        }
    }
    tokens.extend(done(0xff, DONE_MORE));
    tokens
}

fn type_info(of: Type) -> Vec<u8> {
    match of {
        Type::Bit => vec![0x68, 1],
        Type::TinyInt => vec![0x26, 1],
        Type::Int => vec![0x26, 4],
        Type::BigInt => vec![0x26, 8],
        Type::Float => vec![0x6d, 8],
        // Without a greatest length; a collation.
        Type::Text => vec![0xe7, 0xff, 0xff, 0x09, 0x04, 0xd0, 0x00, 0x34],
        Type::Bytes => vec![0xa5, 0xff, 0xff],
        Type::Time => vec![0x2a, 7],
    }
}

fn value(cell: &Cell, of: Type) -> Vec<u8> {
    match (cell, of) {
        (Cell::Null, Type::Text | Type::Bytes) => u64::MAX.to_le_bytes().to_vec(),
        (Cell::Null, _) => vec![0],
        (Cell::Bit(bit), Type::Bit) => vec![1, u8::from(*bit)],
        (Cell::Int(number), Type::TinyInt) => sized(&number.to_le_bytes()[..1]),
        (Cell::Int(number), Type::Int) => sized(&number.to_le_bytes()[..4]),
        (Cell::Int(number), Type::BigInt) => sized(&number.to_le_bytes()),
        (Cell::Float(number), Type::Float) => sized(&number.to_le_bytes()),
        (Cell::Time(days, tenths), Type::Time) => {
            sized(&[&tenths.to_le_bytes()[..5], &days.to_le_bytes()[..3]].concat())
        }
        (Cell::Text(text), Type::Text) => chunked(&to_utf16(text)),
        (Cell::Bytes(bytes), Type::Bytes) => chunked(bytes),
        (cell, of) => panic!("{cell:?} is no {of:?}"),
    }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let mut value = vec![u8::try_from(bytes.len()).unwrap()];
    value.extend_from_slice(bytes);
    value
}

/// The length, one chunk of it, and no more chunks.
fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut value = (bytes.len() as u64).to_le_bytes().to_vec();
    if !bytes.is_empty() {
        value.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        value.extend_from_slice(bytes);
    }
    value.extend([0; 4]);
    value
}

fn done(token: u8, status: u16) -> Vec<u8> {
    let mut done = vec![token];
    done.extend(status.to_le_bytes());
    // The command, and the count of rows.
    done.extend([0; 10]);
    done
}

fn with_length(token: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![token];
    bytes.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// `B_VARCHAR`
fn short(text: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.encode_utf16().count()).unwrap()];
    bytes.extend(to_utf16(text));
    bytes
}

/// `US_VARCHAR`
fn long(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.encode_utf16().count())
        .unwrap()
        .to_le_bytes()
        .to_vec();
    bytes.extend(to_utf16(text));
    bytes
}
