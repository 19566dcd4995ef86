"""The read operations of EKS, answered from documents of our own.

moto keeps only a part of the fields of a cluster and lacks most other kinds, so nothing of EKS is left to it.
A document is checked against the model of the API when it is stored; answers come in pages, errors in the shape
that EKS gives them. Operations that write are refused.
"""

import json
from dataclasses import dataclass, field

import models
import paging
import wire

# One deliberate field that no model knows yet: clients must keep it or leave it, but not fail.
FUTURE_FIELD = "futureField"

# kind: (operation, member of the answer) that show one document of it.
SHAPES = {
    "nodegroups": ("DescribeNodegroup", "nodegroup"),
    "fargateProfiles": ("DescribeFargateProfile", "fargateProfile"),
    "addons": ("DescribeAddon", "addon"),
    "accessEntries": ("DescribeAccessEntry", "accessEntry"),
    "podIdentityAssociations": ("DescribePodIdentityAssociation", "association"),
    "identityProviderConfigs": ("DescribeIdentityProviderConfig", "identityProviderConfig"),
    "insights": ("DescribeInsight", "insight"),
    "capabilities": ("DescribeCapability", "capability"),
    "updates": ("DescribeUpdate", "update"),
    "accessPolicies": ("ListAssociatedAccessPolicies", "associatedAccessPolicies"),
}

# operation: (kind, name in the path, member of the error, message when there is none).
DESCRIBE = {
    "DescribeNodegroup": (
        "nodegroups",
        "nodegroupName",
        "nodegroupName",
        "No node group found for name: {item}.",
    ),
    "DescribeFargateProfile": (
        "fargateProfiles",
        "fargateProfileName",
        "fargateProfileName",
        "No Fargate Profile found with name: {item}.",
    ),
    "DescribeAddon": ("addons", "addonName", "addonName", "No addon: {item} found in cluster: {cluster}"),
    "DescribeAccessEntry": (
        "accessEntries",
        "principalArn",
        None,
        "The specified principalArn could not be found. You can view your available access entries with "
        "'aws eks list-access-entries'.",
    ),
    "DescribePodIdentityAssociation": (
        "podIdentityAssociations",
        "associationId",
        None,
        "Association not found: {item}",
    ),
    "DescribeInsight": ("insights", "id", None, "No insight found for id: {item}"),
    "DescribeCapability": ("capabilities", "capabilityName", None, "No capability found for name: {item}."),
}

# operation: (kind, member of the answer, shape of a summary or None for names only).
LIST = {
    "ListNodegroups": ("nodegroups", "nodegroups", None),
    "ListFargateProfiles": ("fargateProfiles", "fargateProfileNames", None),
    "ListAddons": ("addons", "addons", None),
    "ListAccessEntries": ("accessEntries", "accessEntries", None),
    "ListPodIdentityAssociations": (
        "podIdentityAssociations",
        "associations",
        "PodIdentityAssociationSummary",
    ),
    "ListInsights": ("insights", "insights", "InsightSummary"),
    "ListCapabilities": ("capabilities", "capabilities", "CapabilitySummary"),
}

ACCESS_ENTRY_OPERATIONS = {"ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"}
NOT_ON_OUTPOSTS = ACCESS_ENTRY_OPERATIONS | {
    "ListPodIdentityAssociations",
    "DescribePodIdentityAssociation",
    "ListInsights",
    "DescribeInsight",
}
NO_ENTRIES = "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
UPDATE_OWNERS = ("nodegroupName", "addonName", "capabilityName")


class Refused(Exception):
    """An error answer of EKS."""

    def __init__(self, code, message, status, **fields):
        super().__init__(message)
        self.code, self.message, self.status, self.fields = code, message, status, fields


@dataclass
class Cluster:
    """The documents of one cluster, by kind and name."""

    document: dict
    kinds: dict = field(default_factory=lambda: {kind: {} for kind in SHAPES})

    def add(self, kind, name, document, **owner):
        """Stores a document after the model has approved it; `owner` names what an update belongs to."""
        operation, member = SHAPES[kind]
        models.check(document, models.output("eks", operation).members[member], f"{kind}/{name}")
        self.kinds[kind][name] = (document, owner) if kind == "updates" else document


@dataclass
class Region:
    """What one account has in one region."""

    clusters: dict = field(default_factory=dict)

    def add_cluster(self, document):
        """Stores a cluster after the model has approved it."""
        known = {key: value for key, value in document.items() if key != FUTURE_FIELD}
        models.check(known, models.output("eks", "DescribeCluster").members["cluster"], document["name"])
        cluster = self.clusters[document["name"]] = Cluster(document)
        return cluster


