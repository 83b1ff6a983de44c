//! Reading mode files.

use callboard_engine::modes::built_in::{BuiltIn, FILES};
use callboard_engine::modes::read;

#[test]
fn built_in_files_have_no_problems() {
    for file in FILES {
        let reading = read(file.name, file.text.as_bytes(), &BuiltIn);
        assert_eq!(reading.problems, Vec::new(), "{}", file.name);
    }
}
