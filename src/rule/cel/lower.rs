//! From what a rule's author wrote to what runs. One walk over the parsed expression checks it
//! (names, functions, fields against the snapshot's schema, types) and rewrites it:
//!
//! - names become slots, so that nothing is searched by name while evaluating;
//! - `let` is put in where it is used, which makes it lazy. One that takes a loop is worked out once and shared, and so
//!   is every such part of an expression that does not depend on what it is evaluated for again and again;
//! - `has`, `.?` and what follows them, `+`, `size`, `==` on lists and `matches` go to functions of
//!   ours: cel 0.15 turns every error under `.?` into none, has no limits, and compiles a regular
//!   expression at each call;
//! - every step of a loop takes from a budget.

use super::call::Function;
use super::known_names::{KnownNames, TYPE_NAMES};
use super::level::{CostlyParts, Level};
use super::nodes::count;
use super::shared_expressions::SharedExpressions;
use super::strings::{self, RegexVal};
use super::types::Ty;
use super::{functions, internal, lists};
use crate::facts::FactSet;
use crate::snapshot::{Type, schema, section};
use crate::text::{nearest, nearest_or_all};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, ListExpr, LiteralValue, SourceInfo, operators};
use std::collections::BTreeSet;

/// The deepest nesting of an expression.
const MAX_DEPTH: usize = 64;
/// The deepest nesting of loops.
const MAX_LOOPS: usize = 4;
/// The most nodes of all expressions of a rule, `let`s put in.
const MAX_NODES: usize = 20_000;
/// What counts besides nodes: parsing an expression, compiling a regular expression.
const EXPRESSION: usize = 20;
const REGEX: usize = 400;

/// A mistake in an expression: what is wrong, and the bytes of the source where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// What is wrong, and what is known instead.
    pub message: String,
    /// Where in the expression, if that is known.
    pub range: Option<(usize, usize)>,
}

/// How large the expressions of a rule are together.
#[derive(Default)]
pub(super) struct Size(usize);

impl Size {
    fn grow(&mut self, by: usize) -> Result<(), String> {
        self.0 = self.0.saturating_add(by);
        match self.0 > MAX_NODES {
            true => Err("makes the rule too large, `let`s put in".to_owned()),
            false => Ok(()),
        }
    }
}

/// What an expression reads of a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    /// The sections.
    pub sections: BTreeSet<&'static str>,
    /// The fields, as structure and name.
    pub fields: BTreeSet<(String, String)>,
    /// The facts.
    pub facts: FactSet,
}

/// What is known of an expression that was parsed, besides its tree.
pub(super) struct LowerSource<'a> {
    /// Where its parts stand.
    pub(super) info: &'a SourceInfo,
    /// Which of its parts are worth to be shared.
    pub(super) costly: CostlyParts,
}

pub(super) struct Lower<'a> {
    pub(super) names: &'a KnownNames,
    source: &'a LowerSource<'a>,
    pub(super) regexes: &'a mut Vec<RegexVal>,
    pub(super) reads: &'a mut Reads,
    size: &'a mut Size,
    shared: &'a mut SharedExpressions,
    /// For what this place is evaluated anew.
    around: Level,
    vars: Vec<Var>,
    /// How deep this place is in expressions and in loops, and the deepest.
    depth: (usize, usize),
    loops: (usize, usize),
}

struct Var {
    name: String,
    expr: Expr,
    ty: Ty,
}

type Lowered = Result<(IdedExpr, Ty), Mistake>;

impl<'a> Lower<'a> {
    pub(super) fn new(
        names: &'a KnownNames,
        source: &'a LowerSource<'a>,
        regexes: &'a mut Vec<RegexVal>,
        reads: &'a mut Reads,
        size: &'a mut Size,
        shared: &'a mut SharedExpressions,
        around: Level,
    ) -> Self {
        let (depth, loops) = ((0, 0), (0, 0));
        Self { names, source, regexes, reads, size, shared, around, vars: Vec::new(), depth, loops }
    }

    /// How deep the lowered expressions nest, and how deep their loops.
    pub(super) fn deepest(&self) -> (usize, usize) {
        (self.depth.1, self.loops.1)
    }

    fn deeper(&mut self, expr: &IdedExpr, by: usize) -> Result<(), Mistake> {
        self.depth.1 = self.depth.1.max(self.depth.0 + by);
        match self.depth.1 > MAX_DEPTH {
            true => Err(self.mistake(expr, format!("nests deeper than {MAX_DEPTH} levels"))),
            false => Ok(()),
        }
    }

    fn loops(&mut self, expr: &IdedExpr, by: usize) -> Result<(), Mistake> {
        self.loops.1 = self.loops.1.max(self.loops.0 + by);
        match self.loops.1 > MAX_LOOPS {
            true => Err(self.mistake(expr, format!("nests more than {MAX_LOOPS} loops"))),
            false => Ok(()),
        }
    }

    fn grow(&mut self, expr: &IdedExpr, by: usize) -> Result<(), Mistake> {
        self.size.grow(by).map_err(|message| self.mistake(expr, message))
    }

