"""boto3 clients that reach moto in this process, and patches of what moto cannot be told.

Seeding goes through the public API of moto's services wherever there is one; only dates, owners and the like are
written into its objects.
"""

import io
import sys
from contextlib import contextmanager
from datetime import datetime

import boto3
from botocore.awsrequest import AWSResponse
from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends  # noqa: F401
from moto.logs.models import logs_backends  # noqa: F401
from moto.sts.models import sts_backends  # noqa: F401
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

import models

# moto keeps groups in sets; without this their order would come from addresses in memory.
SecurityGroup.__hash__ = lambda group: hash(group.id)

BUILT = datetime(2026, 10, 6, 3, 2, 11)


@contextmanager
def stopped_clock():
    """Lets everything that moto makes be made at one moment. Its modules are loaded above, each with a clock."""
    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith("moto.") and hasattr(module, "utcnow")
    ]
    clocks = {module: module.utcnow for module in modules}
    for module in modules:
        module.utcnow = lambda: BUILT
    try:
        yield
    finally:
        for module, clock in clocks.items():
            module.utcnow = clock


class Body(io.BytesIO):
    """The body of an answer, in the form that botocore reads."""

    def stream(self):
        yield self.read()


class Account:
    """One account of the server, while it is being filled."""

    def __init__(self, front, number):
        self.app = front.moto
        self.eks = front.eks
        self.image_fields = front.ec2.images
        self.number = number
        models.SESSION.set_credentials("SEEDSEEDSEEDSEED", "seed")
        self.session = boto3.Session(botocore_session=models.SESSION)
        self.made = {}

    def client(self, service, region="us-east-1"):
        """A client of a service, which talks to moto without a network."""
        if (service, region) not in self.made:
            client = self.session.client(service, region_name=region)
            client.meta.events.register("before-send", self.send)
            self.made[service, region] = client
        return self.made[service, region]

    def send(self, request, **_):
        """Gives a request to moto."""
        headers = {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in request.headers.items()
            if key.lower() != "content-length"
        }
        headers["X-Moto-Account-Id"] = self.number
        builder = EnvironBuilder(
            method=request.method, base_url=request.url, headers=headers, data=request.body or b""
        )
        answer = Response.from_app(self.app, builder.get_environ())
        return AWSResponse(request.url, answer.status_code, answer.headers, Body(answer.get_data()))

    def ec2_backend(self, region):
        """moto's own EC2 objects."""
        return ec2_backends[self.number][region]

    def iam_backend(self):
        """moto's own IAM objects."""
        return iam_backends[self.number]["aws"]
