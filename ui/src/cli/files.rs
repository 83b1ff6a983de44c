//! Files of other programs, replaced as a whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces a file's text; its permissions stay, and a link still points where it did.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let draft = target.with_file_name(format!(".{name}.callboard-{}", std::process::id()));
    let written = write(&draft, text).and_then(|()| {
        if let Ok(present) = fs::metadata(&target) {
            fs::set_permissions(&draft, present.permissions())?;
        }
        fs::rename(&draft, &target)
    });
    if written.is_err() {
        // The draft is ours and of no use; what it failed by is reported.
        fs::remove_file(&draft).ok();
    }
    written
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