class Eks:
    """The service, for all accounts and regions."""

    def __init__(self, page_size):
        self.page_size = page_size
        self.regions = {}
        self.cluster_versions = []
        self.addon_versions = []
        self.access_policies = []

    def region(self, account, region):
        """The content of a region; empty when nothing was put there."""
        return self.regions.setdefault((account, region), Region())

    def set_catalogue(self, cluster_versions, addon_versions, access_policies):
        """Stores what is the same in every account."""
        for operation, member, documents in (
            ("DescribeClusterVersions", "clusterVersions", cluster_versions),
            ("DescribeAddonVersions", "addons", addon_versions),
            ("ListAccessPolicies", "accessPolicies", access_policies),
        ):
            models.check(documents, models.output("eks", operation).members[member], operation)
        self.cluster_versions, self.addon_versions = cluster_versions, addon_versions
        self.access_policies = access_policies

    def answer(self, call):
        """The answer to a call."""
        if not call.is_read:
            return wire.denied(call)
        try:
            return wire.json_answer(self.document(call))
        except Refused as refused:
            return wire.error("eks", refused.code, refused.message, refused.status, refused.fields)

    def document(self, call):
        """The document that answers a call."""
        region = self.region(call.account, call.region)
        request = {**call.params, **(json.loads(call.body) if call.body else {})}
        special = getattr(self, f"op_{call.operation}", None)
        if call.operation in REGION_OPERATIONS:
            return special(call, request, region)
        name = call.uri.get("name", "")
        if name not in region.clusters:
            raise not_found(f"No cluster found for name: {name}.", clusterName=name)
        cluster = region.clusters[name]
        refuse_kind(call.operation, cluster)
        if special:
            return special(call, request, cluster)
        if call.operation in DESCRIBE:
            return describe(call, cluster)
        if call.operation in LIST:
            return self.list(call, request, cluster)
        raise Refused("UnknownOperationException", f"{call.operation} is not simulated", 404)

    def page(self, call, request, member, items):
        """One page of a list."""
        asked = str(request.get("maxResults", ""))
        if asked and not (asked.isdigit() and 1 <= int(asked) <= 100):
            raise Refused("InvalidParameterException", "maxResults must be between 1 and 100.", 400)
        bound = {**request, **call.uri}
        try:
            token = request.get("nextToken")
            part, following = paging.cut(
                items, call.operation, bound, token, paging.limit(asked, self.page_size)
            )
        except paging.BadToken as bad:
            raise Refused("InvalidParameterException", "Invalid token", 400) from bad
        return {member: part, "nextToken": following} if following else {member: part}

    def list(self, call, request, cluster):
        """The list of one kind of a cluster."""
        kind, member, summary = LIST[call.operation]
        documents = cluster.kinds[kind]
        items = list(documents)
        if summary:
            fields = models.service("eks").shape_for(summary).members
            chosen = [
                document for document in documents.values() if wanted(call.operation, request, document)
            ]
            items = [{key: value for key, value in document.items() if key in fields} for document in chosen]
        return self.page(call, request, member, items)

    def op_ListClusters(self, call, request, region):
        """The names; connected clusters only with include=all."""
        everything = request.get("include") == "all"
        names = [
            name
            for name, cluster in region.clusters.items()
            if everything or "connectorConfig" not in known(cluster)
        ]
        return self.page(call, request, "clusters", names)

    def op_DescribeCluster(self, call, request, cluster):
        """The cluster itself."""
        return {"cluster": cluster.document}

    def op_ListTagsForResource(self, call, request, region):
        """The tags of a cluster, the only resource asked for here."""
        for cluster in region.clusters.values():
            if cluster.document["arn"] == call.uri["resourceArn"]:
                return {"tags": cluster.document.get("tags") or {}}
        raise Refused("NotFoundException", "The resource was not found.", 404)

    def op_DescribeClusterVersions(self, call, request, region):
        """The calendar of versions; those out of support only with includeAll."""
        rows = [row for row in self.cluster_versions if version_wanted(request, call.query, row)]
        return self.page(call, request, "clusterVersions", rows)

    def op_DescribeAddonVersions(self, call, request, region):
        """The add-ons that exist, for one Kubernetes version or for all."""
        addons = [only_version(addon, request.get("kubernetesVersion")) for addon in self.addon_versions]
        name = request.get("addonName")
        chosen = [addon for addon in addons if addon["addonVersions"] and name in (None, addon["addonName"])]
        return self.page(call, request, "addons", chosen)

    def op_ListAccessPolicies(self, call, request, region):
        """The access policies that AWS offers."""
        return self.page(call, request, "accessPolicies", self.access_policies)

    def op_ListAssociatedAccessPolicies(self, call, request, cluster):
        """The policies of one access entry."""
        describe(call, cluster, "DescribeAccessEntry")
        principal = call.uri["principalArn"]
        answer = self.page(
            call, request, "associatedAccessPolicies", cluster.kinds["accessPolicies"].get(principal, [])
        )
        return {"clusterName": call.uri["name"], "principalArn": principal, **answer}

    def op_ListIdentityProviderConfigs(self, call, request, cluster):
        """Type and name of each provider."""
        items = [{"type": "oidc", "name": name} for name in cluster.kinds["identityProviderConfigs"]]
        return self.page(call, request, "identityProviderConfigs", items)

    def op_DescribeIdentityProviderConfig(self, call, request, cluster):
        """One provider, named in the body."""
        name = request.get("identityProviderConfig", {}).get("name")
        found = cluster.kinds["identityProviderConfigs"].get(name)
        if found is None:
            raise not_found(
                "Identity provider config is not associated with cluster", clusterName=call.uri["name"]
            )
        return {"identityProviderConfig": found}

    def op_ListUpdates(self, call, request, cluster):
        """The updates of the cluster itself, or those of one node group, add-on or capability."""
        owner = owner_in(request)
        names = [name for name, (_, belongs) in cluster.kinds["updates"].items() if belongs == owner]
        return self.page(call, request, "updateIds", names)

    def op_DescribeUpdate(self, call, request, cluster):
        """One update, to be asked for with what it belongs to."""
        document, owner = cluster.kinds["updates"].get(call.uri["updateId"], (None, None))
        if document is None or owner != owner_in(request):
            raise not_found(f"No update found for ID: {call.uri['updateId']}", clusterName=call.uri["name"])
        return {"update": document}


