//! Forms of files: encodings, line endings, sizes, links, files that may not be written.

use std::fs;

use callboard_engine::domain::document::{DOCUMENT_MAX, DocumentState};

use super::desk::{ACTIVE, Desk};

/// How a program saves the text of a document, with an edit in it.
struct Form {
    what: &'static str,
    save: fn(&str) -> Vec<u8>,
    /// What of the form is still there when the database has changed the document after that.
    kept: fn(&[u8]) -> bool,
}

const FORMS: &[Form] = &[
    Form {
        what: "CRLF",
        save: |text| text.replace('\n', "\r\n").into_bytes(),
        kept: |bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.matches('\n').count() == text.matches("\r\n").count()
        },
    },
    Form {
        what: "CR",
        save: |text| text.replace('\n', "\r").into_bytes(),
        kept: |bytes| !bytes.contains(&b'\n'),
    },
    Form {
        what: "mixed",
        save: |text| text.replacen('\n', "\r\n", 12).into_bytes(),
        kept: |bytes| String::from_utf8_lossy(bytes).matches("\r\n").count() == 12,
    },
    Form {
        what: "a byte order mark, and front matter",
        save: |text| [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        kept: |bytes| bytes.starts_with(b"\xEF\xBB\xBF---"),
    },
    Form {
        what: "no final newline",
        save: |text| text.trim_end().as_bytes().to_vec(),
        kept: |bytes| !bytes.ends_with(b"\n"),
    },
    Form {
        what: "trailing spaces and tabs",
        save: |text| text.replace("-->\n", "--> \t \n").into_bytes(),
        kept: |bytes| String::from_utf8_lossy(bytes).contains("--> \t \n"),
    },
    Form {
        what: "indented by tabs, starred",
        save: |text| text.replace("- [", "*\t[").into_bytes(),
        kept: |bytes| String::from_utf8_lossy(bytes).contains("*\t[ ] api"),
    },
];

#[test]
fn the_form_of_a_file_stays_and_what_it_says_is_read() {
    for Form { what, save, kept } in FORMS {
        let desk = Desk::board();
        let text = desk.read(ACTIVE).replace("] form", "] form it !high");
        fs::write(desk.path(ACTIVE), save(&text)).unwrap();
        desk.sync();
        let shown = "Backend: api, store; Design: form it !high, logo; -: note";
        assert_eq!(desk.shown(), shown, "{what} {:?}", desk.ledger(ACTIVE));
        assert_eq!(desk.open(), "", "{what}");
        desk.all_in_step();
        desk.retitle(desk.id("store"), "the store");
        desk.sync();
        let bytes = fs::read(desk.path(ACTIVE)).unwrap();
        assert!(kept(&bytes), "{what}: {}", String::from_utf8_lossy(&bytes));
        assert!(String::from_utf8_lossy(&bytes).contains("the store"), "{what}");
        desk.all_in_step();
    }
}

/// A file that is no text, and a word of the reason.
type NoText = (&'static str, fn(&str) -> Vec<u8>, &'static str);

