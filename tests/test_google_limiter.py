"""The limiter: never more starts in any minute than Google allows, whoever asks and whatever the clock does."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.google.limiter import Limiter, minutes
from tests.google_script import Time


def most_in_a_minute(starts: list[float]) -> int:
    starts = sorted(starts)
    return max(sum(start <= other < start + 60 for other in starts) for start in starts)


def test_a_burst_of_five_then_the_rate() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    waits = [limiter.take() for _ in range(8)]
    assert waits == pytest.approx([0] * 5 + [60 / 55] * 3)


@given(st.lists(st.floats(0, 90), max_size=150))
def test_never_more_than_sixty_starts_in_any_sixty_seconds(pauses: list[float]) -> None:
    """However unevenly requests come."""
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    starts = []
    for pause in [*pauses, *[0.0] * 70]:
        time.now += pause
        starts.append(limiter.reserve()[0])
        time.now = max(time.now, starts[-1])
    assert most_in_a_minute(starts) <= 60


def test_two_threads_share_one_bucket() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    starts: list[float] = []
    threads = [Thread(target=lambda: starts.extend(limiter.reserve()[0] for _ in range(100))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(starts) == 200
    assert most_in_a_minute(starts) <= 60


def test_one_spreadsheet_at_most_once_a_second() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    assert [limiter.take(key) for key in ("a", "b", "a", "a")] == pytest.approx([0, 0, 1, 1])


def test_half_the_rate_for_a_minute_after_the_quota_was_met() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    limiter.halve()
    begun = time.now
    taken = 0
    while time.now < begun + 59:
        limiter.take()
        taken += 1
    assert 26 <= taken <= 29
    time.now = begun + 200
    assert [limiter.take() for _ in range(6)] == pytest.approx([0] * 5 + [60 / 55])


def test_a_clock_that_jumps_ahead_gives_no_more_than_a_burst() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    for _ in range(10):
        limiter.take()
    time.now += 86_400
    starts = [limiter.reserve()[0] for _ in range(70)]
    assert most_in_a_minute(starts) <= 60


def test_a_clock_put_back_makes_nobody_wait_for_the_difference() -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    for _ in range(10):
        limiter.take("a")
    time.now -= 3600
    assert limiter.take("a") <= 2
    assert limiter.take("a") <= 2


@pytest.mark.parametrize("count", [0, 1, 5, 6, 60, 400])
def test_minutes_are_foretold(count: int) -> None:
    time = Time()
    limiter = Limiter(time.clock, time.sleep)
    begun = time.now
    for _ in range(count):
        limiter.take()
    assert minutes(count) == pytest.approx((time.now - begun) / 60)
