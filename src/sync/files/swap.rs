//! What the file system does in one step: exchanging two files, and renaming without replacing.

use std::io;
use std::path::Path;

use super::Files;

impl Files {
    /// Exchanges two files.
    pub(super) fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if self.steps.may_exchange() { exchange(one, other) } else { Err(unsupported()) }
    }

    /// Renames a file unless the new name is taken. Where the system knows no such step, a hard
    /// link does the same; where there are none either, a look before renaming has to do.
    pub(crate) fn rename_fresh(&self, from: &Path, to: &Path) -> io::Result<()> {
        let renamed =
            if self.steps.may_exchange() { rename_fresh(from, to) } else { Err(unsupported()) };
        match renamed {
            Err(error) if is_unsupported(&error) => match std::fs::hard_link(from, to) {
                Ok(()) => std::fs::remove_file(from),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
                Err(_) if to.symlink_metadata().is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => std::fs::rename(from, to),
            },
            answer => answer,
        }
    }
}

/// Tells whether the file system does not know the step at all.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

fn unsupported() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    rename_with(one, other, rustix::fs::RenameFlags::EXCHANGE)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_fresh(from: &Path, to: &Path) -> io::Result<()> {
    rename_with(from, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_with(from: &Path, to: &Path, flags: rustix::fs::RenameFlags) -> io::Result<()> {
    use rustix::fs::{CWD, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, flags)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(unsupported())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_fresh(_: &Path, _: &Path) -> io::Result<()> {
    Err(unsupported())
}
