//! File systems that take a watch and then tell only of what this machine does.

use std::path::Path;

/// The name of such a file system, if a directory is on one.
#[cfg(target_os = "linux")]
pub(super) fn name(directory: &Path) -> Option<&'static str> {
    let kind = u64::try_from(rustix::fs::statfs(directory).ok()?.f_type).ok()? & 0xffff_ffff;
    KINDS.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name)
}

/// From `linux/magic.h` and the file systems' own sources.
#[cfg(target_os = "linux")]
const KINDS: [(u64, &str); 9] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x786f_4256, "a shared folder of VirtualBox"),
];

#[cfg(not(target_os = "linux"))]
pub(super) fn name(_: &Path) -> Option<&'static str> {
    None
}
