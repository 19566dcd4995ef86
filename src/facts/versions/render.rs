//! What is known about versions as rules read it: `facts.cluster.version`, `facts.nodegroups[…].version` and
//! `facts.addons`.

use crate::facts::builder::{FactBuilder, Field};
use crate::facts::known::Known;
use crate::facts::time::AsOf;
use crate::facts::versions::addon::AddonVersion;
use crate::facts::versions::forecast::{BreakingNames, Forecast};
use crate::facts::versions::rollback::{RollbackObstacle, RollbackState, VersionRollback};
use crate::facts::versions::{ByName, ClusterVersion, NodegroupVersion, SupportDates, VersionLifecycle};
use crate::value::Json;
use chrono::NaiveDate;

/// Makes the nodes of facts about versions.
#[derive(Clone, Copy)]
pub(crate) struct VersionFacts<'s> {
    pub(crate) builder: FactBuilder<'s>,
    pub(crate) as_of: AsOf,
}

impl<'s> VersionFacts<'s> {
    /// `facts.cluster.version`
    pub(crate) fn cluster(self, version: &Known<ClusterVersion<'s>>) -> Json<'s> {
        self.each(version, |version| {
            let mut fields = self.lifecycle(&version.lifecycle);
            fields.extend(self.forecast(&version.forecast));
            fields.push(("rollback", self.each(&version.rollback, |rollback| self.rollback(rollback))));
            self.builder.object_at(version.place.as_str(), fields)
        })
    }

    /// `facts.nodegroups[…].version`
    pub(crate) fn nodegroup(self, version: &Known<NodegroupVersion<'s>>) -> Json<'s> {
        self.each(version, |version| {
            let (builder, skew) = (self.builder, &version.skew);
            let int = |number: &Known<i64>| self.each(number, |number| Json::Int(*number));
            let mut fields = self.lifecycle(&version.lifecycle);
            fields.extend([
                ("minorsBehind", int(&skew.minors_behind)),
                ("allowedMinorsBehind", int(&skew.allowed_minors_behind)),
                ("breaksSkew", builder.flag(skew.breaks.clone())),
                ("minorsBehindAfterForcedUpgrade", int(&skew.minors_behind_after_forced_upgrade)),
                ("breaksSkewAfterForcedUpgrade", builder.flag(skew.breaks_after_forced_upgrade.clone())),
            ]);
            builder.object_at(version.place.as_str(), fields)
        })
    }

    /// By name: `facts.nodegroups[…].version`
    pub(crate) fn nodegroups(self, nodegroups: &Known<ByName<'s, NodegroupVersion<'s>>>) -> Json<'s> {
        let nodegroup =
            |(name, version): &(&'s str, Known<NodegroupVersion<'s>>)| (*name, self.nodegroup(version));
        self.each(nodegroups, |nodegroups| self.builder.object(nodegroups.iter().map(nodegroup)))
    }

    /// `facts.addons`
    pub(crate) fn addons(self, addons: &Known<ByName<'s, AddonVersion<'s>>>) -> Json<'s> {
        let addon = |(name, addon): &(&'s str, Known<AddonVersion<'s>>)| {
            (*name, self.each(addon, |addon| self.addon(addon)))
        };
        self.each(addons, |addons| self.builder.object(addons.iter().map(addon)))
    }

