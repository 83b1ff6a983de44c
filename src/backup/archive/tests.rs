//! Archives that are whole, and archives that are broken in every way.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::{
    ArchiveError, Level, Packer, Scratch, entry, manifest, seal, sweep, unpack, unwatched, verify,
};
use crate::backup::manifest::{EntryPath, FileEntry, Head, Kind, Manifest};
use crate::domain::actor::Actor;
use crate::domain::time::Timestamp;

/// What is packed in most tests: empty, of one block, of many, with a path too long for a header.
fn contents() -> Vec<(String, Vec<u8>)> {
    let long = format!("files/{}/{}", "d".repeat(120), "n".repeat(200));
    let noise = |bytes: usize| {
        let mut reader = blake3::Hasher::new().finalize_xof();
        let mut noise = vec![0; bytes];
        reader.fill(&mut noise);
        noise
    };
    vec![
        ("callboard.db".to_owned(), noise(1_500)),
        ("files/empty".to_owned(), Vec::new()),
        ("files/block".to_owned(), vec![b'x'; 512]),
        ("files/-x".to_owned(), b"odd\n".to_vec()),
        (long, b"deep".repeat(300)),
    ]
}

fn head() -> Head {
    Head {
        kind: Kind::Backup,
        id: "b-00000000".to_owned(),
        name: "a name".to_owned(),
        scope: None,
        reason: None,
        actor: Actor::Human,
        created_at: Timestamp(1_764_108_000_000),
        program: "0.1.0".to_owned(),
        schema: 4,
        seq: 17,
        project: "/somewhere".to_owned(),
        sessions: Vec::new(),
        counts: BTreeMap::from([("tasks".to_owned(), 3)]),
        left_out: Vec::new(),
        fault: None,
    }
}

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn packer(&self) -> (Scratch, Packer) {
        let scratch = Scratch::new(self.folder.path()).unwrap();
        let packer = Packer::new(scratch.path(), Level::default()).unwrap();
        (scratch, packer)
    }

    fn pack(&self, contents: &[(String, Vec<u8>)]) -> PathBuf {
        let (_scratch, mut packer) = self.packer();
        for (path, bytes) in contents {
            let path = EntryPath::new(path.as_str()).unwrap();
            packer.add(path, Timestamp(5_000), &mut bytes.as_slice()).unwrap();
        }
        let to = self.at("archive.tar.zst");
        packer.write(&to, head(), &unwatched).unwrap();
        to
    }

    /// What the archive is found to be when these are its bytes.
    fn found(&self, bytes: &[u8]) -> Result<Manifest, ArchiveError> {
        let path = self.at("changed.tar.zst");
        fs::write(&path, bytes).unwrap();
        verify(&path, &unwatched)
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn what_was_packed_is_what_is_unpacked() {
    let scene = Scene::new();
    let archive = scene.pack(&contents());
    let into = scene.at("into");
    fs::create_dir(&into).unwrap();
    let found = unpack(&archive, &into, &unwatched).unwrap();
    assert_eq!(found.head, head());
    assert_eq!(found, manifest(&archive).unwrap());
    assert_eq!(found, verify(&archive, &unwatched).unwrap());
    let entries = found.files.iter().map(|file| file.path.as_str().to_owned());
    let unpacked = entries.map(|path| (path.clone(), fs::read(into.join(path)).unwrap()));
    assert_eq!(unpacked.collect::<Vec<_>>(), contents());
}

#[test]
fn any_tar_reads_an_archive() {
    let scene = Scene::new();
    let archive = scene.pack(&contents());
    let plain = zstd::decode_all(fs::File::open(archive).unwrap()).unwrap();
    let mut tar = tar::Archive::new(plain.as_slice());
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    });
    let entries: Vec<_> = entries.collect();
    let (last, rest) = entries.split_last().unwrap();
    assert_eq!(last.0, "manifest.blake3");
    assert_eq!(rest.first().unwrap().0, "manifest.json");
    assert_eq!(rest.iter().skip(1).cloned().collect::<Vec<_>>(), contents());
}

#[test]
fn every_byte_that_changes_is_noticed() {
    let scene = Scene::new();
    let whole = fs::read(scene.pack(&contents())).unwrap();
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let found = scene.found(&bytes);
            // A number of the format may become that of a newer program.
            let is_noticed = found.is_err_and(|error| error.is_damage() || error.is_beyond());
            assert!(is_noticed, "byte {at} ^ {flip:#x}");
        }
    }
}

#[test]
fn a_byte_that_changes_in_any_region_of_a_larger_archive_is_noticed() {
    let scene = Scene::new();
    let mut larger = contents();
    let mut noise = vec![0; 700_000];
    blake3::Hasher::new().update(b"larger").finalize_xof().fill(&mut noise);
    larger.push(("files/noise".to_owned(), noise));
    larger.push(("files/zeros".to_owned(), vec![0; 3_000_000]));
    let whole = fs::read(scene.pack(&larger)).unwrap();
    assert!(500_000 < whole.len());
    for at in (0..whole.len()).step_by(9_973) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let found = scene.found(&bytes);
        assert!(found.is_err_and(|error| error.is_damage()), "byte {at}");
    }
}

