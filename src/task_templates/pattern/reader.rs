//! Reads a pattern into a tree.

use super::{Class, DEPTH_MAX, REPEATS_MAX, Tree};

const DIGITS: &[(char, char)] = &[('0', '9')];
const SPACES: &[(char, char)] = &[('\t', '\r'), (' ', ' '), ('\u{a0}', '\u{a0}')];
/// Letters of every script, roughly: all that stands above the signs of Latin.
const WORDS: &[(char, char)] = &[
    ('0', '9'),
    ('A', 'Z'),
    ('_', '_'),
    ('a', 'z'),
    ('\u{c0}', '\u{1fff}'),
    ('\u{2c00}', '\u{d7ff}'),
];

pub(super) struct Reader {
    pub(super) rest: Vec<char>,
    pub(super) at: usize,
    pub(super) depth: usize,
}

impl Reader {
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.at += usize::from(found.is_some());
        found
    }

    fn take(&mut self, character: char) -> bool {
        let is_there = self.peek() == Some(character);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn either(&mut self) -> Result<Tree, String> {
        self.depth += 1;
        if DEPTH_MAX < self.depth {
            return Err("it nests too deeply".to_owned());
        }
        let mut ways = vec![self.row()?];
        while self.take('|') {
            ways.push(self.row()?);
        }
        self.depth -= 1;
        Ok(Tree::Either(ways))
    }

    fn row(&mut self) -> Result<Tree, String> {
        let mut parts = Vec::new();
        while let Some(character) = self.peek() {
            if matches!(character, '|' | ')') {
                break;
            }
            let part = self.part()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Tree::Row(parts))
    }

    fn part(&mut self) -> Result<Tree, String> {
        match self.next() {
            Some('(') => {
                if self.take('?') && !self.take(':') {
                    return Err("`?` repeats nothing".to_owned());
                }
                let inner = self.either()?;
                if self.take(')') { Ok(inner) } else { Err("`(` is not closed".to_owned()) }
            }
            Some('[') => self.class().map(Tree::One),
            Some('.') => Ok(Tree::One(Class::of(&[('\n', '\n')]).inverted())),
            Some('\\') => self.escape().map(Tree::One),
            Some(mark @ ('*' | '+' | '?' | '{')) => Err(format!("`{mark}` repeats nothing")),
            Some(mark @ ('^' | '$')) => Err(format!("`{mark}` stands at the ends only")),
            Some(plain) => Ok(Tree::One(Class::of(&[(plain, plain)]))),
            None => Ok(Tree::Row(Vec::new())),
        }
    }

    fn repeated(&mut self, part: Tree) -> Result<Tree, String> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                let (least, most) = self.counts()?;
                return Ok(Tree::Repeat { inner: Box::new(part), least, most });
            }
            Some(_) | None => return Ok(part),
        };
        self.at += 1;
        Ok(Tree::Repeat { inner: Box::new(part), least, most })
    }

    /// The numbers of `{2}`, `{2,}` and `{2,5}`.
    fn counts(&mut self) -> Result<(usize, Option<usize>), String> {
        let inner: String = self.rest.iter().skip(self.at).take_while(|c| **c != '}').collect();
        self.at += inner.chars().count();
        let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let is_open = most.trim().is_empty();
        let (Some(least), Some(high), true) =
            (number(least), if is_open { Some(0) } else { number(most) }, self.take('}'))
        else {
            return Err("`{` is followed by numbers, as in {2,5}".to_owned());
        };
        if !is_open && high < least {
            return Err(format!("`{{{inner}}}` counts backwards"));
        }
        if REPEATS_MAX < high.max(least) {
            return Err(format!("it repeats more than {REPEATS_MAX} times"));
        }
        Ok((least, (!is_open).then_some(high)))
    }

    fn class(&mut self) -> Result<Class, String> {
        let is_inverted = self.take('^');
        let mut ranges = Vec::new();
        loop {
            let unclosed = || "`[` is not closed".to_owned();
            let low = self.next().ok_or_else(unclosed)?;
            if low == ']' && !ranges.is_empty() {
                return Ok(Class { ranges, is_inverted });
            }
            if low == '\\' {
                ranges.extend(self.plain_escape()?);
                continue;
            }
            let is_range = self.peek() == Some('-')
                && self.rest.get(self.at + 1).is_some_and(|after| *after != ']');
            if !is_range {
                ranges.push((low, low));
                continue;
            }
            self.at += 1;
            let mut high = self.next().ok_or_else(unclosed)?;
            if high == '\\' {
                high = self.next().ok_or_else(unclosed)?;
            }
            if high < low {
                return Err(format!("`{low}-{high}` counts backwards"));
            }
            ranges.push((low, high));
        }
    }

    /// An escape between `[` and `]`.
    fn plain_escape(&mut self) -> Result<Vec<(char, char)>, String> {
        let class = self.escape()?;
        if class.is_inverted {
            return Err("an opposite stands outside of `[ ]` only".to_owned());
        }
        Ok(class.ranges)
    }

    fn escape(&mut self) -> Result<Class, String> {
        match self.next() {
            Some('d') => Ok(Class::of(DIGITS)),
            Some('D') => Ok(Class::of(DIGITS).inverted()),
            Some('s') => Ok(Class::of(SPACES)),
            Some('S') => Ok(Class::of(SPACES).inverted()),
            Some('w') => Ok(Class::of(WORDS)),
            Some('W') => Ok(Class::of(WORDS).inverted()),
            Some('t') => Ok(Class::of(&[('\t', '\t')])),
            Some(letter) if letter.is_alphanumeric() => Err(format!("`\\{letter}` means nothing")),
            Some(sign) => Ok(Class::of(&[(sign, sign)])),
            None => Err("it ends in the middle of an escape".to_owned()),
        }
    }
}
