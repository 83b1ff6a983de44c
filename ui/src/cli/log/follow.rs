//! Prints changes as they are made, by whichever process.

use std::time::Duration;

use callboard_engine::peer::Peer;
use callboard_engine::query::changes::{self, ChangeQuery};

use super::{item, titled, write};
use crate::cli::block_on;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::terminal::Signals;

/// Changes read at once.
const BATCH: usize = 200;

/// Prints what fits the query and comes after it, until the time is over or a signal comes.
pub(in crate::cli) fn follow(
    peer: &Peer,
    query: ChangeQuery,
    (end, output): (Option<Duration>, &mut Output),
) -> Result<u8, Failure> {
    block_on(async {
        let listening =
            |source| Failure::Io { what: "cannot listen to signals".to_owned(), source };
        let mut signals = Signals::listen().map_err(listening)?;
        let mut feed = peer.feed();
        let after = match query.after {
            Some(after) => after,
            None => peer.readers.read(changes::latest)?,
        };
        let mut query = ChangeQuery { after: Some(after), limit: BATCH, ..query };
        let over = async {
            match end {
                Some(end) => tokio::time::sleep(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(over);
        loop {
            print_new(peer, &mut query, output)?;
            tokio::select! {
                () = &mut over => return Ok(0),
                signal = signals.next() => return Ok(signal.exit_code()),
                changed = feed.changed() => {
                    if changed.is_err() {
                        return Ok(0);
                    }
                }
            }
        }
    })
}

/// Prints all there is after the last change that was printed.
fn print_new(peer: &Peer, query: &mut ChangeQuery, output: &mut Output) -> Result<(), Failure> {
    loop {
        let found = peer.readers.read(|reader| {
            let found = changes::list(reader, query)?;
            found.into_iter().map(|change| titled(reader, change)).collect::<Result<Vec<_>, _>>()
        })?;
        for (change, title) in &found {
            if output.is_json() {
                // One line each, for programs that read along.
                output.line(&item(change, title.as_deref()).to_string())?;
            } else {
                write(output, change, title.as_deref())?;
            }
        }
        output.finish()?;
        query.after = found.last().map(|(change, _)| change.seq).or(query.after);
        if found.len() < query.limit {
            return Ok(());
        }
    }
}
