//! Values on their way to functions of the `cel` crate, and back.

use super::super::fault::Fault;
use super::super::val::{LentValue, UnknownItem};
use super::super::{budget, cost};
use super::price;
use super::value::CelValue;
use crate::snapshot::Snapshot;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelOptional, CelString};
use cel::common::value::{CowVal, Val};
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
        if matches!(self, Self::Items(_) | Self::Optional(Some(_)) | Self::Made(_)) {
            budget::charge(price::bytes_of(self) / CONVERTED);
        }
    }

    /// The name of its type.
    pub(super) fn type_name(&self, snapshot: &'v Snapshot<'v>) -> String {
        let (list, optional) = (Self::list(Vec::new()), Self::Optional(None));
        let alike = match self {
            Self::Items(_) => &list,
            Self::Optional(_) => &optional,
            value => value,
        };
        alike.lend(snapshot).get_type().name().to_owned()
    }

    /// As [`taken`](Self::taken), of a part of something that stays.
    pub(super) fn copied_from(value: &(dyn Val + 'v)) -> Self {
        budget::charge(cost::bytes_of(value) / CONVERTED);
        Self::taken(value.clone_as_boxed())
    }

    /// What a function of the `cel` crate gave.
    pub(super) fn taken(value: Box<dyn Val + 'v>) -> Self {
        if let Some(value) = value.downcast_ref::<CelBool>() {
            return Self::Bool(*value.inner());
        }
        if let Some(value) = value.downcast_ref::<CelInt>() {
            return Self::Int(*value.inner());
        }
        if let Some(value) = value.downcast_ref::<CelDouble>() {
            return Self::Double(*value.inner());
        }
        if value.downcast_ref::<CelNull>().is_some() {
            return Self::Null;
        }
        if let Some(text) = value.downcast_ref::<CelString<'v>>() {
            return text.as_borrowed().map_or_else(|| Self::Made(text.inner().into()), Self::Text);
        }
        if let Some(optional) = value.downcast_ref::<CelOptional<'v>>() {
            let inner = optional.option().map(|inner| Rc::new(Self::taken(inner.clone_as_boxed())));
            return Self::Optional(inner);
        }
        if let Some(item) = value.downcast_ref::<UnknownItem>() {
            return Self::Unknown(Rc::new(item.0.clone().into()));
        }
        match Vec::try_from(value) {
            Ok(items) => Self::list(items.into_iter().map(Self::taken).collect()),
            Err(other) => Self::Other(Rc::from(other)),
        }
    }
}
