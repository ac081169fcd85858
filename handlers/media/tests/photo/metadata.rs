use jpeg_encoder::ColorType;
use media::photo::{Photo, Settings, process};
use png::{BitDepth, ColorType as Png};

use crate::build::{assert_near, colour_at, exif, jpeg, jpeg_with, output, png_with, quarters, webp};

/// What must be in no output: the words of the Exif block, and the names that blocks of metadata have.
const TRACES: [&[u8]; 10] = [
    b"SECRET",
    b"Exif",
    b"EXIF",
    b"eXIf",
    b"MM\0*",
    b"II*\0",
    b"ICC",
    b"iCCP",
    b"XMP",
    b"ns.adobe.com",
];

#[track_caller]
fn assert_bare(photo: &Photo) {
    assert!(!photo.outputs.is_empty());
    for output in &photo.outputs {
        for trace in TRACES {
            assert!(
                !output.bytes.windows(trace.len()).any(|window| window == trace),
                "{}: {}",
                output.variant,
                trace.escape_ascii()
            );
        }
    }
}

fn made(bytes: &[u8]) -> Photo {
    assert!(
        bytes.windows(6).any(|window| window == b"SECRET"),
        "the file was to hold a secret"
    );
    process(bytes, &Settings::default()).unwrap()
}

fn png_with_exif(orientation: u16) -> Vec<u8> {
    let rgb = quarters(64, 48);
    let write = |writer: &mut png::Writer<&mut Vec<u8>>| {
        writer
            .write_chunk(png::chunk::ChunkType(*b"eXIf"), &exif(orientation))
            .unwrap();
        writer
            .write_chunk(png::chunk::ChunkType(*b"tEXt"), b"Comment\0SECRET")
            .unwrap();
        writer.write_image_data(&rgb).unwrap();
    };
    png_with(64, 48, Png::Rgb, BitDepth::Eight, |info| info, write)
}

/// An extended file around the simple one, with Exif in it.
fn webp_with_exif(orientation: u16) -> Vec<u8> {
    let simple = webp(64, 48, &quarters(64, 48));
    let block = exif(orientation);
    let chunk = |name: &[u8], data: &[u8]| {
        let mut chunk = [name, &(data.len() as u32).to_le_bytes(), data].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[8, 0, 0, 0, 63, 0, 0, 47, 0, 0]),
        simple[12..].to_vec(),
        chunk(b"EXIF", &block),
    ];
    chunk(b"RIFF", &body.concat())
}

fn jpeg_with_exif(block: &[u8]) -> Vec<u8> {
    jpeg_with(64, 48, &quarters(64, 48), ColorType::Rgb, |encoder| {
        encoder.add_exif_metadata(block).unwrap()
    })
}

#[test]
fn no_output_tells_where_the_photo_was_taken() {
    assert_bare(&made(&jpeg_with_exif(&exif(1))));
    let with_xmp = jpeg_with(64, 48, &quarters(64, 48), ColorType::Rgb, |encoder| {
        encoder
            .add_app_segment(1, b"http://ns.adobe.com/xap/1.0/\0SECRET".to_vec())
            .unwrap();
        encoder
            .add_app_segment(13, b"Photoshop 3.0\0SECRET".to_vec())
            .unwrap();
    });
    assert_bare(&made(&with_xmp));
    assert_bare(&made(&png_with_exif(1)));
    assert_bare(&made(&webp_with_exif(1)));
}

#[test]
fn what_a_telephone_puts_behind_a_jpeg_is_left_behind() {
    let mut bytes = jpeg(64, 48, &quarters(64, 48));
    bytes.extend_from_slice(b"\0\0\0\x18ftypmp42SECRET film");
    assert_bare(&made(&bytes));
}

/// Where the red quarter of the picture is after each orientation was undone, and whether sides change places.
#[test]
fn photos_are_turned_upright() {
    let corners = [
        (250, 250),
        (750, 250),
        (750, 750),
        (250, 750),
        (250, 250),
        (750, 250),
        (750, 750),
        (250, 750),
    ];
    for (orientation, (x, y)) in (1..=8).zip(corners) {
        for bytes in [
            jpeg_with_exif(&exif(orientation)),
            png_with_exif(orientation),
            webp_with_exif(orientation),
        ] {
            let photo = made(&bytes);
            let size = if orientation >= 5 { (48, 64) } else { (64, 48) };
            assert_eq!((photo.width, photo.height), size, "orientation {orientation}");
            let name = format!("w{}.webp", size.0);
            assert_eq!(output(&photo, &name).pixels, Some(size));
            assert_near(&colour_at(output(&photo, &name), x, y), &[200, 30, 40], 12);
        }
    }
}

#[test]
fn a_photo_that_is_shrunk_is_turned_the_same_way() {
    let bytes = jpeg_with(800, 400, &quarters(800, 400), ColorType::Rgb, |encoder| {
        encoder.add_exif_metadata(&exif(6)).unwrap()
    });
    let photo = made(&bytes);
    assert_eq!((photo.width, photo.height), (400, 800));
    assert_eq!(output(&photo, "w320.jpg").pixels, Some((320, 640)));
    assert_near(
        &colour_at(output(&photo, "w320.jpg"), 750, 250),
        &[200, 30, 40],
        12,
    );
}

#[test]
fn exif_that_leads_astray_changes_nothing() {
    let loops = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0".to_vec();
    let beyond = b"II*\0\xF0\xFF\xFF\xFF".to_vec();
    let many = b"MM\0*\0\0\0\x08\xFF\xFF".to_vec();
    let mut nonsense = exif(9);
    nonsense[11] = 0x12;
    for block in [
        loops,
        beyond,
        many,
        nonsense,
        b"II*\0".to_vec(),
        b"garbage".to_vec(),
        Vec::new(),
    ] {
        let photo = process(&jpeg_with_exif(&block), &Settings::default()).unwrap();
        assert_eq!((photo.width, photo.height), (64, 48));
        assert_near(
            &colour_at(output(&photo, "w64.jpg"), 250, 250),
            &[200, 30, 40],
            12,
        );
    }
}
