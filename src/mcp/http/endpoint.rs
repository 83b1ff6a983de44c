//! Which process serves HTTP, and where: `run/endpoint.lock` and `run/endpoint.json`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::thread;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Ports tried after the first.
const PORTS_MAX: u16 = 50;

/// Where a project is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub url: String,
    /// The process that serves; absent when it stopped.
    pub pid: Option<u32>,
    pub version: String,
}

impl Endpoint {
    /// This process, listening there.
    pub(super) fn here(address: SocketAddr) -> Self {
        Self {
            url: format!("http://{address}/mcp"),
            pid: Some(std::process::id()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Says in the file where this process serves.
    pub(super) fn announce(&self, file: &Path) -> io::Result<()> {
        let fresh = file.with_extension("json.new");
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        File::create(&fresh)?.write_all(&text)?;
        fs::rename(fresh, file)
    }

    /// Says in the file that nobody serves there now. The URL stays, for the next to take it again.
    pub(super) fn withdraw(self, file: &Path) -> io::Result<()> {
        Self { pid: None, ..self }.announce(file)
    }

    /// What the file says.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be read.
    pub fn read(file: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(file)?)?)
    }
}

/// The port where the project was served last; clients know it.
pub(super) fn last_port(file: &Path) -> Option<u16> {
    let url = Endpoint::read(file).ok()?.url;
    url.strip_suffix("/mcp")?.rsplit_once(':')?.1.parse().ok()
}

/// The ports to try, in order. Port 0 leaves the choice to the system.
pub(super) fn ports(last: Option<u16>, first: u16) -> Vec<u16> {
    let after = (0..=PORTS_MAX).map(|offset| first.saturating_add(offset));
    if first == 0 { vec![0] } else { last.into_iter().chain(after).collect() }
}

/// Waits for the lock in a thread of its own and sends it when it is this process's.
///
/// The thread cannot be called off; where nobody wants the lock any more it gives it back at once.
pub(super) fn compete(path: &Path) -> io::Result<oneshot::Receiver<File>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let (sender, turn) = oneshot::channel();
    thread::Builder::new().name("endpoint".to_owned()).spawn(move || match file.lock() {
        // Dropped unsent, the lock is free again.
        Ok(()) => drop(sender.send(file)),
        Err(error) => tracing::error!(%error, "cannot wait for the endpoint"),
    })?;
    Ok(turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_served_where_it_was_served_before() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("endpoint.json");
        assert_eq!(last_port(&file), None);
        let here = Endpoint::here(SocketAddr::from(([127, 0, 0, 1], 7433)));
        here.announce(&file).unwrap();
        assert_eq!(Endpoint::read(&file).unwrap(), here);
        here.withdraw(&file).unwrap();
        assert_eq!(
            ports(last_port(&file), 7420).into_iter().take(3).collect::<Vec<_>>(),
            [7433, 7420, 7421]
        );
        assert_eq!(Endpoint::read(&file).unwrap().pid, None);
    }
}
