//! A look at a message of JSON while it passes: how deep it is, and what its id is.

/// Bytes kept of a key or a value; an id is shorter.
const WORD_MAX: usize = 256;

/// What was seen of a message so far.
#[derive(Debug, Default)]
pub(super) struct Scan {
    depth: usize,
    depth_max: usize,
    place: Place,
    part: Part,
    /// The key or value that is being read, where it is the message's own.
    word: Vec<u8>,
    id: Option<Vec<u8>>,
}

/// Where the next byte stands.
#[derive(Debug, Default)]
enum Place {
    #[default]
    Outside,
    Text,
    /// In a text, after a backslash.
    Escaped,
}

/// What is read of the message's own fields.
#[derive(Debug, Default)]
enum Part {
    #[default]
    Key,
    Value,
    Id,
}

impl Scan {
    pub(super) fn depth_max(&self) -> usize {
        self.depth_max
    }

    /// The message's id as it is written.
    pub(super) fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match self.place {
                Place::Outside => self.outside_text(*byte),
                Place::Text => {
                    self.keep(*byte);
                    self.place = match byte {
                        b'\\' => Place::Escaped,
                        b'"' => Place::Outside,
                        _ => Place::Text,
                    };
                }
                Place::Escaped => {
                    self.keep(*byte);
                    self.place = Place::Text;
                }
            }
        }
    }

    fn outside_text(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.place = Place::Text;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.depth_max = self.depth_max.max(self.depth);
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.end_value();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b',' if self.depth == 1 => self.end_value(),
            b':' if self.depth == 1 => {
                let is_id = self.word.trim_ascii() == b"\"id\"";
                self.part = if is_id { Part::Id } else { Part::Value };
                self.word.clear();
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.word.len() < WORD_MAX {
            self.word.push(byte);
        }
    }

    fn end_value(&mut self) {
        let word = std::mem::take(&mut self.word);
        match self.part {
            Part::Id => self.id = Some(word.trim_ascii().to_vec()),
            Part::Key | Part::Value => {}
        }
        self.part = Part::Key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_messages_own() {
        for (text, id) in [
            ("{\"id\":1}", Some("1")),
            ("{\"params\":{\"id\":2},\"id\" : \"a,\\\"b\" }", Some("\"a,\\\"b\"")),
            ("{\"method\":\"id\",\"x\":[{\"id\":3}]}", None),
            ("{\"id\":4,\"x\":", Some("4")),
            ("[{\"id\":5}]", None),
        ] {
            let mut scan = Scan::default();
            scan.feed(text.as_bytes());
            assert_eq!(scan.id(), id.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn brackets_in_texts_are_no_depth() {
        let mut scan = Scan::default();
        scan.feed(b"{\"a\":\"[[[[\\\"[\",\"b\":[[]]}");
        assert_eq!(scan.depth_max(), 3);
    }
}
