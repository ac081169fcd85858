//! Whether a program runs on the host as it is: x86-64, and static, so that no C library of the host has to fit.

use object::LittleEndian;
use object::elf::{DT_NEEDED, EM_X86_64, FileHeader64, PT_INTERP};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

/// What is wrong with the program, in words that follow its name; nothing when it can be deployed.
pub(super) fn fault(bytes: &[u8]) -> Option<String> {
    look(bytes).unwrap_or_else(|_| Some("is no whole 64-bit ELF file, so no program of Linux".to_owned()))
}

fn look(bytes: &[u8]) -> object::Result<Option<String>> {
    let endian = LittleEndian;
    let header = FileHeader64::<LittleEndian>::parse(bytes)?;
    if header.e_machine(endian) != EM_X86_64 {
        return Ok(Some("is for another processor than x86-64".to_owned()));
    }
    let segments = header.program_headers(endian, bytes)?;
    if segments.is_empty() {
        return Ok(Some("has nothing in it to run".to_owned()));
    }
    for segment in segments {
        if segment.p_type(endian) == PT_INTERP {
            return Ok(Some(
                "is not static: it asks for a loader and a C library of the host".to_owned(),
            ));
        }
        // A static program may still relocate itself; it just needs no library for that.
        let entries = segment.dynamic(endian, bytes)?.unwrap_or_default();
        if entries.iter().any(|entry| entry.d_tag(endian) == DT_NEEDED) {
            return Ok(Some("is not static: it needs libraries of the host".to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
pub(in crate::package) use tests::program;

#[cfg(test)]
mod tests {
    use super::*;
    use object::elf::{PT_DYNAMIC, PT_LOAD};

    /// An ELF file with nothing but its headers; each segment is its type and its content.
    fn elf(machine: u16, segments: &[(u32, &[u8])]) -> Vec<u8> {
        let count = u16::try_from(segments.len()).unwrap();
        let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        file.extend(3u16.to_le_bytes());
        file.extend(machine.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        // Entry, then where the program headers and the section headers are.
        for place in [0u64, 64, 0] {
            file.extend(place.to_le_bytes());
        }
        file.extend(0u32.to_le_bytes());
        for number in [64u16, 56, count, 64, 0, 0] {
            file.extend(number.to_le_bytes());
        }
        let mut place = 64 + 56 * u64::from(count);
        for (kind, content) in segments {
            let length = content.len() as u64;
            file.extend(kind.to_le_bytes());
            file.extend(0u32.to_le_bytes());
            for number in [place, 0, 0, length, length, 8] {
                file.extend(number.to_le_bytes());
            }
            place += length;
        }
        segments
            .iter()
            .for_each(|(_, content)| file.extend_from_slice(content));
        file
    }

    /// A static program, as far as its headers tell.
    pub(in crate::package) fn program() -> Vec<u8> {
        elf(EM_X86_64, &[(PT_LOAD, b"code"), (PT_DYNAMIC, &[0; 16])])
    }

    #[test]
    fn a_static_program_is_taken() {
        assert_eq!(fault(&program()), None);
    }

    #[test]
    fn whatever_needs_the_host_is_refused() {
        let needed = [1u64.to_le_bytes(), 7u64.to_le_bytes()].concat();
        for (file, why) in [
            (elf(EM_X86_64, &[(PT_INTERP, b"/lib64/ld.so\0")]), "a loader"),
            (elf(EM_X86_64, &[(PT_DYNAMIC, &needed)]), "libraries"),
            (elf(183, &[(PT_LOAD, b"code")]), "another processor"),
            (elf(EM_X86_64, &[]), "nothing in it"),
            (b"#!/bin/sh\n".to_vec(), "no whole 64-bit ELF"),
            (program()[..70].to_vec(), "no whole 64-bit ELF"),
        ] {
            let fault = fault(&file).unwrap();
            assert!(fault.contains(why), "{fault}");
        }
    }

    /// This test itself is a program of the machine that runs it, built for that machine's own C library.
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    #[test]
    fn a_real_program_of_this_machine_is_refused() {
        let here = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(fault(&here).unwrap().contains("a loader"));
    }
}
