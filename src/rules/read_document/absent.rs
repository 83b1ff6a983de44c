//! Items that are gone and not asked about yet: kept with what the edit says, so that they are not
//! forgotten with the process that saw them go.

use std::collections::HashSet;

use super::identity::Identity;
use super::{Edit, Plan};

/// Plans what is in quarantine from now on: what was before and did not come back, and what was
/// taken out just now.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) {
    let here = edit.identities.iter().filter_map(Identity::key).map(ToString::to_string);
    let decided = edit.read.removed.iter().chain(&edit.read.unasked).cloned();
    let over: HashSet<String> = here.chain(decided).collect();
    let before = edit.ledger.as_ref().map(|ledger| ledger.absent.clone()).unwrap_or_default();
    plan.absent = before.into_iter().filter(|(name, _)| !over.contains(name)).collect();
    for name in &plan.taken_out {
        if !plan.absent.iter().any(|(known, _)| known == name) {
            plan.absent.push((name.clone(), edit.scene.now));
        }
    }
}
