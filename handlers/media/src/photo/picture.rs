//! Pixels in memory, and their resizing.

use fast_image_resize::{
    FilterType, MulDiv, PixelType, ResizeAlg, ResizeError, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use crate::{Reason, Refusal};

/// Eight bits a channel, rows without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: Channels,
    pub(super) pixels: Vec<u8>,
}

/// What the bytes of a pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    /// Alpha is not premultiplied.
    Rgba,
    /// 255 is no ink, as Adobe stores it.
    Cmyk,
}

impl Channels {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    pub(super) fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    fn pixel_type(self) -> PixelType {
        match self {
            Self::Grey => PixelType::U8,
            Self::GreyAlpha => PixelType::U8x2,
            Self::Rgb => PixelType::U8x3,
            Self::Rgba | Self::Cmyk => PixelType::U8x4,
        }
    }
}

impl Picture {
    /// The same picture in `width` by `height` pixels.
    pub(super) fn resized(&self, width: u32, height: u32) -> Result<Self, Refusal> {
        self.convolved(
            width,
            height,
            ResizeOptions::new().use_alpha(self.channels.has_alpha()),
        )
    }

    /// The same as [`resized`](Self::resized), of a picture that is not needed any more: its own memory takes the colours multiplied by
    /// alpha, where a copy would need as much again.
    pub(super) fn shrunk(mut self, width: u32, height: u32) -> Result<Self, Refusal> {
        if !self.channels.has_alpha() {
            return self.resized(width, height);
        }
        let kind = self.channels.pixel_type();
        let mut all =
            Image::from_slice_u8(self.width, self.height, &mut self.pixels, kind).map_err(broken)?;
        MulDiv::new().multiply_alpha_inplace(&mut all).map_err(broken)?;
        let mut small = self.convolved(width, height, ResizeOptions::new().use_alpha(false))?;
        let mut all = Image::from_slice_u8(width, height, &mut small.pixels, kind).map_err(broken)?;
        MulDiv::new().divide_alpha_inplace(&mut all).map_err(broken)?;
        Ok(small)
    }

    /// The middle of the picture, as a square of `side` pixels.
    pub(super) fn square(&self, side: u32) -> Result<Self, Refusal> {
        let options = ResizeOptions::new().use_alpha(self.channels.has_alpha());
        self.convolved(side, side, options.fit_into_destination(None))
    }

    /// The same picture with no side longer than `side`.
    pub(super) fn thumbnail(&self, side: u32) -> Result<Self, Refusal> {
        let long = self.width.max(self.height).max(side);
        let scaled = |length: u32| ((u64::from(length) * u64::from(side) / u64::from(long)) as u32).max(1);
        self.resized(scaled(self.width), scaled(self.height))
    }

    fn convolved(&self, width: u32, height: u32, options: ResizeOptions) -> Result<Self, Refusal> {
        let options = options.resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        let kind = self.channels.pixel_type();
        let source = ImageRef::new(self.width, self.height, &self.pixels, kind).map_err(broken)?;
        let mut target = Image::new(width, height, kind);
        Resizer::new()
            .resize(&source, &mut target, &options)
            .map_err(|error: ResizeError| broken(error))?;
        Ok(Self {
            width,
            height,
            channels: self.channels,
            pixels: target.into_vec(),
        })
    }
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(Reason::Broken, format!("cannot be resized: {error}"))
}