#[test]
fn an_archive_that_ends_early_is_noticed_wherever_it_ends() {
    let scene = Scene::new();
    let whole = fs::read(scene.pack(&contents())).unwrap();
    for length in 0..whole.len() {
        let found = scene.found(&whole[..length]);
        assert!(found.is_err_and(|error| error.is_damage()), "{length} bytes");
    }
}

#[test]
fn what_is_put_behind_or_before_an_archive_is_noticed() {
    let scene = Scene::new();
    let whole = fs::read(scene.pack(&contents())).unwrap();
    let twice = [whole.as_slice(), &whole].concat();
    for bytes in [[&whole[..], b"\0"].concat(), [b"\0", &whole[..]].concat(), twice] {
        assert!(scene.found(&bytes).is_err_and(|error| error.is_damage()));
    }
}

/// An archive that is sealed properly around anything at all.
fn forged(tar: &[u8]) -> Vec<u8> {
    let mut bytes = zstd::encode_all(tar, 1).unwrap();
    let seal = seal::of(&blake3::hash(&bytes));
    bytes.extend(seal);
    bytes
}

/// One entry of a tar.
fn one(path: &str, bytes: &[u8], at: Timestamp) -> Vec<u8> {
    let size = bytes.len() as u64;
    [entry::before(path, size, at), bytes.to_vec(), entry::padding(size)].concat()
}

/// A tar whose manifest and entries are those of an archive, changed somehow.
fn retold(
    whole: &Manifest,
    change: impl FnOnce(&mut serde_json::Value, &mut Vec<(String, Vec<u8>)>),
) -> Vec<u8> {
    let (mut told, mut entries) = (serde_json::to_value(whole).unwrap(), contents());
    change(&mut told, &mut entries);
    let text = serde_json::to_vec(&told).unwrap();
    let mut tar = one("manifest.json", &text, whole.head.created_at);
    for (path, bytes) in &entries {
        tar.extend(one(path, bytes, Timestamp(5_000)));
    }
    let own = format!("{}\n", blake3::hash(&text).to_hex());
    tar.extend(one("manifest.blake3", own.as_bytes(), whole.head.created_at));
    tar.extend(entry::END);
    forged(&tar)
}

#[test]
fn entries_that_are_not_as_the_manifest_says_are_noticed_under_a_good_seal() {
    let scene = Scene::new();
    let whole = manifest(&scene.pack(&contents())).unwrap();
    scene.found(&retold(&whole, |_, _| ())).unwrap();
    let broken: Vec<Vec<u8>> = vec![
        retold(&whole, |_, entries| entries.swap(1, 2)),
        retold(&whole, |_, entries| drop(entries.pop())),
        retold(&whole, |_, entries| entries.push(("files/more".to_owned(), b"x".to_vec()))),
        retold(&whole, |_, entries| entries[0].1[7] ^= 1),
        retold(&whole, |_, entries| entries[2].1.push(b'x')),
        retold(&whole, |_, entries| "files/other".clone_into(&mut entries[2].0)),
        retold(&whole, |told, _| told["files"][0]["hash"] = "0".into()),
        retold(&whole, |told, _| told["files"][0]["size"] = 1_501.into()),
        retold(&whole, |told, _| told["files"][3]["path"] = "../x".into()),
        retold(&whole, |told, _| told["files"][3]["path"] = "/etc/x".into()),
        retold(&whole, |told, _| told["files"][3]["path"] = told["files"][2]["path"].clone()),
        retold(&whole, |told, _| told["created_at"] = 1.into()),
        forged(b""),
        forged(&entry::END),
    ];
    for (number, bytes) in broken.iter().enumerate() {
        let found = scene.found(bytes);
        assert!(found.is_err_and(|error| error.is_damage()), "case {number}");
    }
}

#[test]
fn an_archive_of_a_newer_program_is_not_called_damaged() {
    let scene = Scene::new();
    let whole = manifest(&scene.pack(&contents())).unwrap();
    let newer = retold(&whole, |told, _| told["format"] = 99.into());
    assert!(scene.found(&newer).is_err_and(|error| error.is_beyond() && !error.is_damage()));
}

