//! Where a path really leads, and whether that is inside the project.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::Files;

/// Why a path is not followed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("{path} leads out of the project")]
    Leaves { path: PathBuf },
    #[error("{path} leads nowhere")]
    Dangling { path: PathBuf },
    #[error("cannot follow {path}")]
    Io { path: PathBuf, source: io::Error },
}

impl Files {
    /// The real place of a path, which lies inside.
    pub(crate) fn inside(&self, path: &Path) -> Result<PathBuf, PlaceError> {
        self.place(path)
    }

    /// The real place of a path, which may not exist yet. Symbolic links are followed, so that
    /// what they lead to is written and not the link replaced.
    pub(super) fn place(&self, path: &Path) -> Result<PathBuf, PlaceError> {
        let full = self.root.join(path);
        if full.components().any(|component| component == Component::ParentDir) {
            return Err(PlaceError::Leaves { path: full });
        }
        let mut missing: Vec<&std::ffi::OsStr> = Vec::new();
        for above in full.ancestors() {
            match above.canonicalize() {
                Ok(real) if real.starts_with(&self.root) => {
                    return Ok(missing.iter().rev().fold(real, |place, name| place.join(name)));
                }
                Ok(_) => return Err(PlaceError::Leaves { path: full }),
                Err(_) if is_dangling(above) => return Err(PlaceError::Dangling { path: full }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    missing.extend(above.file_name());
                }
                Err(source) => return Err(PlaceError::Io { path: full, source }),
            }
        }
        Err(PlaceError::Leaves { path: full })
    }
}

fn is_dangling(path: &Path) -> bool {
    let leads_to = path.metadata().map_err(|error| error.kind());
    path.is_symlink() && leads_to.is_err_and(|kind| kind == io::ErrorKind::NotFound)
}
