//! How much memory a hostile photo takes. Alone in its program, since the peak is that of the whole of it.
#![cfg(target_os = "linux")]
// Helpers outside of `#[test]` functions may unwrap, too: a failed one is a failed test.
#![allow(clippy::unwrap_used)]

use media::photo::{Settings, process};

/// The most memory that this program had since the last [`forget`], in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn forget() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// A PNG of half-transparent pixels, packed to next to nothing.
fn png(width: u32, height: u32, depth: png::BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![90; width as usize * 4 * (depth as usize / 8)];
    for _ in 0..height {
        std::io::Write::write_all(&mut rows, &row).unwrap();
    }
    rows.finish().unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn memory_is_bounded_by_the_pixels_that_are_taken() {
    let settings = Settings {
        webp_effort: 0,
        ..Settings::default()
    };
    let bound = settings.max_pixels * Settings::BYTES_PER_PIXEL;
    // As many pixels as are taken, with the most channels and bits; then as narrow as they can be.
    for (width, height, depth) in [
        (7_071, 7_071, png::BitDepth::Sixteen),
        (3_051, 16_383, png::BitDepth::Eight),
    ] {
        let file = png(width, height, depth);
        forget();
        let before = peak();
        assert_eq!(process(&file, &settings).unwrap().width, width);
        let taken = peak() - before;
        assert!(taken <= bound, "{width} by {height}: {taken} bytes");
    }
}
