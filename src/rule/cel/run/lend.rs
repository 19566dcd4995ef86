//! Values on their way to functions of the `cel` crate, and back.

use super::super::budget;
use super::super::fault::Fault;
use super::super::val::{LentValue, UnknownItem};
use super::price;
use super::value::CelValue;
use crate::snapshot::Snapshot;
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelOptional, CelString,
};
use cel::common::value::{CowVal, Val};
use std::collections::HashMap;
use std::rc::Rc;

/// How many bytes of a value are converted for one unit, where the function that wants them pays for nothing.
const CONVERTED: usize = 1024;

impl<'v> CelValue<'v> {
    /// As functions of the `cel` crate see it.
    pub(in super::super) fn lend<'b>(&'b self, snapshot: &'v Snapshot<'v>) -> CowVal<'b, 'v> {
        match self {
            Self::Null => CowVal::owned(CelNull),
            Self::Bool(value) => CowVal::owned(CelBool::from(*value)),
            Self::Int(value) => CowVal::owned(CelInt::from(*value)),
            Self::Double(value) => CowVal::owned(CelDouble::from(*value)),
            Self::Text(text) => CowVal::owned(CelString::from(*text)),
            Self::Made(text) => CowVal::owned(CelString::from(text.to_string())),
            Self::Optional(None) => CowVal::owned(CelOptional::none()),
            Self::Optional(Some(value)) => CowVal::owned(CelOptional::of(value.lend(snapshot).into_owned())),
            Self::Items(items) => {
                let items = items.iter().map(|item| item.lend(snapshot).into_owned());
                CowVal::owned(CelList::from(items.collect::<Vec<_>>()))
            }
            Self::Map(map) => {
                let lent =
                    |(key, value): (&CelMapKey<'v>, &Self)| (key.clone(), value.lend(snapshot).into_owned());
                CowVal::owned(CelMap::from(map.iter().map(lent).collect::<HashMap<_, _>>()))
            }
            Self::Unknown(fault) => CowVal::owned(UnknownItem(Fault::clone(fault).into_error())),
            Self::Other(value) => CowVal::Borrowed(value.as_ref()),
            node => match node.node(snapshot) {
                Some((value, true)) => CowVal::owned(LentValue::walked(value)),
                Some((value, false)) => CowVal::owned(LentValue::new(value)),
                None => CowVal::owned(CelNull),
            },
        }
    }

    /// As [`lend`](Self::lend), where nothing else is paid for what the value holds.
    pub(super) fn lend_charged<'b>(&'b self, snapshot: &'v Snapshot<'v>) -> CowVal<'b, 'v> {
        self.charge_lending();
        self.lend(snapshot)
    }

    /// Takes the cost of that.
    pub(super) fn charge_lending(&self) {
        if matches!(self, Self::Items(_) | Self::Map(_) | Self::Optional(Some(_)) | Self::Made(_)) {
            budget::charge(price::bytes_of(self) / CONVERTED);
        }
    }

    /// The name of its type.
    pub(super) fn type_name(&self, snapshot: &'v Snapshot<'v>) -> String {
        let (list, optional) = (Self::list(Vec::new()), Self::Optional(None));
        let map = Self::Map(Rc::default());
        let alike = match self {
            Self::Items(_) => &list,
            Self::Map(_) => &map,
            Self::Optional(_) => &optional,
            value => value,
        };
        alike.lend(snapshot).get_type().name().to_owned()
    }

    /// What a function of the `cel` crate gave.
    pub(super) fn taken(value: Box<dyn Val + 'v>) -> Self {
        Self::converted(value.as_ref()).unwrap_or_else(|| Self::Other(Rc::from(value)))
    }

    /// The same of a part of something that stays.
    pub(super) fn copied_from(value: &(dyn Val + 'v)) -> Self {
        Self::converted(value).unwrap_or_else(|| Self::Other(Rc::from(value.clone_as_boxed())))
    }

    /// A value of the crate as one of ours, if we have such values.
    fn converted(value: &(dyn Val + 'v)) -> Option<Self> {
        if let Some(value) = value.downcast_ref::<CelBool>() {
            return Some(Self::Bool(*value.inner()));
        }
        if let Some(value) = value.downcast_ref::<CelInt>() {
            return Some(Self::Int(*value.inner()));
        }
        if let Some(value) = value.downcast_ref::<CelDouble>() {
            return Some(Self::Double(*value.inner()));
        }
        if value.downcast_ref::<CelNull>().is_some() {
            return Some(Self::Null);
        }
        if let Some(text) = value.downcast_ref::<CelString<'v>>() {
            return Some(text.as_borrowed().map_or_else(|| Self::Made(text.inner().into()), Self::Text));
        }
        if let Some(item) = value.downcast_ref::<UnknownItem>() {
            return Some(Self::Unknown(Rc::new(item.0.clone().into())));
        }
        Self::converted_whole(value)
    }

    fn converted_whole(value: &(dyn Val + 'v)) -> Option<Self> {
        if let Some(optional) = value.downcast_ref::<CelOptional<'v>>() {
            return Some(Self::Optional(optional.option().map(|inner| Rc::new(Self::copied_from(inner)))));
        }
        if let Some(list) = value.downcast_ref::<CelList<'v>>() {
            let items = list.inner().iter().map(|item| Self::copied_from(item.as_ref()));
            return Some(Self::list(items.collect()));
        }
        let map = value.downcast_ref::<CelMap<'v>>()?;
        let entries = map.inner().iter().map(|(key, value)| (key.clone(), Self::copied_from(value.as_ref())));
        Some(Self::Map(Rc::new(entries.collect())))
    }
}
