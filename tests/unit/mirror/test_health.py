"""Which source comes first, and how long one that failed is left alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random

from nic_node.mirror.health import LONGEST_WAIT, SourceHealth, order_sources, smooth, wait_after

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
LOG = SourceHealth(url="log", is_log=True)
POLL = timedelta(minutes=1)


def copy(name: str, **values) -> SourceHealth:
    return SourceHealth(url=name, is_log=False, **values)


def ordered(*sources: SourceHealth, size: int = 100, draw=lambda: 0.5) -> list[str]:
    return [source.url for source in order_sources(sources, size=size, now=NOW, draw=draw)]


def test_the_log_comes_first_while_it_answers_and_before_nobody_when_it_does_not() -> None:
    assert ordered(copy("a"), LOG) == ["log", "a"]
    failed = SourceHealth(url="log", is_log=True, failures=1, retry_at=NOW + POLL)
    assert ordered(failed, copy("a")) == ["a", "log"]
    assert ordered(failed) == ["log"], "it is asked all the same where there is nobody else"
    assert ordered(copy("a", failures=1, retry_at=NOW + POLL), failed) == ["log", "a"]
    again = SourceHealth(url="log", is_log=True, failures=1, retry_at=NOW)
    assert ordered(copy("a"), again) == ["log", "a"]


def test_what_was_proven_wrong_is_not_asked_and_the_log_always_is() -> None:
    assert ordered(copy("a", is_stopped=True), SourceHealth(url="log", is_log=True, is_stopped=True)) == ["log"]


def test_the_fast_and_the_up_to_date_are_drawn_more_often_and_everybody_at_times() -> None:
    fast, slow, behind = copy("fast", seconds=0.1), copy("slow", seconds=1.0), copy("behind", seconds=0.1, size=99)
    rng = Random(1)
    first = Counter(ordered(slow, behind, fast, draw=rng.random)[0] for _ in range(2_000))
    # Weights of 10, 1 and 1: ten of twelve times the fast one.
    assert 0.8 < first["fast"] / 2_000 < 0.87
    assert min(first["slow"], first["behind"]) > 100


def test_no_draw_breaks_the_order() -> None:
    for value in (0.0, 1 - 2**-53):
        assert sorted(ordered(copy("a"), copy("b", seconds=9.0), draw=cycle([value]).__next__)) == ["a", "b"]


def test_a_source_that_fails_is_asked_less_and_less_but_never_given_up() -> None:
    waits = [wait_after(failures, poll=POLL) for failures in (1, 2, 3, 4, 5, 1_000)]
    assert waits == [POLL, 2 * POLL, 4 * POLL, 8 * POLL, LONGEST_WAIT, LONGEST_WAIT]


def test_the_time_of_an_answer_is_smoothed() -> None:
    assert smooth(None, 0.4) == 0.4
    assert 0.4 < smooth(0.4, 1.4) < 1.4
