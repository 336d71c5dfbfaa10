"""When a parcel arrives: own group first, longer than it has lasted, honest where little is known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.orders.rules.arrival import Journey, Trip, expected_arrival

SENT = datetime(2026, 1, 5, tzinfo=UTC)
FAST = [Journey("fast", "north", 1 + n / 50) for n in range(50)]
SLOW = [Journey("slow", "north", 6 + n / 50) for n in range(50)]


def days(at: datetime) -> float:
    return (at - SENT).total_seconds() / 86_400


def test_the_carriers_own_journeys_count() -> None:
    told = expected_arrival([*FAST, *SLOW], Trip("fast", "north", SENT, SENT + timedelta(days=3)), SENT)
    assert told is not None and told.based_on == 50 and told.by_promise == 1.0
    assert 1 <= days(told.early) <= days(told.likely) <= days(told.late) <= 2
    assert "fast" in told.why.en and "50" in told.why.zh
    slow = expected_arrival([*FAST, *SLOW], Trip("slow", "north", SENT, SENT + timedelta(days=3)), SENT)
    assert slow is not None and slow.by_promise == 0.0 and days(slow.likely) > 6


def test_what_it_has_lasted_already_counts() -> None:
    trip = Trip("fast", "north", SENT)
    later = expected_arrival([*FAST, *SLOW], trip, SENT + timedelta(days=4))
    assert later is not None and days(later.likely) > 6, "no fast parcel ever took four days: slower ones tell"
    assert "longer than 4 days" in later.why.en
    assert expected_arrival([*FAST, *SLOW], trip, SENT + timedelta(days=30)) is None


def test_few_journeys_are_filled_up_and_none_say_nothing() -> None:
    few = [Journey("new", "north", 20.0)] * 3
    told = expected_arrival([*few, *FAST], Trip("new", "north", SENT), SENT)
    assert told is not None and told.based_on == 3 and days(told.likely) < 3 and days(told.late) >= 1
    assert expected_arrival(few, Trip("new", "north", SENT), SENT) is None
    assert expected_arrival([], Trip("new", "north", SENT), SENT) is None


@given(
    st.lists(st.builds(Journey, st.sampled_from("ab"), st.sampled_from("xy"), st.floats(0.1, 60)), max_size=80),
    st.floats(0, 70),
)
def test_never_before_now_and_always_in_order(journeys: list[Journey], elapsed: float) -> None:
    now = SENT + timedelta(days=elapsed)
    told = expected_arrival(journeys, Trip("a", "x", SENT, SENT + timedelta(days=5)), now)
    if told is not None:
        assert now - timedelta(seconds=1) <= told.early <= told.likely <= told.late
        assert told.by_promise is not None and 0 <= told.by_promise <= 1