    /// Lowers an expression. One that would be worked out again and again for the same value is shared.
    pub(super) fn lower(&mut self, expr: &IdedExpr) -> Lowered {
        let level = if self.source.costly.has(expr) { self.level_of(expr) } else { self.around };
        if level >= self.around {
            return self.lower_here(expr);
        }
        let around = std::mem::replace(&mut self.around, level);
        let lowered = self.lower_here(expr);
        self.around = around;
        let (program, ty) = lowered?;
        Ok((IdedExpr { id: expr.id, expr: self.shared.add(program, level) }, ty))
    }

    fn level_of(&self, expr: &IdedExpr) -> Level {
        let variable = |name: &str| self.vars.iter().any(|var| var.name == name).then_some(Level::Loop);
        Level::of(expr, &|name| variable(name).or_else(|| self.names.level(name)))
    }

    fn lower_here(&mut self, expr: &IdedExpr) -> Lowered {
        let first = if self.depth.0 == 0 { EXPRESSION } else { 0 };
        self.grow(expr, 1 + first)?;
        self.depth.0 += 1;
        self.deeper(expr, 0)?;
        let (lowered, ty) = match &expr.expr {
            Expr::Literal(LiteralValue::Bytes(_)) => {
                return Err(self.mistake(expr, "bytes are not used here; leave out the `b`".to_owned()));
            }
            Expr::Literal(literal) => (expr.expr.clone(), literal_type(literal)),
            Expr::Ident(name) => self.name(expr, name)?,
            Expr::Select(select) if select.test => {
                // The interpreter would look the field up like any other, and find the value that AWS
                // documents for its absence. `has` asks what the document says.
                let (operand, ty) = self.lower(&select.operand)?;
                self.field(expr, &ty, &select.field)?;
                (call(internal::HAS, vec![operand, text(&select.field)]), Ty::Bool)
            }
            Expr::Select(select) => {
                let (operand, ty) = self.lower(&select.operand)?;
                self.select(expr, operand, &ty, &select.field, false)?
            }
            Expr::List(list) => self.list(list)?,
            Expr::Map(map) => self.map(expr, map)?,
            Expr::Call(call) => self.call(expr, call)?,
            Expr::Comprehension(comprehension) => self.comprehension(expr, comprehension)?,
            Expr::Struct(_) => return Err(self.mistake(expr, "messages cannot be made here".to_owned())),
            Expr::Unspecified => return Err(self.mistake(expr, "is empty".to_owned())),
        };
        self.depth.0 -= 1;
        Ok((IdedExpr { id: expr.id, expr: lowered }, ty))
    }

    fn mistake(&self, expr: &IdedExpr, message: String) -> Mistake {
        let range = self.source.info.offset_for(expr.id).map(|(start, stop)| (start as usize, stop as usize));
        Mistake { message, range }
    }

    fn name(&mut self, expr: &IdedExpr, name: &str) -> Result<(Expr, Ty), Mistake> {
        if let Some(var) = self.vars.iter().rev().find(|var| var.name == name) {
            return Ok((var.expr.clone(), var.ty.clone()));
        }
        let names = self.names;
        if let Some(known) = names.lets.get(name) {
            // Counted at each use: `let`s that each use the one before twice double in size from one to
            // the next, and 30 short lines would be a billion nodes.
            self.grow(expr, known.nodes)?;
            self.deeper(expr, known.depth)?;
            self.loops(expr, known.loops)?;
            return Ok((known.expr.clone(), known.ty.clone()));
        }
        if let Some((slot, ty)) = self.names.slot(name) {
            match section::by_name(name) {
                Some(section) => self.reads.sections.insert(&section.name),
                None => false,
            };
            return Ok((slot.clone(), ty.clone()));
        }
        // `type(x) == int`: the interpreter knows these by itself, unless something of ours hides them.
        if TYPE_NAMES.contains(&name) {
            return Ok((Expr::Ident(name.to_owned()), Ty::Dyn));
        }
        let vars = self.vars.iter().map(|var| var.name.as_str());
        let hint = nearest(name, self.names.all().chain(vars));
        Err(self.mistake(expr, format!("unknown name `{name}`{hint}")))
    }

    /// The type of a field, or the mistake of naming one that does not exist.
    fn field(&mut self, expr: &IdedExpr, ty: &Ty, name: &str) -> Result<Ty, Mistake> {
        match ty {
            Ty::OptionalOf(inner) => self.field(expr, &inner.clone(), name),
            Ty::Dyn | Ty::Optional | Ty::Map => Ok(Ty::Dyn),
            Ty::Params => self.names.params.get(name).cloned().ok_or_else(|| {
                let mut known: Vec<_> = self.names.params.keys().map(String::as_str).collect();
                known.sort_unstable();
                let hint = nearest_or_all(name, &known);
                self.mistake(expr, format!("the rule has no parameter `{name}`{hint}"))
            }),
            Ty::Snapshot(schema_type) => match schema().select(*schema_type, name) {
                Ok(Some(field)) => {
                    self.note(*schema_type, name);
                    Ok(Ty::of_schema(field.ty))
                }
                Ok(None) => Err(self.mistake(expr, format!("{} has no fields", ty.describe()))),
                Err(structure) => {
                    let hint = nearest_or_all(name, &structure.field_names());
                    let message = format!("{} has no field `{name}`{hint}", structure.name);
                    Err(self.mistake(expr, message))
                }
            },
            Ty::Section(section) => Err(self.mistake(
                expr,
                format!("{} is a list; use {}[id].{name} or a loop", section.name, section.name),
            )),
            _ => Err(self.mistake(expr, format!("{} has no field `{name}`", ty.described()))),
        }
    }