REGION_OPERATIONS = {
    "ListClusters",
    "ListTagsForResource",
    "DescribeClusterVersions",
    "DescribeAddonVersions",
    "ListAccessPolicies",
}


def known(cluster):
    """The fields of a cluster that are not null."""
    return {key: value for key, value in cluster.document.items() if value is not None}


def not_found(message, **fields):
    """What EKS says when there is none; members that do not apply are null."""
    names = ("clusterName", "nodegroupName", "fargateProfileName", "addonName", "subscriptionId")
    return Refused("ResourceNotFoundException", message, 404, **{**dict.fromkeys(names), **fields})


def describe(call, cluster, operation=None):
    """One document of a cluster, by the name in the path."""
    operation = operation or call.operation
    kind, parameter, member, message = DESCRIBE[operation]
    item = call.uri[parameter]
    if item not in cluster.kinds[kind]:
        fields = {"clusterName": call.uri["name"], **({member: item} if member else {})}
        raise not_found(message.format(item=item, cluster=call.uri["name"]), **fields)
    return {SHAPES[kind][1]: cluster.kinds[kind][item]}


def refuse_kind(operation, cluster):
    """Refuses what this kind of cluster does not have."""
    document = known(cluster)
    name = document["name"]
    if operation == "DescribeCluster":
        return
    if "connectorConfig" in document:
        raise refuse(operation, f"The operation is not supported for connected cluster {name}.")
    # Local clusters on instance store can do more.
    on_ebs = "outpostConfig" in document and "etcdInstanceType" not in document["outpostConfig"]
    if on_ebs and operation in NOT_ON_OUTPOSTS:
        raise refuse(operation, f"The operation is not supported for local cluster {name} on AWS Outposts.")
    mode = document.get("accessConfig", {}).get("authenticationMode")
    if mode == "CONFIG_MAP" and operation in ACCESS_ENTRY_OPERATIONS:
        raise refuse(operation, NO_ENTRIES)


def refuse(operation, message):
    """The error for a request that does not fit the cluster, as far as the operation has it."""
    errors = {shape.name for shape in models.service("eks").operation_model(operation).error_shapes}
    code = "InvalidRequestException" if "InvalidRequestException" in errors else "InvalidParameterException"
    return Refused(code, message, 400)


def wanted(operation, request, document):
    """Whether a list with filters has a document."""
    if operation == "ListPodIdentityAssociations":
        return all(
            request.get(name, document[name]) == document[name] for name in ("namespace", "serviceAccount")
        )
    if operation != "ListInsights":
        return True
    chosen = request.get("filter", {})
    values = {
        "categories": document["category"],
        "kubernetesVersions": document.get("kubernetesVersion"),
        "statuses": document["insightStatus"]["status"],
    }
    return all(not chosen.get(name) or value in chosen[name] for name, value in values.items())


def version_wanted(request, query, row):
    """Whether the calendar has a row, for the filters of a request."""
    versions = [part.partition("=")[2] for part in query.split("&") if part.startswith("clusterVersions=")]
    if versions:
        return row["clusterVersion"] in versions
    if request.get("defaultOnly") == "true":
        return row["defaultVersion"]
    status = request.get("versionStatus") or request.get("status", "").upper().replace("-", "_")
    if status:
        return row["versionStatus"] == status
    return request.get("includeAll") == "true" or row["versionStatus"] != "UNSUPPORTED"


def only_version(addon, version):
    """An add-on with only what fits one Kubernetes version."""
    if not version:
        return addon
    kept = []
    for row in addon["addonVersions"]:
        fitting = [item for item in row["compatibilities"] if item["clusterVersion"] == version]
        if fitting:
            kept.append({**row, "compatibilities": fitting})
    return {**addon, "addonVersions": kept}


def owner_in(request):
    """What an update is asked for with."""
    return {name: request[name] for name in UPDATE_OWNERS if name in request}
