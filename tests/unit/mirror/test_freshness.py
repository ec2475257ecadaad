"""How old is what one sees."""

from datetime import UTC, datetime, timedelta

import pytest

from nic_node.mirror.freshness import build_freshness

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
CASES = (
    (0, "now", 0),
    (59, "now", 0),
    (60, "minutes", 1),
    (3599, "minutes", 59),
    (3600, "hours", 1),
    (2 * 86400 - 1, "hours", 47),
    (2 * 86400, "days", 2),
    (-5, "now", 0),
)


@pytest.mark.parametrize(("seconds", "kind", "count"), CASES)
def test_the_unit_fits_the_age(seconds: int, kind: str, count: int) -> None:
    freshness = build_freshness("live", NOW - timedelta(seconds=seconds), NOW)
    assert (freshness.kind, freshness.count) == (kind, count)


def test_what_came_from_copies_alone_has_no_age() -> None:
    assert {build_freshness(state, None, NOW).kind for state in ("live", "stale")} == {"copies"}


def test_a_first_copy_and_a_frozen_log_say_so() -> None:
    assert build_freshness("backfilling", None, NOW).kind == "never"
    assert build_freshness("frozen", NOW, NOW).kind == "frozen"
