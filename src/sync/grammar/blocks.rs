//! The blocks of a document that matter here, as markdown has them.

use std::iter::Peekable;
use std::ops::Range;

use pulldown_cmark::{Event, OffsetIter, Options, Parser, Tag};

use super::body;
use super::lines::Lines;
use crate::domain::draft::Span;

/// A block, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading that is in nothing else.
    Heading { level: usize, span: Span },
    /// A list item with a box, in nothing but other items.
    Item {
        /// Where the box begins.
        box_start: usize,
        /// The end of all that is in the item.
        end: usize,
        /// The place among the blocks of the innermost item with a box around it.
        parent: Option<usize>,
    },
    /// A block quote that is in nothing else (`None`), or directly in an item with a box.
    Quote { span: Span, item: Option<usize> },
    /// Code or HTML that is not in a block quote.
    Hidden { span: Span, what: &'static str },
}

/// Returns the blocks of a text.
pub(super) fn blocks(lines: &Lines<'_>) -> Vec<Block> {
    let shadow = lines.shadow();
    let offset = lines.body_start();
    let markdown = shadow.get(offset..).unwrap_or_default();
    let walk = Walk { lines, offset, blocks: Vec::new(), around: Vec::new(), quotes: 0 };
    walk.run(Parser::new_ext(markdown, Options::empty()).into_offset_iter().peekable())
}

/// What is open around the place of the walk.
#[derive(Debug, Clone, Copy)]
enum Around {
    /// An item; the place of its own block if it has a box, and of the innermost such.
    Item {
        own: Option<usize>,
        inner: Option<usize>,
    },
    List,
    Quote,
    Other,
}

struct Walk<'a, 'b> {
    lines: &'a Lines<'b>,
    offset: usize,
    blocks: Vec<Block>,
    around: Vec<Around>,
    quotes: usize,
}

impl Walk<'_, '_> {
    fn run(mut self, mut events: Peekable<OffsetIter<'_>>) -> Vec<Block> {
        while let Some((event, range)) = events.next() {
            if let Event::Start(tag) = event {
                let around = self.open(&tag, self.span(&range), events.peek());
                self.around.push(around);
            } else if matches!(event, Event::End(_))
                && matches!(self.around.pop(), Some(Around::Quote))
            {
                self.quotes -= 1;
            }
        }
        self.blocks
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span { start: range.start + self.offset, end: range.end + self.offset }
    }

    fn open(
        &mut self,
        tag: &Tag<'_>,
        span: Span,
        next: Option<&(Event<'_>, Range<usize>)>,
    ) -> Around {
        if let Tag::BlockQuote(_) = tag {
            self.quote(span);
            self.quotes += 1;
            return Around::Quote;
        }
        if 0 < self.quotes {
            return Around::Other;
        }
        if let Tag::Item = tag {
            return self.item(span, next);
        }
        if let Tag::List(_) = tag {
            return Around::List;
        }
        if let Tag::Heading { level, .. } = tag
            && self.around.is_empty()
        {
            self.blocks.push(Block::Heading { level: *level as usize, span });
        } else if let Tag::CodeBlock(_) = tag {
            self.blocks.push(Block::Hidden { span, what: "code block" });
        } else if let Tag::HtmlBlock = tag {
            self.blocks.push(Block::Hidden { span, what: "HTML block or comment" });
        }
        Around::Other
    }

    fn quote(&mut self, span: Span) {
        let item = match self.around.last() {
            None => None,
            Some(Around::Item { own: Some(own), .. }) if self.quotes == 0 => Some(*own),
            Some(Around::Item { .. } | Around::List | Around::Quote | Around::Other) => return,
        };
        self.blocks.push(Block::Quote { span, item });
    }

    fn item(&mut self, span: Span, next: Option<&(Event<'_>, Range<usize>)>) -> Around {
        let parent = self.around.iter().rev().find_map(|around| match around {
            Around::Item { inner, .. } => Some(*inner),
            Around::List | Around::Quote | Around::Other => None,
        });
        let parent = parent.flatten();
        let Some(box_start) = next.and_then(|(event, range)| self.box_in(event, range)) else {
            return Around::Item { own: None, inner: parent };
        };
        let own = Some(self.blocks.len());
        self.blocks.push(Block::Item { box_start, end: span.end, parent });
        Around::Item { own, inner: own }
    }

    /// Where the box is, if the first thing in an item is text that begins with one, on the line
    /// of the bullet.
    fn box_in(&self, first: &Event<'_>, range: &Range<usize>) -> Option<usize> {
        let is_other = matches!(
            first,
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::List(_) | Tag::BlockQuote(_))
                | Event::End(_)
        );
        if is_other {
            return None;
        }
        let start = range.start + self.offset;
        let line = self.lines.content(self.lines.at(start));
        let text = line.of(self.lines.text);
        let is_first = body::box_start(text).is_some_and(|place| line.start + place == start);
        let boxed = text.get(start - line.start..).and_then(body::read_box);
        boxed.filter(|_| is_first).map(|_| start)
    }
}
