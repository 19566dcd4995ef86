"""Fills the server: chooses what is put there, and makes ids the same in every run."""

from moto.moto_api._internal import mock_random

import catalogue
import seed_fleet
import seed_partner
import seed_tests
from front import MAIN_ACCOUNT
from inprocess import Account, stopped_clock

PARTNER = "444455556666"


def fill(front, name):
    """Fills the server with `tests`, with `docs`, or with `fleet:N`."""
    mock_random.seed(20261121)
    front.eks.set_catalogue(
        catalogue.cluster_versions(), catalogue.addon_versions(), catalogue.access_policies()
    )
    with stopped_clock():
        fill_accounts(Account(front, MAIN_ACCOUNT), Account(front, PARTNER), *name.partition(":"))


def fill_accounts(main, partner, kind, _, count):
    """Fills the accounts, as the name of the content says."""
    if kind == "fleet":
        seed_fleet.fill(main, int(count))
    elif kind == "docs":
        seed_fleet.fill(main, 1, "prod")
    elif kind == "tests":
        seed_tests.fill(main)
        seed_partner.fill(partner)
    else:
        raise SystemExit(f"no such seed: {kind}")
