//! What becomes of files in all their shapes.

use super::*;

const PLACE: (&str, &str) = ("mcpServers", "board");
const ENTRY: &str = "{\n  \"command\": \"x\"\n}";

fn check(before: &str, after: &str) {
    assert_eq!(put(before, PLACE, ENTRY).unwrap(), after, "{before}");
    assert_eq!(get(after, PLACE).unwrap().as_deref().map(|text| text.contains('x')), Some(true));
    // A second time changes nothing.
    assert_eq!(put(after, PLACE, ENTRY).unwrap(), after, "{before}");
}

#[test]
fn an_entry_is_added_where_it_belongs_and_all_else_stays() {
    let fresh =
        "{\n  \"mcpServers\": {\n    \"board\": {\n      \"command\": \"x\"\n    }\n  }\n}\n";
    check("", fresh);
    check("  \n", fresh);
    check("{}\n", fresh);
    check(
        "{\n  \"z\": 1,\n  \"a\": [1, 2]\n}\n",
        "{\n  \"z\": 1,\n  \"a\": [1, 2],\n  \"mcpServers\": {\n    \"board\": {\n      \"command\": \"x\"\n    }\n  }\n}\n",
    );
    check(
        "{\n\t// mine\n\t\"mcpServers\": {\n\t\t\"other\": {}, /* last */\n\t},\n}",
        "{\n\t// mine\n\t\"mcpServers\": {\n\t\t\"other\": {},\n\t\t\"board\": {\n\t\t\t\"command\": \"x\"\n\t\t}, /* last */\n\t},\n}",
    );
    check(
        "{\n    \"mcpServers\": {\n        \"board\": {\"command\": \"old\"}\n    }\n}",
        "{\n    \"mcpServers\": {\n        \"board\": {\n            \"command\": \"x\"\n        }\n    }\n}",
    );
}

#[test]
fn what_is_not_understood_is_refused() {
    for text in [
        "[]",
        "nonsense",
        "{\"a\": }",
        "{\"a\": 1",
        "{\"a\" 1}",
        "{\"a\": 1} x",
        "{\"mcpServers\": []}",
        "{/* }",
        "{\"a\": 1 \"b\": 2}",
        "{\"a\": \"\n\"}",
    ] {
        assert!(put(text, PLACE, ENTRY).is_err(), "{text}");
    }
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(put(&deep, PLACE, ENTRY).is_err());
}

#[test]
fn an_entry_is_removed_and_all_else_stays() {
    let check = |before: &str, after: &str| {
        assert_eq!(remove(before, PLACE).unwrap(), after, "{before}");
    };
    check("{\"mcpServers\": {\"board\": {}}}", "{\"mcpServers\": {}}");
    check("{\"mcpServers\": {\n  \"board\": {},\n}}", "{\"mcpServers\": {}}");
    check("{\"mcpServers\": {\"a\": 1, \"board\": {}}}", "{\"mcpServers\": {\"a\": 1}}");
    check("{\"mcpServers\": {\"board\": {}, \"b\": 2}}", "{\"mcpServers\": {\"b\": 2}}");
    check("{\"other\": 1}", "{\"other\": 1}");
}
