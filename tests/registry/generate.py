#!/usr/bin/env python3
"""Writes the sources of well-known modules of the Terraform registry, which are evaluated without `terraform init`.

src/source/iac/terraform/registry/modules/: the files of each version, as they are in its repository.
src/source/iac/terraform/registry/modules.json: which versions there are, and where they come from.
src/source/iac/terraform/registry/NOTICE.md: the same for people.
src/source/iac/terraform/registry/others.json: which resources some other modules make, whose sources are not taken.

    python3 tests/registry/generate.py CLONES            write the files
    python3 tests/registry/generate.py CLONES --check    exit 1, with the differences, when they are stale

CLONES is a folder with a clone of each repository, by its name (terraform-aws-eks). To take a newer version, change its row
in MODULES. A test holds the digest of each version against its files, so that none differs from its tag.
"""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

REGISTRY = Path(__file__).resolve().parents[2] / "src" / "source" / "iac" / "terraform" / "registry"
IAM_ROLES = ["iam-assumable-role", "iam-assumable-role-with-oidc", "iam-eks-role", "iam-oidc-provider", "iam-policy", "iam-role",
             "iam-role-for-service-accounts", "iam-role-for-service-accounts-eks"]
# The newest version of each major one, and those that these call themselves. `only` are the submodules that are taken; all
# if it is not there.
MODULES = [
    {"name": "aws-ia/eks-blueprints-addon", "versions": ["1.1.1"]},
    # The newest one that calls versions of others that are here.
    {"name": "aws-ia/eks-blueprints-addons", "versions": ["1.23.0"]},
    {"name": "aws-ia/eks-blueprints-teams", "versions": ["1.1.0"]},
    {"name": "terraform-aws-modules/eks", "versions": ["17.24.0", "18.31.2", "19.21.0", "20.37.2", "21.19.0"]},
    {"name": "terraform-aws-modules/eks-pod-identity", "versions": ["1.12.1", "2.8.1"]},
    {"name": "terraform-aws-modules/iam", "versions": ["3.16.0", "4.24.1", "5.60.0", "6.5.0"], "only": IAM_ROLES},
    {"name": "terraform-aws-modules/kms", "versions": ["1.0.2", "2.1.0", "3.1.1", "4.0.0"]},
    {"name": "terraform-aws-modules/sqs", "versions": ["4.0.1"]},
    {"name": "terraform-aws-modules/vpc", "versions": ["2.78.0", "3.19.0", "4.0.2", "5.21.0", "6.6.0"]},
]
# Others that people call beside these. Only the types of the resources are taken that any of their major versions makes.
OTHERS = ["gitops-bridge-dev/gitops-bridge-argocd-bootstrap-terraform",
          *(f"terraform-aws-modules/terraform-aws-{name}" for name in (
              "acm", "alb", "ec2-instance", "ecr", "efs", "key-pair", "s3-bucket", "secrets-manager",
              "security-group"))]
RESOURCE = re.compile(r'^resource\s+"([a-z0-9_]+)"', re.MULTILINE)
CALL = re.compile(r'^module\s+"[^"]+"\s*{[^}]*?^\s*source\s*=\s*"([^"]+)"', re.MULTILINE | re.DOTALL)

# What a module is made of: files of Terraform, and the templates that these read.
TAKEN = re.compile(r"(modules/[^/]+/)?(([^/]+\.tf)|(templates/[^/]+\.(tpl|tftpl)))")


def git(clone, *arguments):
    return subprocess.run(["git", "-C", str(clone), *arguments], check=True, capture_output=True).stdout


def clone_of(clones, repository):
    """The clone of a repository: a work tree, or a folder that holds only what Git stores."""
    owner, name = repository.split("/")
    found = [path for path in (clones / name, clones / f"{owner}+{name}" / "repo") if path.exists()]
    return found[0] if found else sys.exit(f"there is no clone of {repository} in {clones}")


def own_notice(clone, tag):
    """What the repository wants to be said wherever its files are."""
    names = git(clone, "ls-tree", "--name-only", tag).decode().split()
    return "".join(git(clone, "show", f"{tag}:{name}").decode() for name in names if name.startswith("NOTICE")).strip()


