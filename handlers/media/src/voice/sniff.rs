//! Which of the containers of sound the bytes are.

use crate::{Reason, Refusal};

pub(super) fn sniff(bytes: &[u8]) -> Result<&'static str, Refusal> {
    match bytes {
        [] => Err(Refusal { reason: Reason::Empty, detail: "there are no bytes".into() }),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Ok("wav"),
        [b'f', b'L', b'a', b'C', ..] => Ok("flac"),
        [b'O', b'g', b'g', b'S', ..] => Ok("ogg"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Ok("webm"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Ok("mp4"),
        [b'I', b'D', b'3', ..] => Ok("mp3"),
        [0xff, second, ..] if second & 0xe6 == 0xe2 => Ok("mp3"),
        _ => Err(Refusal { reason: Reason::UnknownFormat, detail: "the bytes are no recording that is known".into() }),
    }
}
