//! Templates of a person's own, with edits coming in.

use std::fs;

use super::desk::{ACTIVE, Desk};

impl Desk {
    fn template(&self, name: &str, text: &str) {
        let directory = self.scene.peer.paths.task_orchestrator().join("templates/documents");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(name), text).unwrap();
        // A change of the state has everything written again.
        self.retitle(self.id("logo"), "the logo");
        self.sync();
    }
}

const UPPER: &str = "# ALL OF IT
{% for section in sections %}
{% if section.group %}{{ record_heading(record=section.group, level=2) }}{% else %}## Ungrouped <!-- no-group -->{% endif %}

{% for task in section.tasks -%}
{{ task_line(task=task) }}
{% endfor -%}
{% endfor -%}
";

const TABLE: &str = "# A table

| Task | State |
|:-----|:------|
{% for section in sections -%}{% for task in section.tasks -%}
| {{ task.title | plain | upper }} | {{ task.status }} |
{% endfor -%}{% endfor -%}
";

#[test]
fn with_a_template_of_ones_own_editing_keeps_working() {
    let desk = Desk::board();
    desk.template("active_tasks.md.tera", UPPER);
    let text = desk.read(ACTIVE);
    assert!(text.contains("# ALL OF IT"), "{text}");
    desk.edit(ACTIVE, |text| text.replace("] form", "] form it !high"));
    assert_eq!(desk.shown(), "Backend: api, store; Design: form it !high, the logo; -: note");
    assert_eq!(desk.open(), "");
    desk.all_in_step();
}

#[test]
fn a_template_that_shows_no_records_takes_none_away() {
    for (what, template) in [("a table", TABLE), ("none", "# Nothing here\n"), ("empty", "")] {
        let desk = Desk::board();
        desk.template("active_tasks.md.tera", template);
        desk.sync();
        let text = desk.read(ACTIVE);
        assert_eq!(
            desk.shown(),
            "Backend: api, store; Design: form, the logo; -: note",
            "{what}\n{text}"
        );
        assert_eq!(desk.open(), "", "{what}\n{text}");
        desk.all_in_step();
        // A remark in it is nobody's record.
        desk.write(ACTIVE, &format!("{}\nA remark.\n", desk.read(ACTIVE)));
        desk.sync();
        assert_eq!(desk.open(), "", "{what}");
        desk.all_in_step();
        // Back to the template that was.
        let path = desk.scene.peer.paths.task_orchestrator().join("templates/documents");
        fs::remove_file(path.join("active_tasks.md.tera")).unwrap();
        desk.retitle(desk.id("logo"), "logo");
        desk.sync();
        let text = desk.read(ACTIVE);
        for title in ["api", "store", "form", "logo", "note"] {
            assert!(text.contains(&format!("] {title} <!-- t-")), "{what}\n{text}");
        }
        assert_eq!(desk.open(), "", "{what}");
        desk.all_in_step();
    }
}

#[test]
fn a_template_that_is_cut_off_is_reported_and_not_used() {
    for template in [&UPPER[..UPPER.len() - 20], "{% if %}", "{{ nothing.here }}"] {
        let desk = Desk::board();
        let before = desk.read(ACTIVE);
        desk.template("active_tasks.md.tera", template);
        let status = callboard_engine::sync::keeper::once(&desk.scene.peer, desk.options);
        let problems = status.unwrap().unwrap().templates;
        assert!(problems.iter().any(|one| one.contains("active_tasks.md.tera")), "{problems:?}");
        assert_eq!(desk.read(ACTIVE).lines().count(), before.lines().count());
        desk.edit(ACTIVE, |text| text.replace("] form", "] form it"));
        assert_eq!(desk.shown(), "Backend: api, store; Design: form it, the logo; -: note");
        desk.all_in_step();
    }
}

#[test]
fn counts_in_a_template_of_ones_own_tell_how_old_a_text_is() {
    for (count, open) in [("All\n\n{{ counts.pending }} are open.", ""), ("All", "removed one")] {
        let mut desk = Desk::board();
        desk.template("active_tasks.md.tera", &UPPER.replace("ALL OF IT", count));
        assert!(desk.read(ACTIVE).starts_with("# "), "the template is not used");
        let buffer = desk.read(ACTIVE);
        desk.scene.clock.advance_ms(60_000);
        desk.task("one", None);
        desk.sync();
        desk.edit(ACTIVE, |_| buffer.replace("] form", "] form it"));
        let shown = "Backend: api, store; Design: form it, the logo; -: note, one";
        assert_eq!((desk.shown().as_str(), desk.open().as_str()), (shown, open));
        desk.all_in_step();
    }
}
