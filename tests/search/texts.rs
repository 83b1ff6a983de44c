//! Text of other scripts, and what artifacts say.

use super::*;

#[test]
fn text_without_spaces_is_found_by_any_part_of_it() {
    let (scene, session) = Scene::live();
    let made = create(
        &scene,
        session,
        vec![
            task("修复API登录错误 for me", "日本語のテスト"),
            task("로그인 오류", ""),
            task("plain", ""),
        ],
    );
    scene.does("human", context(session, "决定", "我们使用数据库"));
    let check = || {
        for (text, expected) in [
            ("登录", vec!["修复API登录错误 for me"]),
            ("录", vec!["修复API登录错误 for me"]),
            ("录登", vec![]),
            ("api", vec!["修复API登录错误 for me"]),
            ("API登录", vec!["修复API登录错误 for me"]),
            ("本", vec!["修复API登录错误 for me"]),
            ("テスト me", vec!["修复API登录错误 for me"]),
            ("그인", vec!["로그인 오류"]),
            ("数据 使用", vec!["决定"]),
            ("决定", vec!["决定"]),
            ("plain", vec!["plain"]),
        ] {
            assert_eq!(titles(&scene, text), expected, "{text}");
        }
    };
    check();
    let hit = found(&scene, &SearchQuery::new("登录", NOON)).hits.remove(0);
    assert_eq!(hit.title.with_signs("_"), "修复API_登录_错误 for me");
    let fixed = callboard_engine::upkeep::cleanup::Sort::SearchIndex;
    tamper(&scene, "DELETE FROM search_records");
    let cancel = callboard_engine::upkeep::Cancel::new();
    let work = callboard_engine::upkeep::Work::quiet(&cancel);
    let wanted = callboard_engine::upkeep::cleanup::Wanted::of(&[fixed]);
    let items = callboard_engine::upkeep::cleanup::look(&scene.peer, &wanted, work).unwrap();
    let human = callboard_engine::domain::actor::Actor::Human;
    callboard_engine::upkeep::cleanup::carry_out(&scene.peer, &human, items, work).unwrap();
    check();
    scene.does("human", Command::DeleteTask { id: made[0], dependents: Dependents::Release });
    assert_eq!(titles(&scene, "登录"), [""; 0]);
    scene.does("human", Command::Undo { seq: None });
    check();
}

#[test]
fn a_stored_artifact_is_found_by_what_it_says_and_not_by_where_it_lies() {
    use callboard_engine::artifacts::{Handed, NewArtifact, record};
    let (scene, session) = Scene::live();
    let store = |text: &str| {
        let new = NewArtifact {
            session,
            task: None,
            kind: None,
            title: "main.rs".to_owned(),
            summary: String::new(),
            handed: Handed::Text(text.to_owned()),
        };
        record(&scene.peer, callboard_engine::domain::actor::Actor::agent("a"), &new).unwrap();
    };
    store("fn main() { return first }");
    store("fn main() { return second }");
    assert_eq!(titles(&scene, "return"), ["main.rs"], "the newest edition alone");
    assert_eq!(titles(&scene, "first"), ["main.rs"], "an older one that alone says it");
    for nowhere in ["products", "orchestrator", "sessions"] {
        assert_eq!(titles(&scene, nowhere), [""; 0], "{nowhere}");
    }
    let hit = found(&scene, &SearchQuery::new("second", NOON)).hits.remove(0);
    assert!(hit.excerpt.unwrap().1.with_signs("_").contains("return _second_"));
    scene.does("agent:a", Command::Undo { seq: None });
    assert_eq!(titles(&scene, "second"), [""; 0]);
    scene.does("agent:a", Command::Redo);
    assert_eq!(titles(&scene, "second"), ["main.rs"]);
}
