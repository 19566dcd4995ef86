//! One call of a function: its arguments as the function wants them, and what it may end in.

use super::super::{convert, number};
use crate::source::iac::{FieldMap, Place, TemplateValue, TextPart, UnknownValue, ValueKind};
use serde_json::Number;
use std::sync::Arc;

/// The longest text that a function makes, in bytes.
pub(super) const MAX_RESULT: usize = 4 << 20;
/// The most items of a list that a function makes.
pub(super) const MAX_ITEMS: usize = 100_000;

/// Why a call is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionError {
    /// There is no such function.
    #[error("there is no function `{name}`{hint}")]
    NoFunction {
        /// What was written.
        name: String,
        /// The name that was probably meant, in words.
        hint: String,
    },
    /// Too few or too many arguments.
    #[error("`{name}` takes {takes}, not {given}")]
    Count {
        /// The function.
        name: &'static str,
        /// How many it takes, in words.
        takes: String,
        /// How many there are.
        given: usize,
    },
    /// An argument cannot be used.
    #[error("`{name}`: {reason}")]
    Argument {
        /// The function.
        name: &'static str,
        /// Why, in words.
        reason: String,
    },
}

/// How a call ends that gives no known value.
#[derive(Debug)]
pub(super) enum FunctionStop {
    /// The call is wrong.
    Wrong(FunctionError),
    /// The value is not known, for this reason.
    NotKnown(String),
}

/// What a call gives.
pub(super) type FunctionOutcome = Result<TemplateValue, FunctionStop>;

/// A call of a function.
#[derive(Debug)]
pub(super) struct FunctionArgs {
    /// The function.
    pub(super) name: &'static str,
    /// Its arguments.
    pub(super) args: Vec<TemplateValue>,
    /// Where it is written.
    pub(super) place: Option<Place>,
}

