//! What is bound to a statement, and how it goes over the wire.

use super::datetime2;
use jiff::Timestamp;
use std::borrow::Cow;
use tiberius::{ColumnData, IntoSql};
use uuid::Uuid;

/// One parameter.
///
/// A null has a type of its own: the server refuses to put an nvarchar into a binary column, even when it is null.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    /// A null that may become a text, a number or a time.
    Null,
    /// A null that may become binary.
    NullBytes,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// As `datetime2(7)`, in UTC, with whole microseconds.
    Time(Timestamp),
}

impl<'a> IntoSql<'a> for &'a Value {
    fn into_sql(self) -> ColumnData<'a> {
        match self {
            Value::Null => ColumnData::String(None),
            Value::NullBytes => ColumnData::Binary(None),
            Value::Int(number) => ColumnData::I64(Some(*number)),
            Value::Real(number) => ColumnData::F64(Some(*number)),
            Value::Text(text) => ColumnData::String(Some(Cow::Borrowed(text))),
            Value::Bytes(bytes) => ColumnData::Binary(Some(Cow::Borrowed(bytes))),
            Value::Time(at) => ColumnData::DateTime2(Some(datetime2::from_timestamp(*at))),
        }
    }
}

/// What a null of a type is.
pub(super) trait Nullable: Into<Value> {
    const NULL: Value = Value::Null;
}

impl<T: Nullable> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(T::NULL, Into::into)
    }
}

macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

values! {
    bool => |flag| Self::Int(i64::from(flag));
    u8 => |number| Self::Int(i64::from(number));
    u32 => |number| Self::Int(i64::from(number));
    i32 => |number| Self::Int(i64::from(number));
    i64 => |number| Self::Int(number);
    // What is beyond i64 cannot be stored; nothing that is counted gets there.
    u64 => |number| Self::Int(i64::try_from(number).unwrap_or(i64::MAX));
    f64 => |number| Self::Real(number);
    &str => |text| Self::Text(text.to_owned());
    &String => |text| Self::Text(text.clone());
    String => |text| Self::Text(text);
    Vec<u8> => |bytes| Self::Bytes(bytes);
    &[u8] => |bytes| Self::Bytes(bytes.to_vec());
    Uuid => |id| Self::Bytes(id.as_bytes().to_vec());
    Timestamp => |at| Self::Time(at);
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

macro_rules! nullable {
    ($($plain:ty),*; $($bytes:ty),*) => {
        $(impl Nullable for $plain {})*
        $(impl Nullable for $bytes {
            const NULL: Value = Value::NullBytes;
        })*
    };
}

nullable!(bool, u8, u32, i32, i64, u64, f64, &str, &String, String, Timestamp; Vec<u8>, &[u8], Uuid);

impl<const N: usize> Nullable for [u8; N] {
    const NULL: Value = Value::NullBytes;
}

impl<const N: usize> Nullable for &[u8; N] {
    const NULL: Value = Value::NullBytes;
}
