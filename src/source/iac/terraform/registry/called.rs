//! Which module the source of a call names: by its address in a registry, or by that of its repository.

/// What the source of a call says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CalledSource<'s> {
    module: CalledModuleName<'s>,
    /// The folder in the module: `modules/karpenter`; empty for the module itself.
    pub(super) submodule: &'s str,
    pub(super) version: CalledVersion<'s>,
}

/// How a call names a module.
#[derive(Debug, PartialEq, Eq)]
enum CalledModuleName<'s> {
    /// As a registry does: `terraform-aws-modules/eks/aws`.
    Address(&'s str),
    /// As GitHub does: owner and repository.
    Repository(&'s str),
}

/// Where the version of a call is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CalledVersion<'s> {
    /// In the argument `version`, if anywhere.
    InCall,
    /// In the source, as a tag of the repository.
    Tag(&'s str),
    /// Nowhere: the newest of the repository is used.
    Newest,
    /// In the source, as something that says no version.
    Other(&'s str),
}

/// Registries that have all public modules.
const REGISTRIES: [&str; 2] = ["registry.terraform.io/", "registry.opentofu.org/"];
/// How addresses on GitHub begin.
const GITHUB: [&str; 5] =
    ["https://github.com/", "ssh://git@github.com/", "git@github.com:", "git@github.com/", "github.com/"];

impl<'s> CalledSource<'s> {
    /// Reads the source of a call.
    pub(super) fn parse(source: &'s str) -> Self {
        let forced = source.strip_prefix("git::").unwrap_or(source);
        match GITHUB.iter().find_map(|start| forced.strip_prefix(start)) {
            Some(path) => Self::of_repository(path),
            None => {
                let address = REGISTRIES.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(source);
                let (address, submodule) = address.split_once("//").unwrap_or((address, ""));
                let module = CalledModuleName::Address(address);
                Self { module, submodule: submodule.trim_matches('/'), version: CalledVersion::InCall }
            }
        }
    }

    fn of_repository(path: &'s str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (repository, submodule) = path.split_once("//").unwrap_or((path, ""));
        let repository = repository.strip_suffix(".git").unwrap_or(repository);
        let version = match query.split('&').find_map(|pair| pair.strip_prefix("ref=")) {
            None | Some("" | "HEAD" | "main" | "master") => CalledVersion::Newest,
            Some(reference) => tag(reference),
        };
        let module = CalledModuleName::Repository(repository);
        Self { module, submodule: submodule.trim_matches('/'), version }
    }

    /// Whether it names a module with such an address, if it has one, and such a repository.
    pub(super) fn names(&self, address: Option<&str>, repository: &str) -> bool {
        match self.module {
            CalledModuleName::Address(called) => address == Some(called),
            CalledModuleName::Repository(called) => {
                repository.strip_prefix("https://github.com/") == Some(called)
            }
        }
    }
}

/// What a reference in Git says of a version.
fn tag(reference: &str) -> CalledVersion<'_> {
    let name = reference.strip_prefix("refs/tags/").or_else(|| reference.strip_prefix("tags/"));
    let name = name.unwrap_or(reference);
    let numbers = name.strip_prefix('v').unwrap_or(name);
    let is_version = numbers.contains('.') && numbers.starts_with(|first: char| first.is_ascii_digit());
    if is_version { CalledVersion::Tag(name) } else { CalledVersion::Other(reference) }
}