impl FunctionArgs {
    /// The call is wrong.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> FunctionStop {
        FunctionStop::Wrong(FunctionError::Argument { name: self.name, reason: reason.into() })
    }

    /// Its value is not known for a reason of the function's own.
    pub(super) fn not_known(&self, reason: &str) -> FunctionStop {
        FunctionStop::NotKnown(format!("the value of `{}` is not known: {reason}", self.name))
    }

    /// Its value is not known because this one is not; if that is known, because of the function.
    pub(super) fn because_of(&self, value: &TemplateValue) -> FunctionStop {
        match convert::why_unknown(value) {
            Some(why) => FunctionStop::NotKnown(why.reason.clone()),
            None => self.not_known("order and number of the items of its argument are not known"),
        }
    }

    /// Which argument it is, in words.
    fn nth(&self, at: usize) -> String {
        match self.args.len() {
            1 => "its argument".to_owned(),
            _ => format!("argument {}", at + 1),
        }
    }

    /// An argument that may not be null.
    pub(super) fn given(&self, at: usize) -> Result<&TemplateValue, FunctionStop> {
        match &self.args[at] {
            value if value.is_null() => Err(self.wrong(format!("{} must not be null", self.nth(at)))),
            value => Ok(value),
        }
    }

    /// A converted argument of which all is known.
    fn converted(
        &self,
        at: usize,
        convert: fn(&TemplateValue) -> Result<TemplateValue, convert::ConvertError>,
    ) -> Result<ValueKind, FunctionStop> {
        let value = self.given(at)?;
        let converted =
            convert(value).map_err(|error| self.wrong(format!("{} is wrong: {error}", self.nth(at))))?;
        if converted.is_known() { Ok(converted.kind) } else { Err(self.because_of(value)) }
    }

    fn mistyped(&self, at: usize, wanted: &str) -> FunctionStop {
        let sort = convert::sort_of(&self.args[at]);
        self.wrong(format!("{} must be {wanted}, but is {sort}", self.nth(at)))
    }

    /// A text of which all is known.
    pub(super) fn text(&self, at: usize) -> Result<Arc<str>, FunctionStop> {
        match self.converted(at, convert::to_text)? {
            ValueKind::Text(text) => Ok(text),
            _ => Err(self.mistyped(at, "a text")),
        }
    }

    /// A text in parts, of which some may not be known.
    pub(super) fn parts(&self, at: usize) -> Result<Vec<TextPart>, FunctionStop> {
        convert::text_parts(self.given(at)?).ok_or_else(|| self.mistyped(at, "a text"))
    }

    /// A number.
    pub(super) fn number(&self, at: usize) -> Result<Number, FunctionStop> {
        match self.converted(at, convert::to_number)? {
            ValueKind::Number(number) => Ok(number),
            _ => Err(self.mistyped(at, "a number")),
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, at: usize) -> Result<i128, FunctionStop> {
        let number = self.number(at)?;
        number::as_whole(&number).ok_or_else(|| self.mistyped(at, "a whole number"))
    }

    /// A whole number that is not negative, and not too large to count with.
    pub(super) fn count(&self, at: usize) -> Result<usize, FunctionStop> {
        usize::try_from(self.whole(at)?)
            .map_err(|_| self.wrong(format!("{} must not be negative", self.nth(at))))
    }

    /// The items of a list, of which some may not be known; how many there are may not be known either.
    pub(super) fn loose_items(&self, at: usize) -> Result<&[TemplateValue], FunctionStop> {
        let value = self.given(at)?;
        match &value.kind {
            ValueKind::List(items) => Ok(items),
            ValueKind::Symbol(_) | ValueKind::Unknown(_) => Err(self.because_of(value)),
            _ => Err(self.mistyped(at, "a list")),
        }
    }

    /// The items of a list with known order and length, of which some may not be known.
    pub(super) fn items(&self, at: usize) -> Result<&[TemplateValue], FunctionStop> {
        let items = self.loose_items(at)?;
        if self.args[at].loose { Err(self.because_of(&self.args[at])) } else { Ok(items) }
    }

    /// The fields of an object.
    pub(super) fn fields(&self, at: usize) -> Result<&FieldMap<TemplateValue>, FunctionStop> {
        let value = self.given(at)?;
        match &value.kind {
            ValueKind::Map(fields) => Ok(fields),
            ValueKind::Symbol(_) | ValueKind::Unknown(_) => Err(self.because_of(value)),
            _ => Err(self.mistyped(at, "an object")),
        }
    }

    /// A text as the result.
    pub(super) fn text_result(&self, text: impl Into<Arc<str>>) -> FunctionOutcome {
        let text = text.into();
        self.bounded_text(text.len())?;
        Ok(TemplateValue::text(text, self.place.clone()))
    }

    /// A text in parts as the result.
    pub(super) fn parts_result(&self, parts: impl IntoIterator<Item = TextPart>) -> FunctionOutcome {
        let parts: Vec<TextPart> = parts.into_iter().collect();
        self.bounded_text(text_length(&parts))?;
        Ok(convert::text_of(parts, self.place.clone()))
    }

    /// So many bytes are not too many.
    pub(super) fn bounded_text(&self, bytes: usize) -> Result<(), FunctionStop> {
        if bytes > MAX_RESULT { Err(self.not_known("it is a text of more than 4 MB")) } else { Ok(()) }
    }

    /// A list as the result.
    pub(super) fn list_result(&self, items: Vec<TemplateValue>) -> FunctionOutcome {
        self.bounded(items.len())?;
        Ok(TemplateValue::list(items, self.place.clone()))
    }

    /// A list in no known order or length as the result, if it is one.
    pub(super) fn loose_result(&self, items: Vec<TemplateValue>, loose: bool) -> FunctionOutcome {
        let loose = loose && !items.is_empty();
        Ok(TemplateValue { loose, ..self.list_result(items)? })
    }

    /// A boolean as the result.
    pub(super) fn bool_result(&self, is: bool) -> FunctionOutcome {
        Ok(TemplateValue::new(ValueKind::Bool(is), self.place.clone()))
    }

    /// A number as the result; none is one that cannot be said exactly.
    pub(super) fn number_result(&self, number: Option<Number>) -> FunctionOutcome {
        let number = number.ok_or_else(|| self.not_known("the number is too large"))?;
        Ok(TemplateValue::new(ValueKind::Number(number), self.place.clone()))
    }

    /// So many items are not too many.
    pub(super) fn bounded(&self, items: usize) -> Result<(), FunctionStop> {
        if items > MAX_ITEMS { Err(self.not_known("it has more than 100,000 items")) } else { Ok(()) }
    }

    /// A value that is not known, with the reason.
    pub(super) fn unknown_result(&self, reason: String) -> TemplateValue {
        TemplateValue::new(
            ValueKind::Unknown(Arc::new(UnknownValue { reason, name: None })),
            self.place.clone(),
        )
    }

    /// What an error of a conversion means for the call.
    pub(super) fn refused(&self, error: &convert::ConvertError) -> FunctionStop {
        self.wrong(error.to_string())
    }
}

/// How many bytes of a text in parts are known.
pub(super) fn text_length(parts: &[TextPart]) -> usize {
    let length = |part: &TextPart| if let TextPart::Literal(text) = part { text.len() } else { 0 };
    parts.iter().map(length).fold(0, usize::saturating_add)
}
