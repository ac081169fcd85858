//! Packets decoded one by one, counted and checked.

use std::io::ErrorKind;

use symphonia::core::errors::Error;

use super::{Source, broken, refused};
use crate::{Reason, Refusal};

/// More channels than a voice can have, but a recorder may.
const MOST_CHANNELS: usize = 8;
/// In hertz: from the telephone's, halved, to what recorders for music have.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
/// No sample is this far beyond full scale (+48 dB), unless the file says floating point and holds something
/// else.
const LARGEST_SAMPLE: f32 = 256.0;

impl Source<'_> {
    /// Decodes until there is a block that is not empty. False at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Refusal> {
        loop {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.end(),
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return self.end(),
                Err(error) => return Err(refused(&error)),
            };
            // A table of a few bytes can claim packets without end, of no bytes each.
            self.packets += 1;
            if self.packets > self.most_packets {
                return Err(broken("it claims more packets than it has bytes"));
            }
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) if buffer.frames() == 0 => continue,
                Ok(buffer) => {
                    let spec = buffer.spec();
                    let (channels, rate) = (spec.channels().count(), spec.rate());
                    buffer.copy_to_vec_interleaved(&mut self.block);
                    self.check(channels, rate)?;
                    return Ok(true);
                }
                // The first frame of a stream that was cut out of another, and a bit that fell over: the rest
                // can be heard.
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    self.undecodable += 1;
                    if self.undecodable > 100 && self.undecodable * 10 > self.packets {
                        return Err(broken("much of it cannot be decoded"));
                    }
                }
                Err(error) => return Err(refused(&error)),
            }
        }
    }

    /// Counts and checks the block that was decoded.
    fn check(&mut self, channels: usize, rate: u32) -> Result<(), Refusal> {
        let unsupported = |detail: &str| {
            Err(Refusal {
                reason: Reason::UnsupportedFormat,
                detail: detail.into(),
            })
        };
        if self.frames == 0 {
            if !(1..=MOST_CHANNELS).contains(&channels) {
                return unsupported("it has no channel, or more than eight");
            }
            if !RATES.contains(&rate) {
                return unsupported("its sample rate is below 4 kHz or above 192 kHz");
            }
            (self.channels, self.rate) = (channels, rate);
            let by_time = self.settings.max_duration.as_secs_f64() * f64::from(rate);
            self.most_frames = (by_time as u64).min(self.settings.max_samples / channels as u64);
        } else if (self.channels, self.rate) != (channels, rate) {
            return unsupported("its channels or its sample rate change on the way");
        }
        // NaN is not below anything.
        if !self.block.iter().all(|sample| sample.abs() < LARGEST_SAMPLE) {
            return Err(broken(
                "it has samples that are not numbers, or far beyond full scale",
            ));
        }
        self.frames += (self.block.len() / channels) as u64;
        if self.frames > self.most_frames {
            return Err(Refusal {
                reason: Reason::TooLong,
                detail: "the recording is longer than is taken".into(),
            });
        }
        Ok(())
    }

    fn end(&self) -> Result<bool, Refusal> {
        if self.undecodable * 10 > self.packets {
            return Err(broken("much of it cannot be decoded"));
        }
        // Headers count what the encoder adds at the ends, so that a little less is as usual.
        let claimed = self.claimed.unwrap_or(0);
        if claimed.saturating_sub(self.frames) > claimed / 100 + u64::from(self.rate) / 5 {
            return Err(broken("it ends before its header says"));
        }
        Ok(false)
    }
}
