//! Files that are not what they seem, and files that may not be touched.

use callboard_engine::domain::document::DOCUMENT_MAX;
use callboard_engine::sync::files::{PlaceError, ReadError};

use super::*;

fn files(directory: &tempfile::TempDir) -> Files {
    Files::below(directory.path()).unwrap()
}

#[test]
fn a_new_document_gets_its_directories_and_is_never_put_over_another() {
    let (directory, document) = scene();
    let files = files(&directory);
    let deep = Path::new("sessions/a/tasks/active_tasks.md");
    let replaced = files.replace(deep, None, NEW).unwrap();
    let reading = files.read(deep).unwrap();
    assert_eq!((reading.bytes.as_slice(), &reading.hash), (NEW, &replaced.hash));
    assert_eq!(reading.identity, replaced.identity);
    fs::write(&document, SAVED).unwrap();
    let error = files.replace(&document, None, NEW).unwrap_err();
    assert_eq!(handed_over(error), [SAVED]);
    assert_eq!(fs::read(&document).unwrap(), SAVED);
}

#[test]
fn a_document_that_says_something_else_or_is_gone_is_left_alone() {
    let (directory, document) = scene();
    let files = files(&directory);
    let error = files.replace(&document, Some(&hash(OLD)), NEW).unwrap_err();
    assert_eq!(handed_over(error), Vec::<Vec<u8>>::new());
    assert!(!document.exists());
    fs::write(&document, SAVED).unwrap();
    let error = files.replace(&document, Some(&hash(OLD)), NEW).unwrap_err();
    assert_eq!(handed_over(error), [SAVED]);
    let error = files.remove(&document, &hash(OLD)).unwrap_err();
    assert_eq!(handed_over(error), [SAVED]);
    assert_eq!(names(directory.path()), BTreeSet::from(["a.md".to_owned()]));
}

#[test]
fn a_document_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let (directory, document) = scene();
    let files = files(&directory);
    fs::write(&document, vec![b'a'; DOCUMENT_MAX]).unwrap();
    assert_eq!(files.read(&document).unwrap().bytes.len(), DOCUMENT_MAX);
    fs::write(&document, vec![b'a'; DOCUMENT_MAX + 1]).unwrap();
    assert!(matches!(files.read(&document), Err(ReadError::TooLarge { .. })));
    let large = vec![b'a'; DOCUMENT_MAX + 1];
    let error = files.replace(Path::new("b.md"), None, &large).unwrap_err();
    assert!(matches!(error, ReplaceError::TooLarge { .. }));
}

#[test]
fn what_is_no_file_is_not_read() {
    let (directory, document) = scene();
    let files = files(&directory);
    assert!(matches!(files.read(&document), Err(ReadError::Missing { .. })));
    fs::create_dir(&document).unwrap();
    assert!(matches!(files.read(&document), Err(ReadError::NotAFile { .. })));
    let pipe = directory.path().join("pipe.md");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
        assert!(matches!(files.read(&pipe), Err(ReadError::NotAFile { .. })));
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_project_and_refused_out_of_it() {
    use std::os::unix::fs::symlink;
    let (directory, document) = scene();
    let (outside, secret) = scene();
    let files = files(&directory);
    let leaves = |path: &str| {
        let read = matches!(
            files.read(Path::new(path)),
            Err(ReadError::Place(PlaceError::Leaves { .. } | PlaceError::Dangling { .. }))
        );
        let written = matches!(
            files.replace(Path::new(path), None, NEW),
            Err(ReplaceError::Place(PlaceError::Leaves { .. } | PlaceError::Dangling { .. }))
        );
        read && written
    };
    fs::write(&secret, OLD).unwrap();
    symlink(&secret, directory.path().join("out.md")).unwrap();
    symlink(outside.path(), directory.path().join("out")).unwrap();
    symlink("nowhere", directory.path().join("dangling.md")).unwrap();
    for path in ["out.md", "out/new.md", "dangling.md", "../x.md", "/etc/passwd"] {
        assert!(leaves(path), "{path}");
    }
    assert_eq!(names(outside.path()).len(), 1);

    fs::write(&document, OLD).unwrap();
    let link = directory.path().join("in.md");
    symlink("a.md", &link).unwrap();
    files.replace(&link, Some(&hash(OLD)), NEW).unwrap().displaced.unwrap().discard().unwrap();
    assert_eq!(fs::read(&document).unwrap(), NEW);
    assert!(link.is_symlink());
}

#[cfg(unix)]
#[test]
fn the_mode_stays_and_a_read_only_document_is_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, document) = scene();
    let files = files(&directory);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let set = |mode| fs::set_permissions(&document, fs::Permissions::from_mode(mode)).unwrap();
    fs::write(&document, OLD).unwrap();
    set(0o640);
    files.replace(&document, Some(&hash(OLD)), NEW).unwrap().displaced.unwrap().discard().unwrap();
    assert_eq!(mode(&document), 0o640);
    set(0o444);
    let error = files.replace(&document, Some(&hash(NEW)), OLD).unwrap_err();
    assert!(matches!(error, ReplaceError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().ends_with("is read-only"), "{error}");
    let error = files.remove(&document, &hash(NEW)).unwrap_err();
    assert!(matches!(error, ReplaceError::ReadOnly { .. }), "{error:?}");
    assert_eq!(names(directory.path()), BTreeSet::from(["a.md".to_owned()]));
}
