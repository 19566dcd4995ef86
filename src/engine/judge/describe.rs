//! Says what an assertion that does not hold has found: the finding with its texts and places.

use super::{Evaluation, ResourceContext};
use crate::engine::Standing;
use crate::engine::finding::{Finding, FindingFix, RelatedLocation, Resource};
use crate::rule::Check;
use crate::rule::cel::{self, Failure};
use crate::rule::path::Place;
use crate::text::bounded_name;
use crate::value::Location;
use std::sync::Arc;

impl Evaluation<'_> {
    /// What an assertion that does not hold has found.
    ///
    /// # Errors
    ///
    /// The steps of the rule do not suffice to say what it is about. Its fingerprint would be another one.
    pub(super) fn finding(
        &self,
        context: &mut ResourceContext<'_>,
        check: &Check,
    ) -> Result<Finding, Failure> {
        let resource_place = context.places.resource.pointer().unwrap_or_default();
        let item = || context.places.items.last().and_then(Place::pointer);
        let at = check.at.as_ref().and_then(|at| at.follow(&context.scope, &context.places).pointer);
        let place = at.or_else(item).unwrap_or_else(|| resource_place.clone());
        let key = check.key.as_ref().and_then(|key| key.text(&context.scope).ok()).unwrap_or_default();
        if cel::take_ran_out() {
            return Err(cel::too_many_steps());
        }
        let finding = Finding {
            rule: context.index,
            severity: context.severity,
            standing: Standing::Open,
            // A copy: shrinking a text in place leaves up to half of it unused.
            message: Box::from(check.message.fill(&context.scope, self.called()).as_str()),
            fingerprint: self.fingerprints.fingerprint(
                &context.rule.id,
                &self.cluster,
                self.snapshot,
                &resource_place,
                &place,
                &key,
            ),
            resource: self.describe(context),
            primary: Location::new(Arc::clone(&self.file), place),
            related: self.related(context, check).into(),
            fix: self.fix(context),
        };
        cel::charge_kept(finding.bytes());
        Ok(finding)
    }

    /// What fixes it: a command for what runs, a change of its template for what does not yet.
    fn fix(&self, context: &ResourceContext<'_>) -> FindingFix {
        let remediation = &context.rule.remediation;
        match (self.snapshot.source, &remediation.command) {
            _ if !self.judge.fixes => FindingFix::Words,
            (None, Some(command)) => FindingFix::Command(command.fill_shell(&context.scope).into()),
            (Some(language), _) if remediation.changes.of(language).is_some() => {
                FindingFix::Template(language)
            }
            _ => FindingFix::Words,
        }
    }

    /// Other places that a finding names, as far as there is room for them.
    fn related(&self, context: &ResourceContext<'_>, check: &Check) -> Vec<RelatedLocation> {
        let (mut found, mut room) = (Vec::new(), self.limit.room());
        for related in &check.related {
            if room == 0 {
                break;
            }
            let end = related.at.follow(&context.scope, &context.places);
            // What is related is said only where it is there.
            let Some(pointer) = end.pointer.filter(|_| !end.is_lost) else { continue };
            let message = Box::from(related.message.fill(&context.scope, self.called()).as_str());
            let location = Location::new(Arc::clone(&self.file), pointer);
            let related = RelatedLocation { message, location };
            room = room.saturating_sub(related.bytes());
            found.push(related);
        }
        found
    }

    /// What to call the cluster in messages, where its name is known only after apply.
    fn called(&self) -> Option<&str> {
        self.cluster.name.as_deref().filter(|_| self.cluster.is_renamed)
    }

    /// Name and ARN of the resource, made once for all findings of all rules about it.
    pub(super) fn describe(&self, context: &ResourceContext<'_>) -> Arc<Resource> {
        let (part, position) = match &context.places.resource {
            Place::Part(part) => (Some(*part), None),
            Place::Item(part, at) => (Some(*part), Some(*at)),
            _ => (None, None),
        };
        let section = context.rule.resource;
        let mut known = self.resources.borrow_mut();
        let entry = known.entry((section.index(), position));
        let resource = || {
            let cluster = section.name == "cluster";
            let key = || part?.key_of(position?);
            let name = if cluster { self.cluster.name.clone() } else { key() };
            let arn = if cluster { self.cluster.arn.clone() } else { arn(context) };
            let bounded = |name: Option<String>| name.map(|name| bounded_name(&name).into());
            let (name, arn) = (bounded(name), bounded(arn));
            Arc::new(Resource {
                kind: &section.singular,
                title: &section.title,
                name,
                arn,
                address: None,
                position,
            })
        };
        Arc::clone(entry.or_insert_with(resource))
    }
}

/// The ARN of the resource, where the API gives one.
fn arn(context: &ResourceContext<'_>) -> Option<String> {
    let node = context.scope.resource_value().node()?;
    let named = format!("{}Arn", context.rule.resource.singular);
    let found = [named.as_str(), "Arn", "arn"].into_iter().find_map(|field| node.get_go_cased(field))?;
    found.as_str().map(str::to_owned)
}