    /// Notes that a field is read.
    fn note(&mut self, ty: Type, name: &str) {
        if let Type::Struct(id) = ty {
            let structure = &schema().structure(id).name;
            self.reads.facts.add(structure, name);
            self.reads.fields.insert((structure.clone(), name.to_owned()));
        }
    }

    fn select(
        &mut self,
        expr: &IdedExpr,
        operand: IdedExpr,
        ty: &Ty,
        name: &str,
        optional: bool,
    ) -> Result<(Expr, Ty), Mistake> {
        let field = self.field(expr, ty, name)?;
        Ok(look_up(operand, text(name), optional || ty.is_optional(), field))
    }

    fn list(&mut self, list: &ListExpr) -> Result<(Expr, Ty), Mistake> {
        let (mut elements, mut types) = (Vec::new(), Vec::new());
        for element in &list.elements {
            let (element, ty) = self.lower(element)?;
            elements.push(metered(element, &ty));
            types.push(ty);
        }
        let same = types.windows(2).all(|pair| pair[0] == pair[1]);
        let ty = match types.pop() {
            Some(ty) if same => Ty::ListOf(Box::new(ty)),
            _ => Ty::List,
        };
        let optional_indices = list.optional_indices.clone();
        Ok((Expr::List(ListExpr { elements, optional_indices }), ty))
    }

    fn map(&mut self, expr: &IdedExpr, map: &cel::common::ast::MapExpr) -> Result<(Expr, Ty), Mistake> {
        use cel::common::ast::EntryExpr;
        let mut map = map.clone();
        for entry in &mut map.entries {
            match &mut entry.expr {
                EntryExpr::MapEntry(entry) => {
                    let (key, key_type) = self.lower(&entry.key)?;
                    let (value, value_type) = self.lower(&entry.value)?;
                    (entry.key, entry.value) = (metered(key, &key_type), metered(value, &value_type));
                }
                EntryExpr::StructField(_) => {
                    return Err(self.mistake(expr, "messages cannot be made here".to_owned()));
                }
            }
        }
        Ok((Expr::Map(map), Ty::Map))
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Result<(Expr, Ty), Mistake> {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            (operators::INDEX | operators::OPT_INDEX, [operand, key]) => {
                let (operand, ty) = self.lower(operand)?;
                self.index(expr, operand, &ty, key, name == operators::OPT_INDEX)
            }
            (operators::OPT_SELECT, [operand, field]) => {
                let (operand, ty) = self.lower(operand)?;
                let Expr::Literal(LiteralValue::String(field)) = &field.expr else {
                    return Err(self.mistake(expr, "a field name must follow `.?`".to_owned()));
                };
                self.select(expr, operand, &ty, field.inner(), true)
            }
            (_, args) if is_operator(name) => self.operator(expr, name, args),
            _ => self.function(expr, call),
        }
    }

    fn index(
        &mut self,
        expr: &IdedExpr,
        operand: IdedExpr,
        ty: &Ty,
        key: &IdedExpr,
        optional: bool,
    ) -> Result<(Expr, Ty), Mistake> {
        let (key, key_type) = self.lower(key)?;
        let inner = match ty {
            Ty::OptionalOf(inner) => inner,
            other => other,
        };
        let result = match (inner, &key_type) {
            // The way to a field that AWS added yesterday: not checked.
            (Ty::Snapshot(Type::Struct(_)), Ty::Str | Ty::Dyn) => match &key.expr {
                Expr::Literal(LiteralValue::String(name)) => {
                    self.note(inner.schema_type(), name.inner());
                    let field = schema().select(inner.schema_type(), name.inner());
                    field.ok().flatten().map_or(Ty::Dyn, |field| Ty::of_schema(field.ty))
                }
                // Which field that is shows only when the rule runs, so no fact may be left out.
                _ => {
                    self.reads.facts = FactSet::ALL;
                    Ty::Dyn
                }
            },
            (Ty::Snapshot(Type::Map(id)), Ty::Str | Ty::Dyn) => Ty::of_schema(schema().get(*id)),
            (Ty::Section(_), Ty::Str | Ty::Int | Ty::Dyn) => inner.item().unwrap_or(Ty::Dyn),
            (Ty::Dyn | Ty::Optional | Ty::Map | Ty::Params, _) => Ty::Dyn,
            (list, Ty::Int | Ty::Dyn) if list.item().is_some() => list.item().unwrap_or(Ty::Dyn),
            (list, key) => {
                let message = format!("{} is not indexed with {}", list.described(), key.described());
                return Err(self.mistake(expr, message));
            }
        };
        Ok(look_up(operand, key, optional || ty.is_optional(), result))
    }