    /// A node, or why there is none.
    fn each<T>(self, known: &Known<T>, node: impl FnOnce(&T) -> Json<'s>) -> Json<'s> {
        match known {
            Ok(known) => node(known),
            Err(unknown) => self.builder.unknown(unknown),
        }
    }

    fn lifecycle(self, life: &VersionLifecycle<'s>) -> Vec<Field<'s>> {
        let date = |pick: fn(&SupportDates) -> NaiveDate| {
            self.each(&life.support, |support| self.builder.text(pick(support)))
        };
        let days = |pick: fn(&SupportDates) -> NaiveDate| {
            self.each(&life.support, |support| Json::Int(self.as_of.days_until(pick(support))))
        };
        vec![
            ("value", Json::Str(life.value)),
            ("status", self.each(&life.status, |status| Json::Str(status.as_str()))),
            ("endOfStandardSupport", date(|support| support.end_of_standard)),
            ("endOfExtendedSupport", date(|support| support.end_of_extended)),
            ("daysToEndOfStandardSupport", days(|support| support.end_of_standard)),
            ("daysToEndOfExtendedSupport", days(|support| support.end_of_extended)),
            ("calendar", self.builder.text(&life.calendar)),
        ]
    }

    fn forecast(self, forecast: &Forecast<'s>) -> [Field<'s>; 9] {
        let (builder, as_of, upgrade) = (self.builder, self.as_of, &forecast.upgrade);
        let names = |names: &BreakingNames<'s>| {
            builder.known(names.all().map(|all| builder.list(all.iter().map(|name| Json::Str(name)))))
        };
        let to = self.each(upgrade, |upgrade| builder.known(upgrade.to_version().map(|to| builder.text(to))));
        let days = self.each(upgrade, |upgrade| Json::Int(as_of.days_until(upgrade.date)));
        let surcharge = &forecast.surcharge_per_month;
        [
            ("forcedUpgradeDate", self.each(upgrade, |upgrade| builder.text(upgrade.date))),
            ("forcedUpgradeTo", to),
            ("daysToForcedUpgrade", days),
            ("forcedUpgradeOverdue", self.each(upgrade, |upgrade| Json::Bool(upgrade.is_overdue(as_of)))),
            ("nodegroupsBreaking", names(&forecast.nodegroups_breaking)),
            ("addonsBreaking", names(&forecast.addons_breaking)),
            ("forecast", self.each(&forecast.sentence, |sentence| builder.text(sentence))),
            ("surchargePerMonth", self.each(surcharge, |surcharge| Json::Double(*surcharge))),
            ("surcharge", builder.text(surcharge_in_words(surcharge))),
        ]
    }

    fn rollback(self, rollback: &VersionRollback<'s>) -> Json<'s> {
        let builder = self.builder;
        let mut fields = vec![("isOpen", Json::Bool(matches!(rollback.state, RollbackState::Open(_))))];
        if let Some(upgrade) = &rollback.upgrade {
            fields.extend([("until", builder.text(upgrade.until())), ("to", builder.text(&upgrade.to))]);
        }
        match &rollback.state {
            RollbackState::Closed(why) => {
                fields.extend([("why", builder.text(why)), ("obstacles", Json::List(&[]))]);
            }
            RollbackState::Open(obstacles) => {
                let obstacle = |obstacle: &RollbackObstacle<'s>| self.obstacle(obstacle);
                let list = |found: &Vec<RollbackObstacle<'s>>| builder.list(found.iter().map(obstacle));
                fields.push(("obstacles", self.each(obstacles, list)));
            }
        }
        match &rollback.upgrade {
            Some(upgrade) => builder.object_at(upgrade.place.as_str(), fields),
            None => builder.object(fields),
        }
    }

    fn obstacle(self, obstacle: &RollbackObstacle<'s>) -> Json<'s> {
        let fields = [
            ("kind", Json::Str(obstacle.kind)),
            ("name", Json::Str(obstacle.name)),
            ("todo", self.builder.text(&obstacle.todo)),
        ];
        self.builder.object_at(obstacle.place.as_str(), fields)
    }

    fn addon(self, addon: &AddonVersion<'s>) -> Json<'s> {
        let text = |text: &Known<&'s str>| self.each(text, |text| Json::Str(text));
        let flag = |flag: &Known<bool>| self.builder.flag(flag.clone());
        let fields = [
            ("value", text(&addon.value)),
            ("compatible", flag(&addon.compatible)),
            ("compatibleWithNext", flag(&addon.compatible_with_next)),
            ("compatibleAfterForcedUpgrade", flag(&addon.compatible_after_forced_upgrade)),
            ("defaultVersion", text(&addon.default_version)),
            ("latestVersion", text(&addon.latest_version)),
        ];
        self.builder.object_at(addon.place.as_str(), fields)
    }
}

/// A price for a sentence: it is said where it is known, and that it is not where it is not.
fn surcharge_in_words(surcharge: &Known<f64>) -> String {
    match surcharge {
        Ok(price) if *price > 0.0 => format!("USD {price} a month"),
        Ok(_) => "none".to_owned(),
        Err(unknown) => format!("not known, {}", unknown.reason),
    }
}