#[test]
fn a_link_in_place_of_a_file_is_never_unpacked() {
    let scene = Scene::new();
    let whole = manifest(&scene.pack(&contents())).unwrap();
    let text = serde_json::to_vec(&whole).unwrap();
    for kind in [b'1', b'2', b'3', b'4', b'5', b'6', b'x', b'L'] {
        let mut header = tar::Header::from_byte_slice(
            entry::before("callboard.db", 1_500, Timestamp(5_000)).as_slice(),
        )
        .clone();
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        let first = one("manifest.json", &text, whole.head.created_at);
        let bytes = forged(&[&first[..], header.as_bytes(), &contents()[0].1].concat());
        let (path, into) = (scene.at("link.tar.zst"), scene.at(&format!("into-{kind}")));
        fs::write(&path, bytes).unwrap();
        fs::create_dir(&into).unwrap();
        assert!(unpack(&path, &into, &unwatched).is_err_and(|error| error.is_damage()));
        let left: Vec<_> = fs::read_dir(into).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.iter().all(|path| path.metadata().unwrap().len() == 0), "{left:?}");
    }
}

#[test]
fn what_would_fill_the_disk_is_refused_before_it_is_unpacked() {
    let scene = Scene::new();
    let mut whole = manifest(&scene.pack(&contents())).unwrap();
    let bomb = FileEntry {
        path: EntryPath::new("files/bomb").unwrap(),
        size: 40 << 30,
        hash: String::new(),
        modified: Timestamp(0),
    };
    whole.files.push(bomb);
    let text = serde_json::to_vec(&whole).unwrap();
    let bytes = forged(&one("manifest.json", &text, whole.head.created_at));
    assert!(matches!(scene.found(&bytes), Err(ArchiveError::TooMuch { .. })));
}

#[test]
fn a_manifest_that_says_it_is_endless_is_not_held_in_memory() {
    let scene = Scene::new();
    let bytes = forged(&entry::before("manifest.json", 1 << 40, Timestamp(0)));
    assert!(matches!(scene.found(&bytes), Err(ArchiveError::Damaged { .. })));
}

#[test]
fn packing_that_is_called_off_leaves_nothing_behind() {
    let scene = Scene::new();
    for after in 0..8 {
        let (scratch, mut packer) = scene.packer();
        for (path, bytes) in contents() {
            let path = EntryPath::new(path).unwrap();
            packer.add(path, Timestamp(0), &mut bytes.as_slice()).unwrap();
        }
        let told = std::cell::Cell::new(0);
        let watch = |_| {
            told.set(told.get() + 1);
            if after < told.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let written = packer.write(&scene.at("x.tar.zst"), head(), &watch);
        drop(scratch);
        // Four files with bytes in them are packed, then verified.
        assert_eq!(written.is_ok(), 8 <= after, "after {after}");
        assert!(matches!(written, Err(ArchiveError::Cancelled)));
        assert_eq!(scene.names(), Vec::<String>::new());
    }
}

#[test]
fn what_the_dead_left_is_swept_away_and_what_is_being_made_is_not() {
    let scene = Scene::new();
    let scratch = Scratch::new(scene.folder.path()).unwrap();
    let dead = scene.at("scratch-0000000000000001");
    fs::create_dir(&dead).unwrap();
    fs::write(dead.join("lock"), "").unwrap();
    fs::write(dead.join("spool"), "x").unwrap();
    fs::write(scene.at(".callboard-0000000000000002.tmp"), "half").unwrap();
    fs::write(scene.at("mine.tmp"), "kept").unwrap();
    sweep(scene.folder.path());
    let mut names = scene.names();
    names.sort();
    let own = scratch.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(names, ["mine.tmp", own]);
}

#[test]
fn a_file_that_changed_since_it_was_added_is_not_packed() {
    let scene = Scene::new();
    let file = scene.at("file");
    fs::write(&file, "before").unwrap();
    let (_scratch, mut packer) = scene.packer();
    packer.add_file(EntryPath::new("file").unwrap(), Timestamp(0), &file).unwrap();
    fs::write(&file, "behind").unwrap();
    let to = scene.at("x.tar.zst");
    assert!(matches!(packer.write(&to, head(), &unwatched), Err(ArchiveError::Changed { .. })));
    assert!(!to.exists());
}

#[test]
fn a_path_is_packed_once_and_an_archive_never_replaced() {
    let scene = Scene::new();
    let (_scratch, mut packer) = scene.packer();
    let path = EntryPath::new("a").unwrap();
    packer.add(path.clone(), Timestamp(0), &mut &b"x"[..]).unwrap();
    let again = packer.add(path, Timestamp(0), &mut &b"x"[..]);
    assert!(matches!(again, Err(ArchiveError::Twice { .. })));
    let to = scene.at("x.tar.zst");
    fs::File::create(&to).unwrap().write_all(b"theirs").unwrap();
    assert!(packer.write(&to, head(), &unwatched).is_err());
    assert_eq!(fs::read(&to).unwrap(), b"theirs");
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let scene = Scene::new();
    for path in [scene.folder.path(), Path::new("/dev/zero"), &scene.at("missing")] {
        assert!(matches!(verify(path, &unwatched), Err(ArchiveError::Io { .. })), "{path:?}");
    }
}
