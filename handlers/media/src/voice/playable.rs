//! The copy that is played: Opus in Ogg, one channel, at one loudness. Nothing of the file that it is made of
//! but the sound.

use ogg::writing::{PacketWriteEndInfo, PacketWriter};
use opusic_c::{Application, Bitrate, Channels, Encoder, SampleRate, Signal};

use super::Settings;
use super::limiter::Limiter;
use super::resample::Resampler;
use crate::{Reason, Refusal};

/// Frames of 20 ms, and a page of them every second, so that a player can seek.
const FRAMES_PER_SECOND: usize = 50;
/// The largest packet of a frame (RFC 6716, 3.4).
const LARGEST_PACKET: usize = 1275;
/// How hard the encoder tries, from 0 to 10. At 10 it takes twice the time for what few hear.
const COMPLEXITY: u8 = 5;
/// What is left to the codec, in dB: at low bit rates a decoder swings over the peaks that it was given.
const CODEC_RESERVE_DB: f64 = 2.0;
/// Positions in Ogg count at 48 kHz whatever the encoder runs at (RFC 7845, 4).
const POSITIONS: u32 = 48_000;
/// One stream to a file, so that any number serves; the same one, so that the same recording gives the same
/// bytes.
const SERIAL: u32 = 1;

/// A copy in the making.
pub(super) struct Playable {
    resampler: Resampler,
    stream: Stream,
}

struct Stream {
    gain: f32,
    limiter: Limiter,
    encoder: Encoder,
    frame: usize,
    waiting: Vec<f32>,
    scaled: Vec<f32>,
    pages: PacketWriter<'static, Vec<u8>>,
    /// Samples at 48 kHz per sample of the encoder.
    step: u64,
    skip: u64,
    taken: u64,
    given: u64,
    /// A packet is written when the next is there: only the last one closes the stream.
    packet: Option<Vec<u8>>,
}

impl Playable {
    /// Begins a copy of a recording of this rate, whose channels together have this loudness.
    pub(super) fn new(rate: u32, lufs: Option<f64>, settings: &Settings) -> Result<Self, Refusal> {
        let to = encoder_rate(rate);
        let gain_db = lufs.map_or(0.0, |lufs| {
            (settings.loudness_lufs - lufs).min(settings.max_gain_db)
        });
        let hertz = to as u32;
        // Not for telephony: that mode raises formants, and with them peaks that were just held (to full
        // scale at 8 kHz).
        let mut encoder = Encoder::new(Channels::Mono, to, Application::Audio).map_err(|_| failed())?;
        encoder
            .set_bitrate(Bitrate::Value(settings.bitrate))
            .map_err(|_| failed())?;
        encoder.set_complexity(COMPLEXITY).map_err(|_| failed())?;
        encoder.set_signal(Signal::Voice).map_err(|_| failed())?;
        let step = u64::from(POSITIONS / hertz);
        let skip = u64::from(encoder.get_look_ahead().map_err(|_| failed())?) * step;
        let mut stream = Stream {
            gain: 10_f64.powf(gain_db / 20.0) as f32,
            limiter: Limiter::new(hertz, settings.true_peak_dbtp - CODEC_RESERVE_DB),
            encoder,
            frame: hertz as usize / FRAMES_PER_SECOND,
            waiting: Vec::new(),
            scaled: Vec::new(),
            pages: PacketWriter::new(Vec::new()),
            step,
            skip,
            taken: 0,
            given: 0,
            packet: None,
        };
        stream.headers(rate)?;
        Ok(Self {
            resampler: Resampler::new(rate, hertz)?,
            stream,
        })
    }

    /// Takes samples of one channel.
    pub(super) fn add(&mut self, samples: &[f32]) -> Result<(), Refusal> {
        self.resampler.add(samples, |samples| self.stream.add(samples))
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Refusal> {
        self.resampler.finish(|samples| self.stream.add(samples))?;
        self.stream.finish()
    }
}

impl Stream {
    /// The two packets before the sound (RFC 7845, 5): what it is, and who made it.
    fn headers(&mut self, rate: u32) -> Result<(), Refusal> {
        let mut head = b"OpusHead\x01\x01".to_vec();
        head.extend((self.skip as u16).to_le_bytes());
        head.extend(rate.to_le_bytes());
        // No gain for the player to apply, and one channel, which needs no map.
        head.extend([0, 0, 0]);
        let vendor = opusic_c::version().as_bytes();
        let mut tags = b"OpusTags".to_vec();
        tags.extend((vendor.len() as u32).to_le_bytes());
        tags.extend(vendor);
        tags.extend(0_u32.to_le_bytes());
        self.write(head, PacketWriteEndInfo::EndPage, 0)?;
        self.write(tags, PacketWriteEndInfo::EndPage, 0)
    }

    fn add(&mut self, samples: &[f32]) -> Result<(), Refusal> {
        self.taken += samples.len() as u64;
        self.scaled.clear();
        self.scaled
            .extend(samples.iter().map(|sample| sample * self.gain));
        self.limiter.add(&self.scaled, &mut self.waiting);
        self.encode()
    }

    fn finish(mut self) -> Result<Vec<u8>, Refusal> {
        self.limiter.finish(&mut self.waiting);
        self.encode()?;
        // What the encoder looks ahead comes out late by as much; silence pushes it out.
        let length = self.skip + self.taken * self.step;
        while self.given < length {
            self.waiting.resize(self.frame, 0.0);
            self.encode()?;
        }
        // A position before the end of the last packet says how much of it is filling.
        let last = self.packet.take().unwrap_or_default();
        self.write(last, PacketWriteEndInfo::EndStream, length)?;
        Ok(self.pages.into_inner())
    }

    /// Encodes the whole frames that are waiting.
    fn encode(&mut self) -> Result<(), Refusal> {
        let mut begin = 0;
        while self.waiting.len() - begin >= self.frame {
            let mut packet = vec![0; LARGEST_PACKET];
            let frame = &self.waiting[begin..begin + self.frame];
            let length = self
                .encoder
                .encode_float_to_slice(frame, &mut packet)
                .map_err(|_| failed())?;
            packet.truncate(length);
            if let Some(before) = self.packet.replace(packet) {
                let second = u64::from(POSITIONS);
                let end = if self.given.is_multiple_of(second) {
                    PacketWriteEndInfo::EndPage
                } else {
                    PacketWriteEndInfo::NormalPacket
                };
                self.write(before, end, self.given)?;
            }
            self.given += self.frame as u64 * self.step;
            begin += self.frame;
        }
        self.waiting.drain(..begin);
        Ok(())
    }

    fn write(&mut self, packet: Vec<u8>, end: PacketWriteEndInfo, position: u64) -> Result<(), Refusal> {
        self.pages
            .write_packet(packet, SERIAL, end, position)
            .map_err(|_| failed())
    }
}

/// The lowest rate of the encoder that loses nothing of the recording.
fn encoder_rate(rate: u32) -> SampleRate {
    match rate {
        ..=8_000 => SampleRate::Hz8000,
        8_001..=12_000 => SampleRate::Hz12000,
        12_001..=16_000 => SampleRate::Hz16000,
        16_001..=24_000 => SampleRate::Hz24000,
        _ => SampleRate::Hz48000,
    }
}

fn failed() -> Refusal {
    Refusal {
        reason: Reason::Broken,
        detail: "no copy can be made of it".into(),
    }
}