const NO_TEXTS: &[NoText] = &[
    ("NUL", |text| text.replace("] form", "] fo\0rm").into_bytes(), "NUL"),
    (
        "UTF-16, little end first, marked",
        |text| [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        "UTF-16",
    ),
    (
        "UTF-16, big end first",
        |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "UTF-16",
    ),
    (
        "Latin-1",
        |text| {
            text.replace("] form", "] f@rm")
                .bytes()
                .map(|byte| if byte == b'@' { 0xF6 } else { byte })
                .collect()
        },
        "UTF-8",
    ),
    (
        "2 MB and one byte",
        |text| {
            let rest = DOCUMENT_MAX + 1 - text.len();
            [text.as_bytes(), &vec![b'x'; rest]].concat()
        },
        "at most",
    ),
];

#[test]
fn what_is_no_text_is_held_untouched_until_it_is_well_again() {
    for (what, save, reason) in NO_TEXTS {
        let desk = Desk::board();
        let (text, shown) = (desk.read(ACTIVE), desk.shown());
        let bytes = save(&text);
        fs::write(desk.path(ACTIVE), &bytes).unwrap();
        desk.sync();
        let row = desk.ledger(ACTIVE);
        assert_eq!(row.state, DocumentState::Held, "{what}");
        assert!(row.reason.as_deref().unwrap().contains(reason), "{what}: {:?}", row.reason);
        assert_eq!(desk.shown(), shown, "{what}");
        desk.retitle(desk.id("store"), "the store");
        desk.sync();
        assert_eq!(fs::read(desk.path(ACTIVE)).unwrap(), bytes, "{what} is not touched");
        desk.edit_bytes(ACTIVE, text.replace("] form", "] form it").as_bytes());
        desk.sync();
        let shown = "Backend: api, the store; Design: form it, logo; -: note";
        assert_eq!(desk.shown(), shown, "{what}");
        assert!(desk.read(ACTIVE).contains("] the store"), "{what}");
        desk.all_in_step();
    }
}

#[test]
fn two_megabytes_are_read() {
    let desk = Desk::board();
    let text = desk.read(ACTIVE).replace("] form", "] form it");
    let words = "word ".repeat((DOCUMENT_MAX - text.len()) / 5 - 200);
    let remark = format!("{text}\n{words}\n");
    desk.edit_bytes(ACTIVE, remark.as_bytes());
    desk.sync();
    assert_eq!(desk.shown(), "Backend: api, store; Design: form it, logo; -: note");
    desk.retitle(desk.id("store"), "the store");
    desk.sync();
    assert_eq!(desk.read(ACTIVE).len(), remark.len() + "the ".len());
}

#[cfg(unix)]
#[test]
fn a_link_within_the_project_is_followed_and_stays_one() {
    let desk = Desk::board();
    let (path, other) = (desk.path(ACTIVE), desk.path("elsewhere.txt"));
    fs::rename(&path, &other).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    desk.edit(ACTIVE, |text| text.replace("] form", "] form it"));
    assert_eq!(desk.shown(), "Backend: api, store; Design: form it, logo; -: note");
    desk.retitle(desk.id("store"), "the store");
    desk.sync();
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert!(fs::read_to_string(&other).unwrap().contains("] the store"));
    desk.all_in_step();
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_neither_read_nor_written() {
    let desk = Desk::board();
    let outside = tempfile::tempdir().unwrap();
    let (path, other) = (desk.path(ACTIVE), outside.path().join("active.md"));
    fs::rename(&path, &other).unwrap();
    let text = fs::read_to_string(&other).unwrap().replace("] form", "] form it");
    fs::write(&other, &text).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    desk.sync();
    assert_eq!(desk.ledger(ACTIVE).state, DocumentState::Held);
    desk.retitle(desk.id("store"), "the store");
    desk.sync();
    assert_eq!(fs::read_to_string(&other).unwrap(), text);
    assert_eq!(desk.shown(), "Backend: api, the store; Design: form, logo; -: note");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_to_is_left_until_it_may() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::board();
    let (path, text) = (desk.path(ACTIVE), desk.read(ACTIVE));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    desk.retitle(desk.id("store"), "the store");
    let failures = desk.try_sync();
    assert!(failures.iter().any(|(_, why)| why.contains("read-only")), "{failures:?}");
    assert_eq!(desk.read(ACTIVE), text);
    // What is new in it is made once, however often it cannot be written back.
    let added = text.replace("- [ ] form", "- [ ] sketch\n- [ ] form");
    for text in [added.clone(), added.replace("] note", "] notes"), format!("{added}\nBye.\n")] {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        desk.write(ACTIVE, &text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        desk.try_sync();
        desk.try_sync();
    }
    let shown = "Backend: api, the store; Design: sketch, form, logo; -: notes";
    assert_eq!((desk.shown().as_str(), desk.open().as_str()), (shown, ""));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    desk.sync();
    assert!(desk.read(ACTIVE).contains("] the store"));
    desk.all_in_step();
}
