//! The guard of templates: what a document's template may hold, and the calls that keep it bounded.
//!
//! Tera has no limits of its own, and a template may come with a clone of somebody's repository. So
//! a template is one file without parts that call each other, and gets calls of ours woven in: one
//! after the beginning of each loop, which counts steps; one after each `set`, which weighs the
//! value; and one before each output, which notes the line, so that a problem in a document is told
//! with the template's line. Lines stay what they are; only columns move.

use super::Fault;

/// Largest template, in bytes.
pub(super) const TEMPLATE_MAX: usize = 64 * 1024;
/// Most `~` in one expression, each of which may double a text.
const JOINED_MAX: usize = 64;
/// Most filters in one expression, each of which may go over a large text.
const FILTERS_MAX: usize = 64;

/// The names of the woven calls.
pub(super) const STEP: &str = "callboard_step";
pub(super) const WEIGH: &str = "callboard_weigh";
pub(super) const LINE: &str = "callboard_line";

/// Tags by which parts of templates call each other, or by which output is kept instead of written.
const REFUSED: [&str; 8] =
    ["include", "extends", "block", "component", "import", "macro", "filter", "macros"];

/// One `{{ … }}` or `{% … %}`, taken apart.
struct Tag<'a> {
    line: usize,
    /// Between the delimiters, the dashes of whitespace control apart.
    inner: &'a str,
    trims_before: bool,
    trims_after: bool,
}

/// The template with our calls woven in.
///
/// # Errors
///
/// What it may not hold, with the line.
pub(super) fn weave(source: &str) -> Result<String, Fault> {
    if TEMPLATE_MAX < source.len() {
        let (size, max) = (source.len(), TEMPLATE_MAX);
        return Err(Fault::new(1, format!("it has {size} bytes; the limit is {max}")));
    }
    let mut woven = String::with_capacity(source.len() * 2);
    let (mut rest, mut line) = (source, 1);
    while let Some(start) = next_marker(rest) {
        let (text, tagged) = rest.split_at(start);
        woven.push_str(text);
        line += breaks(text);
        let (whole, tag) = take(tagged, line);
        match tag {
            Some((tag, true)) => woven.push_str(&output(&tag)?),
            Some((tag, false)) => {
                woven.push_str(whole);
                woven.push_str(&after_tag(&tag)?);
            }
            None => woven.push_str(whole),
        }
        line += breaks(whole);
        rest = tagged.get(whole.len()..).unwrap_or_default();
    }
    woven.push_str(rest);
    Ok(woven)
}

fn breaks(text: &str) -> usize {
    text.matches('\n').count()
}

fn next_marker(text: &str) -> Option<usize> {
    ["{{", "{%", "{#"].iter().filter_map(|marker| text.find(marker)).min()
}

/// The text of the tag, comment or raw section that stands at the beginning, and the tag; `true`
/// for an output.
fn take(text: &str, line: usize) -> (&str, Option<(Tag<'_>, bool)>) {
    if text.starts_with("{#") {
        let end = text.find("#}").map_or(text.len(), |at| at + 2);
        return (text.get(..end).unwrap_or(text), None);
    }
    let is_output = text.starts_with("{{");
    let close = if is_output { "}}" } else { "%}" };
    let Some(end) = end_of_tag(text, close) else { return (text, None) };
    let whole = text.get(..end + 2).unwrap_or(text);
    let inner = text.get(2..end).unwrap_or_default();
    let (inner, trims_before) = inner.strip_prefix('-').map_or((inner, false), |rest| (rest, true));
    let (inner, trims_after) = inner.strip_suffix('-').map_or((inner, false), |rest| (rest, true));
    if !is_output && inner.trim() == "raw" {
        return (raw_section(text), None);
    }
    (whole, Some((Tag { line, inner, trims_before, trims_after }, is_output)))
}

/// Where the closing delimiter begins, texts in quotes passed over.
fn end_of_tag(text: &str, close: &str) -> Option<usize> {
    let mut places = code(text).map(|(at, _)| at).filter(|at| 2 <= *at);
    places.find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(close)))
}

/// The characters of a tag that are in no quotes, with their places.
fn code(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quote, mut is_escaped) = (None, false);
    text.char_indices().filter(move |(_, character)| {
        let Some(open) = quote else {
            if matches!(character, '"' | '\'' | '`') {
                quote = Some(*character);
            }
            return quote.is_none();
        };
        if *character == open && !is_escaped {
            quote = None;
        }
        is_escaped = *character == '\\' && !is_escaped;
        false
    })
}

