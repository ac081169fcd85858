//! What is taken of photos and recordings, and how well their copies are made.

use super::{Environment, SettingError};
use media::{photo, voice};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// Limits and qualities.
#[derive(Debug, Clone, Default)]
pub struct MediaConfig {
    /// `PRAVIS_PHOTO_MAX_PIXELS`: pixels of a photo, default 50 million; `PRAVIS_PHOTO_WEBP_QUALITY` (0 to 100, default 80) and
    /// `PRAVIS_PHOTO_JPEG_QUALITY` (1 to 100, default 82) of its copies;
    /// `PRAVIS_PHOTO_AVIF_QUALITY` (1 to 100): when set, copies in AVIF are made, too.
    pub photo: photo::Settings,
    /// `PRAVIS_VOICE_MAX_MINUTES`: the longest recording, 1 to 600 minutes, default 60.
    pub voice: voice::Settings,
}

impl MediaConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let mut config = Self::default();
        if let Some(pixels) = within(environment, "PRAVIS_PHOTO_MAX_PIXELS", 1, 268_000_000)? {
            config.photo.max_pixels = pixels;
        }
        if let Some(quality) = within(environment, "PRAVIS_PHOTO_WEBP_QUALITY", 0, 100)? {
            config.photo.webp_quality = quality;
        }
        if let Some(quality) = within(environment, "PRAVIS_PHOTO_JPEG_QUALITY", 1, 100)? {
            config.photo.jpeg_quality = quality;
        }
        config.photo.avif_quality = within(environment, "PRAVIS_PHOTO_AVIF_QUALITY", 1, 100)?;
        if let Some(minutes) = within(environment, "PRAVIS_VOICE_MAX_MINUTES", 1, 600)? {
            let voice = &mut config.voice;
            voice.max_duration = Duration::from_secs(60 * minutes);
            // Stereo at 48 kHz.
            voice.max_samples = voice.max_duration.as_secs() * 48_000 * 2;
        }
        Ok(config)
    }
}

fn within<T: FromStr + PartialOrd + Display>(
    environment: &Environment,
    name: &str,
    least: T,
    most: T,
) -> Result<Option<T>, SettingError> {
    let takes = format!("a number from {least} to {most}");
    let number: Option<T> = environment.parsed(name, &takes)?;
    match number {
        Some(number) if !(least..=most).contains(&number) => {
            Err(SettingError::takes(name, &takes, &number.to_string()))
        }
        number => Ok(number),
    }
}
