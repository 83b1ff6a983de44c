//! Reading on after a flaw: each block of the file by itself.
//!
//! The parser stops at the first flaw. A mode file is a map of blocks, each beginning at the left
//! margin, so that a flaw in one need not hide those of the others.

use std::collections::HashSet;

use super::{Entry, Flaw, Node, Unresolved, Value, parse, twice};
use crate::modes::problem::{Place, Problems};

/// Most bytes that are read again for finding more flaws in one block.
const AGAIN_MAX: usize = 256 * 1024;
/// Most blocks that are read one by one.
const BLOCKS_MAX: usize = 300;
/// Most flaws that are looked for in one block.
const FLAWS_MAX: usize = 16;

/// What a text holds.
#[derive(Debug)]
pub(in crate::modes) struct Tree {
    /// None where there is nothing in it.
    pub root: Option<Node>,
    /// The keys of the blocks that could not be read.
    pub broken: Vec<String>,
}

/// Reads a text; what is wrong with it goes to the problems.
pub(in crate::modes) fn read_tree(text: &str, problems: &mut Problems) -> Tree {
    let mut aside = Problems::of("");
    let whole = match parse(text, 1, Unresolved::TELL, &mut aside) {
        Ok(root) => {
            problems.extend(aside);
            return Tree { root, broken: Vec::new() };
        }
        Err(flaw) if flaw.is_final => {
            problems.extend(aside);
            report(flaw, problems);
            return Tree { root: None, broken: vec![String::new()] };
        }
        Err(flaw) => flaw,
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut broken = Vec::new();
    let mut has_flaw = false;
    let anchors = anchors(text);
    let unresolved = Unresolved { elsewhere: Some(&anchors), is_flaw: false };
    for block in blocks(text) {
        if problems.is_full() {
            break;
        }
        match parse(block.text, block.line, unresolved, problems) {
            Ok(Some(Node { value: Value::Map(found), .. })) => add(&mut entries, found, problems),
            Ok(_) => {}
            Err(flaw) => {
                has_flaw = true;
                broken.extend(block.key());
                report_all(&block, flaw, problems);
            }
        }
    }
    if !has_flaw {
        report(whole, problems);
    }
    Tree { root: Some(Node { place: Place::START, value: Value::Map(entries) }), broken }
}

/// The flaws of a text, in the order of their places: the first of each block, and no more.
pub(in crate::modes) fn flaws(text: &str) -> Vec<Flaw> {
    let mut aside = Problems::of("");
    let Err(whole) = parse(text, 1, Unresolved::FLAW, &mut aside) else { return Vec::new() };
    let anchors = anchors(text);
    let unresolved = Unresolved { elsewhere: Some(&anchors), is_flaw: true };
    let of_block =
        |block: Block<'_>| parse(block.text, block.line, unresolved, &mut Problems::of("")).err();
    let found: Vec<Flaw> = blocks(text).into_iter().filter_map(of_block).collect();
    if found.is_empty() { vec![whole] } else { found }
}

/// Adds the entries of a block, which the parser did not compare with those of the others.
fn add(entries: &mut Vec<Entry>, found: Vec<Entry>, problems: &mut Problems) {
    for entry in found {
        match entries.iter().find(|earlier| earlier.key == entry.key) {
            Some(earlier) => twice(&entry.key, earlier.place.line, entry.place, problems),
            None => entries.push(entry),
        }
    }
}

fn report(flaw: Flaw, problems: &mut Problems) {
    let problem = problems.error(flaw.place, flaw.message);
    problem.suggestion = flaw.suggestion;
}

/// Reports a flaw of a block and those behind it, by leaving out the lines that have one.
fn report_all(block: &Block<'_>, first: Flaw, problems: &mut Problems) {
    let mut lines: Vec<&str> = block.text.split('\n').collect();
    let mut flaw = first;
    for round in 1..FLAWS_MAX {
        let at = flaw.place.line.saturating_sub(block.line);
        report(flaw, problems);
        let is_cheap = block.text.len().saturating_mul(round) <= AGAIN_MAX;
        let is_leaf = at != 0 && is_leaf(&lines, at);
        let Some(line) = lines.get_mut(at).filter(|_| is_cheap && is_leaf) else { return };
        *line = "";
        match parse(&lines.join("\n"), block.line, Unresolved::TELL, &mut Problems::of("")) {
            Err(next) => flaw = next,
            Ok(_) => return,
        }
    }
}

/// Tells whether no line below belongs to this one, so that it can be left out by itself.
fn is_leaf(lines: &[&str], at: usize) -> bool {
    let indent = |line: &str| line.len().saturating_sub(line.trim_start().len());
    let Some(line) = lines.get(at).filter(|line| !line.trim().is_empty()) else { return false };
    let below = lines.iter().skip(at.saturating_add(1)).find(|line| !line.trim().is_empty());
    below.is_none_or(|below| indent(below) <= indent(line))
}

/// The names of everything that looks like an anchor.
fn anchors(text: &str) -> HashSet<&str> {
    let is_end = |letter: char| letter.is_whitespace() || ",[]{}".contains(letter);
    text.split('&').skip(1).filter_map(|rest| rest.split(is_end).next()).collect()
}

/// A part of the text that begins with a key at the left margin.
struct Block<'a> {
    /// That of its first line, from 1.
    line: usize,
    text: &'a str,
}

impl Block<'_> {
    fn key(&self) -> Option<String> {
        let line = self.text.lines().find(|line| begins_block(line))?;
        let (key, _) = line.split_once(':')?;
        Some(key.trim().trim_matches(['"', '\'']).to_owned())
    }
}

fn begins_block(line: &str) -> bool {
    let is_key = line.starts_with(|first: char| first.is_alphanumeric() || "_\"'".contains(first));
    is_key && line.contains(':')
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1_usize);
    while !rest.is_empty() && found.len() < BLOCKS_MAX {
        let mut end = 0_usize;
        let mut lines = 0_usize;
        for (number, next) in rest.split_inclusive('\n').enumerate() {
            if number != 0 && begins_block(next) {
                break;
            }
            end = end.saturating_add(next.len());
            lines = lines.saturating_add(1);
        }
        let (block, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        found.push(Block { line, text: block });
        line = line.saturating_add(lines);
        rest = after;
    }
    found
}
