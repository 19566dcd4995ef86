"""The API models of botocore: the routes and shapes of EKS, and which lists of EC2 and IAM come in pages."""

import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

import botocore.session
from botocore.model import ServiceModel

SESSION = botocore.session.Session()
LOADER = SESSION.get_component("data_loader")
SIMPLE = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": float,
    "timestamp": datetime,
}


@lru_cache
def service(name):
    """The model of a service."""
    return ServiceModel(LOADER.load_service_model(name, "service-2"), name)


@lru_cache
def paginators(name):
    """The operations of a service that answer in pages."""
    return LOADER.load_service_model(name, "paginators-1")["pagination"]


class Routes:
    """The paths of a REST service, as the model has them."""

    def __init__(self, name):
        model = service(name)
        self.routes = []
        for operation in map(model.operation_model, model.operation_names):
            template = operation.http["requestUri"].partition("?")[0]
            pattern = re.sub(r"\\?\{(\w+)\\?\}", r"(?P<\1>[^/]+)", template)
            self.routes.append((operation.http["method"], re.compile(pattern), operation.name))

    def find(self, method, path):
        """The operation of a path that is still encoded, and the values in that path."""
        for expected, pattern, name in self.routes:
            found = pattern.fullmatch(path) if method == expected else None
            if found:
                return name, {key: unquote(value) for key, value in found.groupdict().items()}
        return "", {}


def output(name, operation):
    """The shape of an operation's answer."""
    return service(name).operation_model(operation).output_shape


def check(document, shape, at=""):
    """Raises an error where a document is not what the model says; a null stands for an absent field."""
    if document is None:
        return
    if shape.type_name == "structure":
        check_structure(document, shape, at)
    elif shape.type_name == "list":
        expect(isinstance(document, list), at, "is no list")
        for index, item in enumerate(document):
            check(item, shape.member, f"{at}[{index}]")
    elif shape.type_name == "map":
        expect(isinstance(document, dict), at, "is no map")
        for key, item in document.items():
            check(item, shape.value, f"{at}.{key}")
    else:
        expect(
            type(document) is SIMPLE.get(shape.type_name) or isinstance(document, datetime),
            at,
            "has a wrong type",
        )
        enum = getattr(shape, "enum", [])
        expect(not enum or document in enum, at, f"{document!r} is none of {enum}")


def check_structure(document, shape, at):
    """The part of `check` for structures."""
    expect(isinstance(document, dict), at, "is no structure")
    for name in shape.required_members:
        expect(name in document, at, f"lacks {name}")
    for name, item in document.items():
        expect(name in shape.members, at, f"has an unknown field {name}")
        check(item, shape.members[name], f"{at}.{name}")


def expect(condition, at, problem):
    """Raises an error with a place."""
    if not condition:
        raise ValueError(f"{at or 'the document'} {problem}")
