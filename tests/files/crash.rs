//! Death and failing disks at every step.

use super::*;

#[derive(Debug, Clone, Copy)]
enum Act {
    Replace,
    Create,
    Remove,
}

impl Act {
    fn before(self) -> Option<&'static [u8]> {
        match self {
            Self::Replace | Self::Remove => Some(OLD),
            Self::Create => None,
        }
    }

    fn after(self) -> Option<&'static [u8]> {
        match self {
            Self::Replace | Self::Create => Some(NEW),
            Self::Remove => None,
        }
    }

    fn perform(self, files: &Files) -> Result<(), ReplaceError> {
        let document = Path::new("a.md");
        match self {
            Self::Replace => files.replace(document, Some(&hash(OLD)), NEW).map(drop),
            Self::Create => files.replace(document, None, NEW).map(drop),
            Self::Remove => files.remove(document, &hash(OLD)).map(drop),
        }
    }
}

const ACTS: [Act; 3] = [Act::Replace, Act::Create, Act::Remove];

fn each(check: impl Fn(Act, Way)) {
    for act in ACTS {
        for way in [Way::Exchange, Way::Rename] {
            check(act, way);
        }
    }
}

/// What a kill at a step would leave behind.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

#[test]
fn a_kill_at_any_step_leaves_the_old_document_or_the_new_one_whole() {
    each(|act, way| {
        let (directory, document) = scene();
        let (graves, _) = scene();
        act.before().inspect(|text| fs::write(&document, text).unwrap());
        let (root, grave) = (directory.path().to_owned(), graves.path().to_owned());
        let files = stepping(directory.path(), way, move |step| {
            copy(&root, &grave.join(format!("{step:?}")));
            Ok(())
        });
        act.perform(&files).unwrap();
        assert!(3 <= names(graves.path()).len());
        for step in names(graves.path()) {
            let root = graves.path().join(&step);
            let left = Files::below(&root).unwrap().leftovers(Path::new("")).unwrap();
            assert_eq!(left, [], "nothing of a person at {step} of {act:?}, {way:?}");
            let text = fs::read(root.join("a.md")).ok();
            let expected = [act.before(), act.after()];
            assert!(expected.contains(&text.as_deref()), "{text:?} at {step} of {act:?}, {way:?}");
            let others = names(&root).into_iter().filter(|name| name != "a.md");
            assert_eq!(others.count(), 0, "at {step} of {act:?}, {way:?}");
        }
    });
}

#[test]
fn a_kill_after_somebody_saved_leaves_what_they_saved() {
    for way in [Way::Exchange, Way::Rename] {
        for act in [Act::Replace, Act::Remove] {
            check_kill_after_save(act, way);
        }
    }
}

fn check_kill_after_save(act: Act, way: Way) {
    let saved_at = match (act, way) {
        (Act::Replace | Act::Create, Way::Exchange) => Step::Synced,
        (Act::Replace | Act::Create, Way::Rename) => Step::Linked,
        (Act::Remove, _) => Step::Checked,
    };
    let (directory, document) = scene();
    let (graves, _) = scene();
    fs::write(&document, OLD).unwrap();
    let (root, grave) = (directory.path().to_owned(), graves.path().to_owned());
    let files = stepping(directory.path(), way, move |step| {
        if step == saved_at {
            fs::write(root.join("a.md"), SAVED).unwrap();
        }
        if saved_at <= step {
            copy(&root, &grave.join(format!("{step:?}")));
        }
        Ok(())
    });
    let told = handed_over(act.perform(&files).unwrap_err());
    assert!(told.iter().any(|text| text == SAVED), "{act:?}, {way:?}");
    assert!(2 <= names(graves.path()).len() || way == Way::Rename);
    for step in names(graves.path()) {
        let root = graves.path().join(&step);
        let left = Files::below(&root).unwrap().leftovers(Path::new("")).unwrap();
        let stands = fs::read(root.join("a.md")).is_ok_and(|text| text == SAVED);
        let kept = left.iter().any(|left| {
            left.bytes == SAVED
                && left.document.as_deref().is_some_and(|path| path.ends_with("a.md"))
        });
        assert!(stands || kept, "lost at {step} of {act:?}, {way:?}");
    }
}

#[test]
fn a_disk_that_fails_at_any_step_leaves_the_old_document_and_nothing_else() {
    each(|act, way| {
        for failing in STEPS {
            check_failure(act, way, failing);
        }
    });
}

fn check_failure(act: Act, way: Way, failing: Step) {
    let (directory, document) = scene();
    act.before().inspect(|text| fs::write(&document, text).unwrap());
    let files = stepping(directory.path(), way, move |step| {
        if step == failing { Err(io::Error::other("the disk failed")) } else { Ok(()) }
    });
    let answer = act.perform(&files);
    let case = format!("{act:?}, {way:?}, {failing:?}: {answer:?}");
    let is_made = matches!(act, Act::Create) && Step::Swapped <= failing;
    let expected = match answer {
        // This act has no such step, or needs it no more.
        Ok(()) => act.after(),
        Err(ReplaceError::Io { .. }) if is_made => act.after(),
        Err(ReplaceError::Io { .. }) => act.before(),
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(fs::read(&document).ok().as_deref(), expected, "{case}");
    let is_clean = names(directory.path()).iter().all(|name| name == "a.md");
    assert!(is_clean || answer.is_ok(), "{case}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let Some(small) = Small::mount(directory.path()) else { return };
    let document = small.0.join("a.md");
    let (old, new) = (vec![b'a'; 150_000], vec![b'b'; 150_000]);
    fs::write(&document, &old).unwrap();
    let files = Files::below(&small.0).unwrap();
    for _ in 0..3 {
        let error = files.replace(&document, Some(&hash(&old)), &new).unwrap_err();
        assert!(
            matches!(&error, ReplaceError::Io { source, .. }
                if source.kind() == io::ErrorKind::StorageFull),
            "{error:?}"
        );
        assert_eq!(fs::read(&document).unwrap(), old);
        assert_eq!(names(&small.0), BTreeSet::from(["a.md".to_owned()]));
    }
}

/// A file system of 256 KiB; none where we may not mount.
#[cfg(target_os = "linux")]
struct Small(PathBuf);

#[cfg(target_os = "linux")]
impl Small {
    fn mount(at: &Path) -> Option<Self> {
        let mount = ["-t", "tmpfs", "-o", "size=256k", "tmpfs"];
        let mounted = std::process::Command::new("mount").args(mount).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for Small {
    fn drop(&mut self) {
        std::process::Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}
