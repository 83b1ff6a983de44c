//! Bytes of a document to text, and back.

use thiserror::Error;

use crate::domain::document::DOCUMENT_MAX;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A document's text, and what is to be kept of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Without the byte order mark; line endings as they stand.
    pub text: String,
    pub bom: bool,
    pub endings: Endings,
}

/// The line endings of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Endings {
    /// `\n`, or none at all.
    #[default]
    Lf,
    CrLf,
    Cr,
    /// More than one kind.
    Mixed,
}

/// Why bytes are no text that can be read. Such a document is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotText {
    #[error("it has {bytes} bytes; the limit is {DOCUMENT_MAX}")]
    TooLarge { bytes: usize },
    #[error("it is UTF-16; save it as UTF-8")]
    Utf16,
    #[error("line {line} holds a NUL character; it looks like a binary file")]
    Nul { line: usize },
    #[error("line {line} is not UTF-8, perhaps Latin-1; save it as UTF-8")]
    NotUtf8 { line: usize },
}

/// Takes the bytes of a document.
pub fn decode(bytes: &[u8]) -> Result<Decoded, NotText> {
    if DOCUMENT_MAX < bytes.len() {
        return Err(NotText::TooLarge { bytes: bytes.len() });
    }
    if is_utf16(bytes) {
        return Err(NotText::Utf16);
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(NotText::Nul { line: line_at(bytes, at) });
    }
    let (bom, bytes) = bytes.strip_prefix(BOM).map_or((false, bytes), |rest| (true, rest));
    let text = std::str::from_utf8(bytes)
        .map_err(|error| NotText::NotUtf8 { line: line_at(bytes, error.valid_up_to()) })?;
    Ok(Decoded { text: text.to_owned(), bom, endings: Endings::of(text) })
}

impl Decoded {
    /// The bytes of a new text in this document's form.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mark = if self.bom { BOM } else { &[] };
        [mark, text.as_bytes()].concat()
    }
}

impl Endings {
    /// Tells which line endings a text has.
    pub fn of(text: &str) -> Self {
        let crlf = text.matches("\r\n").count();
        let lf = text.matches('\n').count() - crlf;
        let cr = text.matches('\r').count() - crlf;
        match (lf, crlf, cr) {
            (_, 0, 0) => Self::Lf,
            (0, _, 0) => Self::CrLf,
            (0, 0, _) => Self::Cr,
            _ => Self::Mixed,
        }
    }
}

/// Tells UTF-16 by its byte order mark, or by a NUL in every other byte of its beginning.
fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return true;
    }
    let beginning = bytes.get(..bytes.len().min(64) & !1).unwrap_or_default();
    let pairs = beginning.chunks_exact(2);
    let nul = |place: usize| pairs.clone().all(|pair| pair.get(place) == Some(&0));
    2 < beginning.len() && (nul(0) != nul(1))
}

/// The line, from 1, of a place in bytes.
fn line_at(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    let breaks = before.iter().enumerate().filter(|(place, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(place + 1) != Some(&b'\n'),
        _ => false,
    });
    breaks.count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_without_its_byte_order_mark_and_goes_with_it() {
        let bytes = "\u{feff}---\r\ncallboard: session\r\n---\r\n".as_bytes();
        let decoded = decode(bytes).unwrap();
        assert_eq!((decoded.bom, decoded.endings), (true, Endings::CrLf));
        assert!(decoded.text.starts_with("---"));
        assert_eq!(decoded.encode(&decoded.text), bytes);
    }

    #[test]
    fn line_endings_are_told_apart() {
        for (text, endings) in [
            ("", Endings::Lf),
            ("a", Endings::Lf),
            ("a\nb\n", Endings::Lf),
            ("a\r\nb", Endings::CrLf),
            ("a\rb\r", Endings::Cr),
            ("a\r\nb\n", Endings::Mixed),
            ("a\r\r\n", Endings::Mixed),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap().endings, endings, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        let utf16 = |bom: &[u8]| {
            let units = "- [ ] a\n".encode_utf16().flat_map(u16::to_le_bytes);
            bom.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        let big = vec![b'a'; DOCUMENT_MAX + 1];
        for (bytes, error) in [
            (utf16(b"\xFF\xFE"), NotText::Utf16),
            (utf16(b""), NotText::Utf16),
            (b"a\nb\0c".to_vec(), NotText::Nul { line: 2 }),
            (b"a\r\nb\rcaf\xE9\n".to_vec(), NotText::NotUtf8 { line: 3 }),
            (big, NotText::TooLarge { bytes: DOCUMENT_MAX + 1 }),
        ] {
            assert_eq!(decode(&bytes), Err(error));
        }
        assert!(decode(&vec![b'a'; DOCUMENT_MAX]).is_ok());
    }
}
