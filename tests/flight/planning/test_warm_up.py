"""Warming up compiles all that a plan needs."""

import pytest

from flight.planning import sight_kernel, sortie_kernel
from flight.planning.warm_up import warm_up

ENTRIES = (
    sight_kernel.watch,
    sight_kernel.unseen_slopes,
    sight_kernel.keep_inside,
    sight_kernel.unseen_area,
    sortie_kernel.search,
)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_afterwards_nothing_is_left_to_compile(entry: object) -> None:
    """Every compiled entry has been called with the types that plans call it with."""
    warm_up()
    assert getattr(entry, "signatures", [])
