//! What a client asks for: a batch of text (2.2.6.7), or a remote procedure call (2.2.6.6) of `sp_executesql`.

use super::bytes::{Reader, utf16};

/// A statement that arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Which connection sent it, counted from 0.
    pub connection: usize,
    /// Its text.
    pub sql: String,
    /// How its parameters are declared: `@P1 bigint,@P2 nvarchar(4000)`.
    pub declared: String,
    /// Their values in order.
    pub parameters: Vec<Parameter>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A null of any type.
    Null,
    /// Any integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A datetime2: days since 0001-01-01, and tenths of microseconds since midnight.
    Time(u32, u64),
}

impl Statement {
    pub(super) fn batch(connection: usize, message: &[u8]) -> Self {
        Self {
            connection,
            sql: utf16(without_headers(message).0),
            declared: String::new(),
            parameters: Vec::new(),
        }
    }

    pub(super) fn rpc(connection: usize, message: &[u8]) -> Self {
        let mut call = without_headers(message);
        // A procedure by number (`ProcIDSwitch`), and that number.
        assert_eq!(
            (call.u16(), call.u16()),
            (0xffff, 10),
            "only sp_executesql is known"
        );
        call.u16();
        let mut values = Vec::new();
        while !call.is_empty() {
            call.short_text();
            call.u8();
            values.push(value(&mut call));
        }
        let mut values = values.into_iter();
        let mut text = || match values.next() {
            Some(Parameter::Text(text)) => text,
            _ => String::new(),
        };
        Self {
            connection,
            sql: text(),
            declared: text(),
            parameters: values.collect(),
        }
    }
}

/// What follows ALL_HEADERS (2.2.5.3), which begin with their length.
fn without_headers(message: &[u8]) -> Reader<'_> {
    let length = Reader(message).u32() as usize;
    Reader(&message[length..])
}

/// A type (2.2.5.4), and a value of it (2.2.5.5).
fn value(call: &mut Reader<'_>) -> Parameter {
    match call.u8() {
        0x1f => Parameter::Null,
        0x26 | 0x68 => sized(call).map_or(Parameter::Null, |bytes| {
            let mut wide = [0; 8];
            wide[..bytes.len()].copy_from_slice(bytes);
            Parameter::Int(i64::from_le_bytes(wide))
        }),
        0x6d => sized(call).map_or(Parameter::Null, |bytes| {
            Parameter::Float(f64::from_le_bytes(bytes.try_into().unwrap()))
        }),
        0x2a => sized(call).map_or(Parameter::Null, |bytes| {
            let (tenths, days) = bytes.split_at(5);
            Parameter::Time(u32::try_from(small(days)).unwrap(), small(tenths))
        }),
        0xe7 => {
            let longest = call.u16();
            call.take(5);
            long(call, longest).map_or(Parameter::Null, |bytes| Parameter::Text(utf16(&bytes)))
        }
        0xa5 => {
            let longest = call.u16();
            long(call, longest).map_or(Parameter::Null, Parameter::Bytes)
        }
        other => panic!("no parameter of type {other:#x} is known"),
    }
}

/// A value with a byte for its length, after a byte of its type; none when it is null.
fn sized<'a>(call: &mut Reader<'a>) -> Option<&'a [u8]> {
    call.u8();
    match call.u8() {
        0 => None,
        length => Some(call.take(usize::from(length))),
    }
}

/// A value with its length, or in chunks (`PLP`) where its type has no greatest length; none when it is null.
fn long(call: &mut Reader<'_>, longest: u16) -> Option<Vec<u8>> {
    if longest != 0xffff {
        return match call.u16() {
            0xffff => None,
            length => Some(call.take(usize::from(length)).to_vec()),
        };
    }
    if call.u64() == u64::MAX {
        return None;
    }
    let mut bytes = Vec::new();
    loop {
        match call.u32() as usize {
            0 => return Some(bytes),
            length => bytes.extend_from_slice(call.take(length)),
        }
    }
}

fn small(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