def files_of(clone, tag, only):
    """The files of a version that are taken, by their paths."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(git(clone, "archive", tag))) as archive:
        for member in archive:
            folder = re.match(r"modules/([^/]+)/", member.name)
            is_wanted = only is None or (folder and folder[1] in only)
            if member.isfile() and TAKEN.fullmatch(member.name) and is_wanted:
                files[member.name] = archive.extractfile(member).read()
    return dict(sorted(files.items()))


def digest(files):
    """Of all paths and bytes, so that no file is missing, too many or changed."""
    total = hashlib.sha256()
    for path, content in files.items():
        total.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()


def kinds_of(clone):
    """The types of the resources that the newest version of each major one makes, and the newest version."""
    tags = [tag for tag in git(clone, "tag").decode().split() if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]
    newest = {}
    for tag in sorted(tags, key=lambda tag: [int(number) for number in tag[1:].split(".")]):
        newest[tag.split(".")[0]] = tag
    kinds = set()
    for tag in newest.values():
        for path, content in files_of(clone, tag, None).items():
            text = content.decode()
            kinds |= set(RESOURCE.findall(text))
            if called := [source for source in CALL.findall(text) if not source.startswith(".")]:
                sys.exit(f"{clone} calls {called} in {path} of {tag}: what these make is not known")
    return {"newest": tag[1:], "kinds": sorted(kinds)}


def others(clones):
    for path in OTHERS:
        owner, name = path.split("/")
        found = re.fullmatch(r"terraform-([a-z]+)-(.+)", name)
        module = f"{owner}/{found[2]}/{found[1]}" if found else None
        yield {"module": module, "repository": f"https://github.com/{path}", **kinds_of(clone_of(clones, path))}


def notice(table, own):
    lines = ["# Modules of the Terraform registry", "",
             "The files in `modules/` are parts of the modules below, as they are in their repositories: files of Terraform and the",
             "templates that these read. They are under the Apache License 2.0, whose text is in `modules/LICENSE`; nothing in them was",
             "changed. `tests/registry/generate.py` writes this folder.", "",
             "| module | version | commit | of | repository |", "|---|---|---|---|---|"]
    for module in table:
        for version in module["versions"]:
            lines.append(f"| {module['module']} | {version['version']} | {version['commit']} | {version['date']} | {module['repository']} |")
    for text in own:
        lines += ["", *(f"> {line}".rstrip() for line in text.splitlines())]
    return "\n".join(lines) + "\n"


def written(clones):
    """All that is generated: paths below the folder of the registry, and bytes."""
    table, out, own = [], {}, set()
    for module in MODULES:
        name = module["name"]
        path = name.replace("/", "/terraform-aws-")
        clone, repository = clone_of(clones, path), f"https://github.com/{path}"
        row = {"module": f"{name}/aws", "repository": repository, "versions": []}
        for version in module["versions"]:
            tag = f"v{version}"
            files = files_of(clone, tag, module.get("only"))
            commit, date = git(clone, "log", "-1", "--format=%H %cs", tag).decode().split()
            row["versions"].append({"version": version, "commit": commit, "date": date, "sha256": digest(files)})
            own |= {own_notice(clone, tag)} - {""}
            out |= {f"modules/{name}/{version}/{path}": content for path, content in files.items()}
            out["modules/LICENSE"] = git(clone, "show", f"{tag}:LICENSE")
        table.append(row)
    out["modules.json"] = (json.dumps(table, indent=2) + "\n").encode()
    out["others.json"] = (json.dumps(list(others(clones)), indent=2) + "\n").encode()
    out["NOTICE.md"] = notice(table, sorted(own)).encode()
    return out


def stored():
    files = [*(REGISTRY / name for name in ("modules.json", "others.json", "NOTICE.md")), *(REGISTRY / "modules").rglob("*")]
    return {path.relative_to(REGISTRY).as_posix(): path.read_bytes() for path in files if path.is_file()}


def main():
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(folders) != 1 or options not in ([], ["--check"]):
        sys.exit(__doc__)
    new, old = written(Path(folders[0])), stored()
    stale = sorted(path for path in new.keys() | old.keys() if new.get(path) != old.get(path))
    if options:
        sys.exit("stale:\n" + "\n".join(stale) if stale else 0)
    for path in stale:
        if path in new:
            (REGISTRY / path).parent.mkdir(parents=True, exist_ok=True)
            (REGISTRY / path).write_bytes(new[path])
        else:
            (REGISTRY / path).unlink()


if __name__ == "__main__":
    main()
