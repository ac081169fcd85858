//! Which way up a photo is (Exif 2.32, tag 0x0112 of TIFF 6.0).

use super::picture::Picture;

/// One of the eight ways to hold a camera, numbered as in Exif.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    pub(super) const UPRIGHT: Self = Self(1);

    /// Reads it from an Exif block that begins with the TIFF header, or with `Exif\0\0` before it. Upright when it does not say.
    ///
    /// Only the first directory is read and nothing in it is followed, so no chain of offsets can lead in a circle.
    pub(super) fn of(exif: &[u8]) -> Self {
        Self::read(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)).unwrap_or(Self::UPRIGHT)
    }

    fn read(tiff: &[u8]) -> Option<Self> {
        let little = match tiff.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let short = |at: usize| {
            let two = *tiff.get(at..)?.first_chunk()?;
            Some(if little {
                u16::from_le_bytes(two)
            } else {
                u16::from_be_bytes(two)
            })
        };
        let first = *tiff.get(4..)?.first_chunk()?;
        let directory = if little {
            u32::from_le_bytes(first)
        } else {
            u32::from_be_bytes(first)
        } as usize;
        let entries = usize::from(short(directory)?);
        (0..entries)
            .map(|entry| directory + 2 + entry * 12)
            .find_map(|entry| {
                let [tag, kind, value] = [short(entry)?, short(entry + 2)?, short(entry + 8)?];
                (tag == 0x0112 && kind == 3 && (1..=8).contains(&value)).then_some(Self(value as u8))
            })
    }

    /// Width and height after turning a picture of this width and height upright, and also before it.
    pub(super) fn upright(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps() {
            (height, width)
        } else {
            (width, height)
        }
    }

    fn swaps(self) -> bool {
        self.0 >= 5
    }

    /// The picture turned upright.
    pub(super) fn apply(self, picture: Picture) -> Picture {
        if self == Self::UPRIGHT {
            return picture;
        }
        match picture.channels.count() {
            3 => self.turn::<3>(picture),
            _ => self.turn::<4>(picture),
        }
    }

    fn turn<const CHANNELS: usize>(self, picture: Picture) -> Picture {
        let (source, _) = picture.pixels.as_chunks::<CHANNELS>();
        let (from_width, from_height) = (picture.width as usize, picture.height as usize);
        let (width, height) = self.upright(picture.width, picture.height);
        let mut pixels = Vec::with_capacity(picture.pixels.len());
        for y in 0..height as usize {
            for x in 0..width as usize {
                let (right, bottom) = (from_width - 1, from_height - 1);
                let (from_x, from_y) = match self.0 {
                    2 => (right - x, y),
                    3 => (right - x, bottom - y),
                    4 => (x, bottom - y),
                    5 => (y, x),
                    6 => (y, bottom - x),
                    7 => (right - y, bottom - x),
                    8 => (right - y, x),
                    _ => (x, y),
                };
                pixels.extend_from_slice(&source[from_y * from_width + from_x]);
            }
        }
        Picture {
            width,
            height,
            channels: picture.channels,
            pixels,
        }
    }
}
