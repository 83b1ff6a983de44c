//! Edits as people make them, of lines.

use super::board::Op;

/// One edit by a person, of lines.
fn edit(lines: &mut Vec<String>, (kind, one, other): (u8, u16, u16)) {
    let (one, other) = (usize::from(one), usize::from(other));
    let at = one % lines.len().max(1);
    let tasks: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("- [")).collect();
    let task = tasks.get(one % tasks.len().max(1)).copied();
    match kind % 14 {
        // Prose, a comment, a heading of one's own, where a blank line is.
        0 | 1 => {
            let blanks: Vec<usize> =
                (5..lines.len()).filter(|at| lines[*at].trim().is_empty()).collect();
            let Some(at) = blanks.get(one % blanks.len().max(1)) else { return };
            let words = [
                format!("My words {other}."),
                format!("<!-- a remark {other} -->"),
                format!("### Of my own {other}"),
                format!("- milk {other}"),
                format!("| a | {other} |\n|---|---|"),
                format!("```\n## code {other}\n```"),
            ];
            let words = words[other % words.len()].clone();
            lines.splice(*at..*at, [String::new(), words]);
        }
        2 => {
            let mut line = format!("- [ ] New of mine {other}");
            let Some(at) = task else { return };
            if other % 2 == 0 {
                let indent = lines[at].len() - lines[at].trim_start().len();
                line = format!("{}{line}", " ".repeat(indent));
            }
            lines.insert(at, line);
        }
        3 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace("- [", ["* [", "+ ["][other % 2]);
        }
        4 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace("[ ]", ["[X]", "[/]", "[?]"][other % 3]);
        }
        5 => {
            let Some(at) = task else { return };
            let other = tasks[other % tasks.len()];
            let line = lines.remove(at);
            lines.insert(other, line);
        }
        6 => {
            let Some(at) = task else { return };
            lines.remove(at);
        }
        7 => lines[at].push_str(["  ", "\t", ""][other % 3]),
        8 if 5 < at && lines[at].trim().is_empty() => {
            lines.remove(at);
        }
        9 if 5 < at && lines[at].starts_with(['_', '|', '#']) => {
            lines.remove(at);
        }
        10 => lines.insert(4.min(lines.len()), format!("mine: {other}")),
        11 if lines[at].starts_with(['_', '|']) => lines[at] += " and mine",
        12 => {
            let Some(at) = task else { return };
            lines[at] = format!("  {}", lines[at]);
        }
        13 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace(" <!-- t-", " !urgnt @me <!-- t-");
        }
        _ => {}
    }
}

pub(super) fn edited(last: &str, edits: &[Op], form: u8) -> String {
    let mut lines: Vec<String> = last.lines().map(str::to_owned).collect();
    for op in edits {
        edit(&mut lines, *op);
        lines = lines.join("\n").lines().map(str::to_owned).collect();
    }
    let mut text = lines.join("\n");
    if form & 1 == 0 {
        text.push('\n');
    }
    if form & 6 == 6 { text.replace('\n', "\r\n") } else { text }
}