/// The whole of a raw section; the rest of the template where it has no end, which Tera refuses.
fn raw_section(text: &str) -> &str {
    let mut from = 2;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("{%")).map(|at| from + at) {
        let tag = text.get(at..).unwrap_or_default();
        if let Some(end) = end_of_tag(tag, "%}") {
            let inner = tag.get(2..end).unwrap_or_default();
            if inner.trim_matches('-').trim() == "endraw" {
                return text.get(..at + end + 2).unwrap_or(text);
            }
        }
        from = at + 2;
    }
    text
}

fn output(tag: &Tag<'_>) -> Result<String, Fault> {
    check(tag)?;
    let (before, after) = (dash(tag.trims_before), dash(tag.trims_after));
    let (line, inner) = (tag.line, tag.inner);
    Ok(format!("{{{{{before} {LINE}(line={line}) }}}}{{{{{inner}{after}}}}}"))
}

/// The call that stands after a tag.
fn after_tag(tag: &Tag<'_>) -> Result<String, Fault> {
    check(tag)?;
    let inner = tag.inner.trim_start();
    let (keyword, rest) = split_word(inner);
    let (line, after) = (tag.line, dash(tag.trims_after));
    if REFUSED.contains(&keyword) {
        let message = format!("`{keyword}` has no place in a template, which stands alone");
        return Err(Fault::new(line, message));
    }
    match keyword {
        "for" => Ok(format!("{{{{ {STEP}(line={line}) {after}}}}}")),
        "set" | "set_global" => {
            let (name, rest) = split_word(rest.trim_start());
            if !rest.trim_start().starts_with('=') {
                let message = format!("`{keyword}` must be of the form `{keyword} name = value`");
                return Err(Fault::new(line, message));
            }
            Ok(format!("{{{{ {WEIGH}(line={line}, value={name}) {after}}}}}"))
        }
        _ => Ok(String::new()),
    }
}

fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

fn dash(trims: bool) -> &'static str {
    if trims { "-" } else { "" }
}

/// Refuses what cannot be bounded inside of an expression.
fn check(tag: &Tag<'_>) -> Result<(), Fault> {
    let code: String = code(tag.inner).map(|(_, character)| character).collect();
    let refuse = |message: &str| Err(Fault::new(tag.line, message.to_owned()));
    if code.trim_start().starts_with('<') {
        return refuse("components have no place in a template, which stands alone");
    }
    if code
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .skip(1)
        .any(|word| word == "for")
    {
        return refuse("a list is made with a `for` tag, not inside of an expression");
    }
    if JOINED_MAX < code.matches('~').count() {
        return refuse("too many texts are joined at once");
    }
    if FILTERS_MAX < code.matches('|').count() {
        return refuse("too many filters stand one after the other");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_woven_in_and_lines_stay() {
        for (source, woven) in [
            ("a {{ b }} c", "a {{ callboard_line(line=1) }}{{ b }} c"),
            ("\n{{- b -}}", "\n{{- callboard_line(line=2) }}{{ b -}}"),
            ("{% for a in b -%}\n x", "{% for a in b -%}{{ callboard_step(line=1) -}}\n x"),
            ("{% set a = \"%}\" %}", "{% set a = \"%}\" %}{{ callboard_weigh(line=1, value=a) }}"),
            ("{# {{ a }} #}b", "{# {{ a }} #}b"),
            ("{% raw %}{{ a }}{% endraw %}b", "{% raw %}{{ a }}{% endraw %}b"),
            ("{% if a %}b{% endif %}", "{% if a %}b{% endif %}"),
            ("{{ \"for ~\" }}", "{{ callboard_line(line=1) }}{{ \"for ~\" }}"),
        ] {
            assert_eq!(weave(source).unwrap(), woven, "{source}");
        }
    }

    #[test]
    fn what_cannot_be_bounded_is_refused_with_its_line() {
        for source in [
            "\n{% include \"a\" %}",
            "\n{%- component a() %}{% endcomponent %}",
            "\n{{ <a/> }}",
            "\n{% <a> %}{% </a> %}",
            "\n{% set a %}x{% endset %}",
            "\n{% filter upper %}x{% endfilter %}",
            "\n{{ [a for a in b] }}",
            &format!("\n{{{{ a{} }}}}", "|upper".repeat(FILTERS_MAX + 1)),
        ] {
            assert_eq!(weave(source).unwrap_err().line, 2, "{source}");
        }
        assert!(weave(&"a".repeat(TEMPLATE_MAX + 1)).is_err());
    }
}