    fn operator(&mut self, expr: &IdedExpr, name: &str, args: &[IdedExpr]) -> Result<(Expr, Ty), Mistake> {
        let (mut lowered, mut types) = (Vec::new(), Vec::new());
        for arg in args {
            let (arg, ty) = self.lower(arg)?;
            lowered.push(arg);
            types.push(ty);
        }
        let ty = match (name, types.as_slice()) {
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
                return self.equality(expr, name, lowered, [a, b]);
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [a, b],
            ) => {
                self.comparable(expr, a, b)?;
                self.orderable(expr, a, b)?;
                self.not_version_texts(expr, args, a, b)?;
                lowered = compared(lowered, [a, b]);
                Ty::Bool
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, types) => {
                for (arg, ty) in args.iter().zip(types) {
                    self.expect(arg, ty, &Ty::Bool)?;
                }
                Ty::Bool
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.expect(&args[0], condition, &Ty::Bool)?;
                if yes == no { yes.clone() } else { Ty::Dyn }
            }
            (operators::ADD, [a, b]) => return self.addition(expr, lowered, a, b),
            (operators::IN, [item, container]) => return self.membership(expr, lowered, item, container),
            (operators::NOT_STRICTLY_FALSE, _) => Ty::Bool,
            (_, types) => self.arithmetic(expr, name, types)?,
        };
        Ok((call(name, lowered), ty))
    }

    fn equality(
        &self,
        expr: &IdedExpr,
        name: &str,
        args: Vec<IdedExpr>,
        [a, b]: [&Ty; 2],
    ) -> Result<(Expr, Ty), Mistake> {
        self.comparable(expr, a, b)?;
        if a.is_scalar() || b.is_scalar() {
            return Ok((call(name, compared(args, [a, b])), Ty::Bool));
        }
        // Lists and objects may hold items that are unknown. CEL's `==` can only answer true or false;
        // ours fails with the reason.
        let equal = call(internal::EQUAL, args);
        Ok(match name {
            operators::NOT_EQUALS => {
                (call(operators::LOGICAL_NOT, vec![IdedExpr { id: expr.id, expr: equal }]), Ty::Bool)
            }
            _ => (equal, Ty::Bool),
        })
    }

    fn addition(&self, expr: &IdedExpr, args: Vec<IdedExpr>, a: &Ty, b: &Ty) -> Result<(Expr, Ty), Mistake> {
        let ty = match (a, b) {
            (a, b) if !a.adds() || !b.adds() => return Err(self.cannot(expr, "added", a, b)),
            (Ty::Timestamp, _) | (_, Ty::Timestamp) => Ty::Timestamp,
            (a, b) if a == b => a.clone(),
            (a, b) if a.may_be(b) => Ty::Dyn,
            (a, b) => return Err(self.cannot(expr, "added", a, b)),
        };
        // A sum of numbers or times takes no more room than they do. Texts and lists grow: a text that is
        // doubled 30 times fills the memory. So ours pays for what it makes.
        let is_small = matches!(ty, Ty::Int | Ty::Double | Ty::Timestamp | Ty::Duration);
        let name = if is_small { operators::ADD } else { internal::ADD };
        Ok((call(name, args), ty))
    }

    fn membership(
        &self,
        expr: &IdedExpr,
        mut args: Vec<IdedExpr>,
        item: &Ty,
        container: &Ty,
    ) -> Result<(Expr, Ty), Mistake> {
        let keys = matches!(container, Ty::Section(_)) && item.may_be(&Ty::Str);
        let usable = keys || container.item().is_none_or(|known| item.may_be(&known));
        if container.item().is_none() || !usable {
            return Err(self.cannot(expr, "looked for", item, container));
        }
        // An item that is unknown is equal to nothing: `in` would say that it is not there.
        args[0] = metered(std::mem::take(&mut args[0]), item);
        args[1] = searched(std::mem::take(&mut args[1]), container);
        Ok((call(operators::IN, args), Ty::Bool))
    }

    /// What `-`, `*` and their like give.
    fn arithmetic(&self, expr: &IdedExpr, name: &str, types: &[Ty]) -> Result<Ty, Mistake> {
        match (name, types) {
            (operators::SUBSTRACT, [Ty::Timestamp, Ty::Timestamp]) => Ok(Ty::Duration),
            (operators::SUBSTRACT, [Ty::Timestamp, Ty::Duration]) => Ok(Ty::Timestamp),
            (_, [a, b]) if !a.may_be(b) || !a.computes() || !b.computes() => {
                Err(self.cannot(expr, "computed", a, b))
            }
            (_, [a]) if !a.computes() => {
                Err(self.mistake(expr, format!("{} cannot be computed", a.described())))
            }
            (_, types) => Ok(types.first().cloned().unwrap_or(Ty::Dyn)),
        }
    }

    fn cannot(&self, expr: &IdedExpr, verb: &str, a: &Ty, b: &Ty) -> Mistake {
        self.mistake(expr, format!("{} and {} cannot be {verb}", a.describe(), b.describe()))
    }

    fn expect(&self, expr: &IdedExpr, ty: &Ty, wanted: &Ty) -> Result<(), Mistake> {
        if ty.may_be(wanted) {
            return Ok(());
        }
        Err(self.mistake(expr, format!("is {}, where {} is needed", ty.described(), wanted.described())))
    }

    fn comparable(&self, expr: &IdedExpr, a: &Ty, b: &Ty) -> Result<(), Mistake> {
        let raw = |ty: &Ty| *ty == Ty::RawTime;
        if raw(a) != raw(b) && (*a == Ty::Timestamp || *b == Ty::Timestamp) {
            return Err(self.mistake(expr, "read the time with time(…) before comparing it".to_owned()));
        }
        match a.may_be(b) {
            true => Ok(()),
            false => Err(self.cannot(expr, "compared", a, b)),
        }
    }

    fn orderable(&self, expr: &IdedExpr, a: &Ty, b: &Ty) -> Result<(), Mistake> {
        if *a == Ty::RawTime || *b == Ty::RawTime {
            return Err(self.mistake(expr, "read the time with time(…) before comparing it".to_owned()));
        }
        match a.has_order() && b.has_order() {
            true => Ok(()),
            false => Err(self.cannot(expr, "put in order", a, b)),
        }
    }

    /// Texts compare letter by letter: `'1.9' > '1.30'`.
    fn not_version_texts(&self, expr: &IdedExpr, args: &[IdedExpr], a: &Ty, b: &Ty) -> Result<(), Mistake> {
        // A guess, from how versions are written and what AWS calls them. Too much is refused rather than
        // too little: rules have no use for the alphabetical order of such texts.
        let version = |arg: &IdedExpr| match &arg.expr {
            Expr::Literal(LiteralValue::String(text)) => {
                text.inner().starts_with(|c: char| c.is_ascii_digit())
            }
            Expr::Select(select) => select.field.to_lowercase().contains("version"),
            _ => false,
        };
        if *a == Ty::Str && *b == Ty::Str && args.iter().any(version) {
            let message = "versions are texts here and compare letter by letter; use minor(…) or semver(…)";
            return Err(self.mistake(expr, message.to_owned()));
        }
        Ok(())
    }

    fn function(&mut self, expr: &IdedExpr, written: &CallExpr) -> Result<(Expr, Ty), Mistake> {
        // `sets.contains(a, b)` is parsed as a call on `sets`.
        let namespace = match written.target.as_ref().map(|target| &target.expr) {
            Some(Expr::Ident(name)) if internal::NAMESPACES.contains(&name.as_str()) => Some(name.as_str()),
            _ => None,
        };
        let full =
            namespace.map_or(written.func_name.clone(), |space| format!("{space}.{}", written.func_name));
        let member = written.target.is_some() && namespace.is_none();
        let target = match &written.target {
            Some(target) if namespace.is_none() => Some(self.lower(target)?),
            _ => None,
        };
        let signature =
            self.signature(expr, &full, member, written.args.len(), target.as_ref().map(|t| &t.1))?;
        let (mut args, mut types) = (Vec::new(), Vec::new());
        for arg in &written.args {
            let (arg, ty) = self.lower(arg)?;
            args.push(if signature.is_metered() { metered(arg, &ty) } else { arg });
            types.push(ty);
        }
        self.argument(signature, &written.args, &types)?;
        let target = target
            .map(|(target, ty)| (if signature.is_metered() { metered(target, &ty) } else { target }, ty));
        let result = result_type(signature, target.as_ref().map(|t| &t.1), &types);
        let target_expr = target.map(|(target, _)| target);
        let lowered = match (signature.name, target_expr) {
            ("size", target) => call(internal::SIZE, target.into_iter().chain(args).collect()),
            // It makes up to one item of each character, however little else the text costs.
            ("split", Some(target)) => {
                let target = Some(Box::new(ided(call(internal::METERED_ITEMS, vec![target]))));
                Expr::Call(CallExpr { func_name: full, target, args })
            }
            // Each item is compared with several others.
            ("sort" | lists::SORT_BY, Some(target)) => {
                let target = Some(Box::new(ided(call(internal::METERED_SORT, vec![target]))));
                Expr::Call(CallExpr { func_name: full, target, args })
            }
            ("matches", Some(target)) => self.matches(expr, target, args.remove(0))?,
            (_, None) if namespace.is_some() => Expr::Call(CallExpr {
                func_name: written.func_name.clone(),
                target: written.target.clone(),
                args,
            }),
            (_, target) => {
                let func_name = signature.registered_name();
                Expr::Call(CallExpr { func_name, target: target.map(Box::new), args })
            }
        };
        Ok((lowered, result))
    }

    fn argument(&self, signature: &Function, args: &[IdedExpr], types: &[Ty]) -> Result<(), Mistake> {
        match (args.first(), types.first()) {
            (Some(arg), Some(ty)) if !ty.may_be(&signature.argument) => {
                let (name, wanted) = (signature.name, signature.argument.described());
                Err(self.mistake(arg, format!("`{name}` takes {wanted}; here is {}", ty.described())))
            }
            _ => Ok(()),
        }
    }

    fn signature(
        &self,
        expr: &IdedExpr,
        name: &str,
        member: bool,
        arguments: usize,
        target: Option<&Ty>,
    ) -> Result<&'static Function, Mistake> {
        let known: Vec<_> = functions::all().filter(|s| s.name == name && s.member == member).collect();
        let Some(first) = known.first() else {
            let names = functions::all().filter(|s| s.member == member).map(|s| s.name);
            let what = if member { "method" } else { "function" };
            let hint = nearest(name, names);
            return Err(self.mistake(expr, format!("unknown {what} `{name}`{hint}")));
        };
        let fits = |signature: &&&Function| {
            signature.arguments.contains(&arguments)
                && target.is_none_or(|target| target.may_be(&signature.target) || relaxed(name, target))
        };
        known.iter().find(fits).copied().ok_or_else(|| {
            let called = target.map_or(String::new(), |ty| format!(" on {}", ty.described()));
            let wanted = match first.target {
                Ty::Dyn => String::new(),
                ref ty => format!(" on {}", ty.described()),
            };
            let counts = (first.arguments.start(), first.arguments.end());
            let takes = if counts.0 == counts.1 {
                counts.0.to_string()
            } else {
                format!("{}–{}", counts.0, counts.1)
            };
            let message = format!("`{name}` takes {takes} argument(s){wanted}; here are {arguments}{called}");
            self.mistake(expr, message)
        })
    }

    fn matches(&mut self, expr: &IdedExpr, target: IdedExpr, pattern: IdedExpr) -> Result<Expr, Mistake> {
        let pattern = match &pattern.expr {
            // Compiled with the rule and not with each evaluation, of which there is one for each
            // resource of each cluster. And a pattern that is wrong is wrong at once, not on the first
            // cluster that has something to match.
            Expr::Literal(LiteralValue::String(text)) => {
                self.grow(expr, REGEX)?;
                let regex = strings::regex(text.inner()).map_err(|error| {
                    let message = error.to_string();
                    let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    self.mistake(expr, format!("not a regular expression: {last}"))
                })?;
                self.regexes.push(RegexVal::new(regex));
                let slot = Expr::Ident(format!("#x{}", self.regexes.len() - 1));
                IdedExpr { id: pattern.id, expr: slot }
            }
            _ => pattern,
        };
        Ok(call(internal::MATCHES, vec![target, pattern]))
    }

    fn comprehension(&mut self, expr: &IdedExpr, written: &ComprehensionExpr) -> Result<(Expr, Ty), Mistake> {
        let (range, range_type) = self.lower(&written.iter_range)?;
        // `optMap` binds its name by a loop over nothing.
        let binds = matches!(&range.expr, Expr::List(list) if list.elements.is_empty());
        self.loops.0 += usize::from(!binds);
        self.loops(expr, 0)?;
        let Some(item) = range_type.item() else {
            return Err(self.mistake(expr, format!("{} has no items to go through", range_type.described())));
        };
        let outer = self.vars.len();
        let (iter_range, iter_var) = self.bind(expr, written, range, &range_type, item)?;
        let (accu_init, accu_type) = self.lower(&written.accu_init)?;
        let accu = Var {
            name: written.accu_var.clone(),
            expr: Expr::Ident(written.accu_var.clone()),
            ty: accu_type,
        };
        self.vars.push(accu);
        let around = if binds { self.around } else { Level::Loop };
        let around = std::mem::replace(&mut self.around, around);
        let (lowered, ty) = self.loop_parts(written, iter_range, iter_var, accu_init)?;
        self.around = around;
        self.vars.truncate(outer);
        self.loops.0 -= usize::from(!binds);
        Ok((Expr::Comprehension(Box::new(lowered)), ty))
    }

    /// Binds the loop's variables. With two of them the loop goes through pairs.
    fn bind(
        &mut self,
        expr: &IdedExpr,
        written: &ComprehensionExpr,
        range: IdedExpr,
        range_type: &Ty,
        item: Ty,
    ) -> Result<(IdedExpr, String), Mistake> {
        for name in std::iter::once(&written.iter_var).chain(&written.iter_var2) {
            let taken = self.names.slot(name).is_some()
                || self.names.lets.contains_key(name)
                || self.vars.iter().any(|var| var.name == *name);
            // CEL allows it, but whoever reads the rule takes one for the other. Names with these signs
            // are made by macros and cannot be written.
            if taken && !name.starts_with(['@', '#']) {
                return Err(self
                    .mistake(expr, format!("the loop variable `{name}` hides another `{name}`; rename it")));
            }
        }
        let Some(second) = &written.iter_var2 else {
            let name = written.iter_var.clone();
            self.vars.push(Var { name: name.clone(), expr: Expr::Ident(name.clone()), ty: item });
            return Ok((walked(range, range_type), name));
        };
        let map = matches!(range_type, Ty::Map | Ty::Snapshot(Type::Map(_) | Type::Struct(_)));
        let (first_type, second_type) = match range_type {
            Ty::Snapshot(Type::Map(id)) => (Ty::Str, Ty::of_schema(schema().get(*id))),
            _ if map => (Ty::Str, Ty::Dyn),
            _ => (Ty::Int, item),
        };
        // What runs has one variable for a loop: it becomes a pair, and the two names its parts.
        // The number keeps a loop within a loop from hiding the outer pair.
        let pair = format!("#pair{}", self.vars.len());
        let part = |at: i64| {
            let literal = Expr::Literal(LiteralValue::Int(at.into()));
            call(operators::INDEX, vec![ided(Expr::Ident(pair.clone())), ided(literal)])
        };
        self.vars.push(Var { name: written.iter_var.clone(), expr: part(0), ty: first_type });
        self.vars.push(Var { name: second.clone(), expr: part(1), ty: second_type });
        Ok((ided(call(internal::ENTRIES, vec![range])), pair))
    }

    /// Lowers the parts of a loop, so that each step first pays and looks whether its item is known.
    /// That is put where `run::build` still sees which macro it is: behind the `&&` of `all` and
    /// the `||` of `exists`, where an unknown item leaves the others to decide, and before the
    /// guard of `map` and `filter`, which append in place.
    fn loop_parts(
        &mut self,
        written: &ComprehensionExpr,
        iter_range: IdedExpr,
        iter_var: String,
        accu_init: IdedExpr,
    ) -> Result<(ComprehensionExpr, Ty), Mistake> {
        // The pair of a macro with two variables is known; its second part may not be.
        let second = written.iter_var2.as_ref();
        let item = second.unwrap_or(&written.iter_var);
        let item = self.vars.iter().rev().find(|var| var.name == *item).map(|var| var.expr.clone());
        let item = ided(item.unwrap_or_else(|| Expr::Ident(iter_var.clone())));
        let (loop_cond, _) = self.lower(&written.loop_cond)?;
        let (loop_step, step_type) = self.step(written, item)?;
        let (result, result_type) = self.lower(&written.result)?;
        let ty = if appended(written).is_some() { step_type } else { result_type };
        let lowered = ComprehensionExpr {
            iter_range,
            iter_var,
            iter_var2: None,
            accu_var: written.accu_var.clone(),
            accu_init,
            loop_cond,
            loop_step,
            result,
        };
        Ok((lowered, ty))
    }

    fn step(&mut self, written: &ComprehensionExpr, item: IdedExpr) -> Lowered {
        let no = || ided(Expr::Literal(LiteralValue::Boolean(false.into())));
        let accu = || ided(Expr::Ident(written.accu_var.clone()));
        if let Some((guard, items)) = appended(written) {
            // The list itself stays where `run::build` sees it.
            let (items, ty) = self.lower_here(items)?;
            let guard = guard.map(|guard| self.condition(guard)).transpose()?;
            // `run::build` appends in place only to a step of exactly this form, `guard ? accu + [item] : accu`. With
            // anything else around the `+` the whole list is copied at each step, which takes time with the square of
            // its length. So what is ours goes into the guard.
            let nodes = count(&items.expr) + guard.as_ref().map_or(0, |guard| count(&guard.expr));
            let step = loop_step(item, nodes);
            let guard = match guard {
                Some(guard) => conditional(step, guard, no()),
                None => step,
            };
            return Ok((conditional(guard, ided(call(operators::ADD, vec![accu(), items])), accu()), ty));
        }
        let (step, ty) = self.lower(&written.loop_step)?;
        let nodes = count(&step.expr);
        match step.expr {
            Expr::Call(mut fold) if is_fold(&written.loop_step) => {
                // An unknown item is then a failed operand of `&&` or `||`, and another item that is
                // false or true still decides.
                let body = fold.args.pop().unwrap_or_default();
                fold.args.push(conditional(loop_step(item, nodes), body, no()));
                Ok((ided(Expr::Call(fold)), ty))
            }
            // `exists_one` counts: with one item unknown the number is unknown, so the loop ends there.
            step => Ok((conditional(loop_step(item, nodes), ided(step), accu()), ty)),
        }
    }

    fn condition(&mut self, expr: &IdedExpr) -> Result<IdedExpr, Mistake> {
        let (lowered, ty) = self.lower(expr)?;
        self.expect(expr, &ty, &Ty::Bool)?;
        Ok(lowered)
    }
}

