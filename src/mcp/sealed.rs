//! State that a client keeps for us between two requests: sealed, so that what comes back is what
//! was given, to this call and not long ago.
//!
//! The text can be read by whoever holds it, but not made or changed: it carries a keyed hash over
//! the state, its end, and what it is bound to. The key is this process's and kept nowhere; a state
//! that outlives the process is refused, and its call is to be made again without it.

use std::fmt::Write as _;

use crate::domain::time::Timestamp;

/// Longest state that is looked at.
const STATE_MAX: usize = 8 * 1024;

/// What seals, and knows its seals again.
#[derive(Clone)]
pub struct Seal {
    key: Option<[u8; blake3::KEY_LEN]>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seal")
    }
}

impl Seal {
    /// A seal of its own, unlike any other. Without randomness it opens nothing.
    pub fn fresh() -> Self {
        let mut key = [0; blake3::KEY_LEN];
        let key = getrandom::fill(&mut key).ok().map(|()| key);
        Self { key }
    }

    /// A state as text, good until then and only together with what it is bound to.
    pub fn seal(&self, state: &str, bound_to: &[&str], until: Timestamp) -> String {
        let mut text = format!("{}.", until.0);
        for byte in state.bytes() {
            // Writing to a text does not fail.
            write!(text, "{byte:02x}").ok();
        }
        let tag = self.tag(&text, bound_to).map(|tag| tag.to_hex());
        format!("{text}.{}", tag.as_deref().unwrap_or_default())
    }

    /// The state of a text that was sealed here, for this, and is still good.
    pub fn open(&self, text: &str, bound_to: &[&str], now: Timestamp) -> Option<String> {
        if STATE_MAX < text.len() {
            return None;
        }
        let (body, tag) = text.rsplit_once('.')?;
        // Hashes are compared in a time that does not depend on where they differ.
        let given = blake3::Hash::from_hex(tag).ok()?;
        if given != self.tag(body, bound_to)? {
            return None;
        }
        let (until, state) = body.split_once('.')?;
        if until.parse::<i64>().ok()? < now.0 {
            return None;
        }
        let bytes: Option<Vec<u8>> = state
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        String::from_utf8(bytes?).ok()
    }

    fn tag(&self, body: &str, bound_to: &[&str]) -> Option<blake3::Hash> {
        let mut hasher = blake3::Hasher::new_keyed(self.key.as_ref()?);
        for part in std::iter::once(&body).chain(bound_to) {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Some(hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    #[test]
    fn a_state_comes_back_as_it_was_given() {
        let seal = Seal::fresh();
        for state in ["", "step 2", "größer.\"x\""] {
            let text = seal.seal(state, &["codex", "call"], LATER);
            assert_eq!(seal.open(&text, &["codex", "call"], NOW).as_deref(), Some(state));
        }
    }

    #[test]
    fn what_was_not_given_so_is_not_opened() {
        let seal = Seal::fresh();
        let text = seal.seal("step 2", &["codex", "call"], LATER);
        let open = |text: &str, bound: &[&str], now| seal.open(text, bound, now);
        assert_eq!(open(&text, &["codex", "other"], NOW), None);
        assert_eq!(open(&text, &["codexcall", ""], NOW), None, "parts do not run together");
        assert_eq!(open(&text, &["codex", "call"], Timestamp(2_001)), None, "its end");
        assert_eq!(Seal::fresh().open(&text, &["codex", "call"], NOW), None);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let other = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(open(&other, &["codex", "call"], NOW), None, "{other}");
        }
        for other in ["", ".", "..", "1.2.3", &text.repeat(1_000)] {
            assert_eq!(open(other, &["codex", "call"], NOW), None);
        }
    }
}