/// One step of a loop whose body has that many nodes.
fn loop_step(item: IdedExpr, nodes: usize) -> IdedExpr {
    let nodes = i64::try_from(nodes).unwrap_or(i64::MAX);
    let nodes = ided(Expr::Literal(LiteralValue::Int(nodes.into())));
    ided(call(internal::LOOP_STEP, vec![item, nodes]))
}

/// Whether it is the step of `all` or `exists`.
fn is_fold(step: &IdedExpr) -> bool {
    let operator = |name: &str| matches!(name, operators::LOGICAL_AND | operators::LOGICAL_OR);
    matches!(&step.expr, Expr::Call(call) if operator(&call.func_name)
        && matches!(&call.args[0].expr, Expr::Ident(name) if name.starts_with('@')))
}

/// Whether a value is handed on as a reference, so that reading or copying it costs more than what
/// is written there says.
fn is_borrowed(expr: &Expr) -> bool {
    match expr {
        Expr::Ident(_) => true,
        Expr::Call(call) => matches!(call.func_name.as_str(), operators::INDEX | operators::CONDITIONAL),
        _ => false,
    }
}

/// Makes a value pay for being read or copied as a whole, unless it is small by its type.
fn metered(expr: IdedExpr, ty: &Ty) -> IdedExpr {
    // An object of the snapshot is handed on as a reference, and each of its fields answers for itself
    // when it is read: one that is unknown must not spoil the others.
    let object = matches!(ty, Ty::Snapshot(Type::Struct(_)));
    if !is_borrowed(&expr.expr) || object || ty.is_small() {
        return expr;
    }
    ided(call(internal::METERED, vec![expr]))
}

/// Makes two values that are compared pay for it, where both may be long: texts of one length are read to the
/// end. One of them is enough, as they differ soon otherwise.
fn compared(mut args: Vec<IdedExpr>, types: [&Ty; 2]) -> Vec<IdedExpr> {
    let literal = |arg: &IdedExpr| matches!(arg.expr, Expr::Literal(_));
    let small = types.into_iter().any(Ty::is_small);
    if let ([a, b], false) = (args.as_mut_slice(), small)
        && !literal(a)
        && !literal(b)
    {
        *a = metered(std::mem::take(a), types[0]);
    }
    args
}

/// Makes a list pay for being searched, where it was not made just now: that cost as much. Nodes of a snapshot
/// see to themselves.
fn searched(list: IdedExpr, ty: &Ty) -> IdedExpr {
    if !is_borrowed(&list.expr) || matches!(ty, Ty::Snapshot(_) | Ty::Section(_)) {
        return list;
    }
    ided(call(internal::SEARCHED, vec![list]))
}

/// What a loop goes through. Nodes of a snapshot see to themselves.
fn walked(range: IdedExpr, ty: &Ty) -> IdedExpr {
    let maps = matches!(ty, Ty::Dyn | Ty::Map);
    if maps || is_borrowed(&range.expr) && !matches!(ty, Ty::Snapshot(_) | Ty::Section(_)) {
        return ided(call(internal::RANGE, vec![range]));
    }
    range
}

/// The condition and the items of a loop that only appends to its result: `map` and `filter`.
fn appended(written: &ComprehensionExpr) -> Option<(Option<&IdedExpr>, &IdedExpr)> {
    // By its form: the parser has put loops in the place of macros, and keeps no names of them.
    let is_accu = |expr: &IdedExpr| matches!(&expr.expr, Expr::Ident(name) if *name == written.accu_var);
    let items = |expr: &'_ IdedExpr| -> bool {
        matches!(&expr.expr, Expr::Call(call) if call.func_name == operators::ADD
            && call.args.len() == 2 && is_accu(&call.args[0]) && matches!(call.args[1].expr, Expr::List(_)))
    };
    if !is_accu(&written.result) || !matches!(written.loop_cond.expr, Expr::Literal(_)) {
        return None;
    }
    match &written.loop_step.expr {
        Expr::Call(step) if step.func_name == operators::CONDITIONAL && items(&step.args[1]) => {
            let Expr::Call(add) = &step.args[1].expr else { return None };
            Some((Some(&step.args[0]), &add.args[1]))
        }
        Expr::Call(add) if items(&written.loop_step) => Some((None, &add.args[1])),
        _ => None,
    }
}

fn result_type(signature: &Function, target: Option<&Ty>, args: &[Ty]) -> Ty {
    let inner = || match target {
        Some(Ty::OptionalOf(inner)) => (**inner).clone(),
        _ => Ty::Dyn,
    };
    let item = || target.and_then(Ty::item).unwrap_or(Ty::Dyn);
    match (signature.name, &signature.result) {
        ("orValue", _) => match (inner(), args.first()) {
            (inner, Some(default)) if inner.may_be(default) => inner,
            _ => Ty::Dyn,
        },
        ("value", _) => inner(),
        ("or", _) => target.cloned().unwrap_or(Ty::Optional),
        ("optional.of", _) => Ty::OptionalOf(Box::new(args.first().cloned().unwrap_or(Ty::Dyn))),
        ("first" | "last", _) => Ty::OptionalOf(Box::new(item())),
        ("min" | "max" | "sum", _) => item(),
        ("dyn", _) => Ty::Dyn,
        (_, Ty::SameList) => Ty::ListOf(Box::new(item())),
        (_, result) => result.clone(),
    }
}

/// Methods that texts have too: Kubernetes lets a CIDR be given as its text.
fn relaxed(name: &str, target: &Ty) -> bool {
    matches!((name, target), ("contains", Ty::Dyn))
}

fn look_up(operand: IdedExpr, key: IdedExpr, optional: bool, ty: Ty) -> (Expr, Ty) {
    if optional {
        (call(internal::GET, vec![operand, key]), Ty::OptionalOf(Box::new(ty)))
    } else {
        (call(operators::INDEX, vec![operand, key]), ty)
    }
}

fn is_operator(name: &str) -> bool {
    name.starts_with('_') || matches!(name, "!_" | "-_" | "@in" | "@not_strictly_false")
}

fn literal_type(literal: &LiteralValue) -> Ty {
    match literal {
        LiteralValue::Boolean(_) => Ty::Bool,
        LiteralValue::Bytes(_) => Ty::Bytes,
        LiteralValue::Double(_) => Ty::Double,
        LiteralValue::Int(_) => Ty::Int,
        LiteralValue::Null => Ty::Null,
        LiteralValue::String(_) => Ty::Str,
        LiteralValue::UInt(_) => Ty::Dyn,
    }
}

fn ided(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn text(value: &str) -> IdedExpr {
    ided(Expr::Literal(LiteralValue::String(value.to_owned().into())))
}

fn call(name: &str, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args })
}

fn conditional(condition: IdedExpr, yes: IdedExpr, no: IdedExpr) -> IdedExpr {
    ided(call(operators::CONDITIONAL, vec![condition, yes, no]))
}
