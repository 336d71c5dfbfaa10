"""The pipeline on both databases: decide, apply once, undo, autonomy earned and lost, replay."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TESTER
from tests.desk.stamps import StampKind, draft, times_of
from zhanggui.desk import Check, Desk, Draft, Filter, Inbox, Kinds, State, wilson_lower
from zhanggui.desk.rules import TRANSITIONS
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, Conflict, Forbidden, NotFound, ProgrammerError
from zhanggui.kernel.storage import Database, UnitOfWork


@pytest.fixture
def desk() -> Desk:
    kinds = Kinds()
    kinds.register(StampKind())
    return Desk(kinds)


def _propose(desk: Desk, uow: UnitOfWork, made: Draft) -> str:
    proposal = desk.propose(uow, made)
    assert proposal is not None
    return proposal.id


def _earn_trust(desk: Desk, uow: UnitOfWork, count: int = 60) -> None:
    made = desk.propose_many(uow, [draft(f"trust-{number}") for number in range(count)])
    assert desk.decide_many(uow, [one.id for one in made if one], approve=True) == {}


def test_a_proposal_waits_is_approved_applied_and_undone(desk: Desk, uow: UnitOfWork) -> None:
    first = _propose(desk, uow, draft("box", "one"))
    desk.approve(uow, first)
    assert desk.apply(uow, first).state is State.APPLIED
    assert times_of(uow, "box") == 1
    undone = desk.undo(uow, first, reason="wrong box")
    assert undone.state is State.UNDONE
    actions = [row.action for row in AuditLog(uow).read(subject=first).items]
    assert actions == ["proposal.undone", "proposal.applied", "proposal.approved", "proposal.created"]
    assert list(AuditLog(uow).verify()) == []


def test_applying_twice_has_one_effect(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box"))
    desk.approve(uow, proposal)
    for _ in range(3):
        assert desk.apply(uow, proposal).state is State.APPLIED
    assert times_of(uow, "box") == 1


def test_deciding_twice_is_a_conflict(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box"))
    desk.reject(uow, proposal, reason="no")
    with pytest.raises(Conflict):
        desk.approve(uow, proposal)
    with pytest.raises(Conflict):
        desk.apply(uow, proposal)
    assert times_of(uow, "box") == 0


def test_a_rejection_needs_a_reason(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box"))
    with pytest.raises(BadInput, match="reason"):
        desk.reject(uow, proposal, reason="  ")


def test_an_edit_is_checked_kept_and_counts_as_edited(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box", "one"))
    with pytest.raises(BadInput, match="value"):
        desk.approve(uow, proposal, edited={"thing": "box", "value": 7})
    with pytest.raises(Conflict, match="not-bad"):
        desk.approve(uow, proposal, edited={"thing": "box", "value": "bad"})
    approved = desk.approve(uow, proposal, edited={"thing": "box", "value": "two"})
    assert approved.edited and approved.original["value"] == "one"
    assert desk.autonomies.agreement(uow, "stamp").edited == 1
    assert desk.autonomies.agreement(uow, "stamp").agreed == 0


def test_a_blocked_proposal_cannot_be_approved(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box", "bad"))
    with pytest.raises(Conflict, match="bad values"):
        desk.approve(uow, proposal)


def test_a_failure_while_applying_leaves_the_shop_untouched_and_can_be_retried(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box", "broken"))
    desk.approve(uow, proposal)
    failed = desk.apply(uow, proposal)
    assert (failed.state, failed.error) == (State.FAILED, "the stamp is broken")
    assert times_of(uow, "box") == 0
    again = desk.approve(uow, proposal, edited={"thing": "box", "value": "mended"})
    assert desk.apply(uow, again.id).state is State.APPLIED
    assert times_of(uow, "box") == 1


def test_what_cannot_be_undone_says_why(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box", "ink"))
    desk.approve(uow, proposal)
    desk.apply(uow, proposal)
    with pytest.raises(Conflict, match="ink stays"):
        desk.undo(uow, proposal)


def test_undo_refuses_when_the_shop_moved_on(desk: Desk, uow: UnitOfWork) -> None:
    first, second = (_propose(desk, uow, draft("box", value)) for value in ("one", "two"))
    for proposal in (first, second):
        desk.approve(uow, proposal)
        desk.apply(uow, proposal)
    with pytest.raises(Conflict, match="stamped again"):
        desk.undo(uow, first)


def test_autonomy_off_and_shadow_touch_nothing(desk: Desk, uow: UnitOfWork) -> None:
    desk.autonomies.set(uow, "stamp", autonomy="off")
    assert desk.propose(uow, draft("box")) is None
    desk.autonomies.set(uow, "stamp", autonomy="shadow")
    shadow = _propose(desk, uow, draft("box"))
    assert desk.judge_shadow(uow, shadow, agreed=True).state is State.SHADOW
    with pytest.raises(Conflict):
        desk.judge_shadow(uow, shadow, agreed=True)
    with pytest.raises(Conflict):
        desk.approve(uow, shadow)
    assert desk.autonomies.agreement(uow, "stamp").agreed == 1
    assert times_of(uow, "box") == 0


def test_auto_must_be_earned_and_then_applies_only_what_is_sure(desk: Desk, uow: UnitOfWork) -> None:
    with pytest.raises(Forbidden, match="0 of the 50"):
        desk.autonomies.set(uow, "stamp", autonomy="auto")
    _earn_trust(desk, uow)
    desk.autonomies.set(uow, "stamp", autonomy="auto")
    states = [
        one.state
        for one in desk.propose_many(
            uow,
            [draft("sure"), draft("unsure", confidence=0.5), draft("blocked", "bad"), draft("long", "x" * 30)],
        )
        if one
    ]
    assert states == [State.APPLIED, State.WAITING, State.WAITING, State.WAITING]


def test_auto_falls_back_by_itself_when_people_undo(desk: Desk, uow: UnitOfWork) -> None:
    _earn_trust(desk, uow)
    desk.autonomies.set(uow, "stamp", autonomy="auto")
    applied = [_propose(desk, uow, draft(f"later-{number}")) for number in range(4)]
    for proposal in applied:
        desk.undo(uow, proposal, reason="wrong")
    assert desk.autonomies.settings(uow, "stamp").autonomy == "propose"
    assert AuditLog(uow).read(subject="stamp").items[0].action == "autonomy.demoted"
    waiting = desk.propose(uow, draft("after"))
    assert waiting is not None and waiting.state is State.WAITING


def test_an_open_fingerprint_is_not_proposed_twice(desk: Desk, uow: UnitOfWork) -> None:
    first = _propose(desk, uow, draft("box", fingerprint="same"))
    both = desk.propose_many(uow, [draft("box", fingerprint="same"), draft("cup", fingerprint="other")])
    assert both[0] is not None and both[0].id == first
    twins = desk.propose_many(uow, [draft("a", fingerprint="twin"), draft("a", fingerprint="twin")])
    assert twins[0] == twins[1]
    desk.reject(uow, first, reason="no")
    assert _propose(desk, uow, draft("box", fingerprint="same")) != first


def test_waiting_proposals_expire(desk: Desk, database: Database, clock: FixedClock) -> None:
    with database.begin("m1", TESTER) as uow:
        proposal = _propose(desk, uow, draft("box"))
        assert desk.expire(uow) == 0
    clock.advance(timedelta(days=15))
    with database.begin("m1", TESTER) as uow:
        assert desk.expire(uow) == 1
        assert Inbox.get(uow, proposal).state is State.EXPIRED


def test_bulk_decisions_report_each_problem(desk: Desk, uow: UnitOfWork) -> None:
    good, bad, broken = (_propose(desk, uow, draft(value, value)) for value in ("ok", "bad", "broken"))
    problems = desk.decide_many(uow, [good, bad, broken, "nothing", good], approve=True)
    assert set(problems) == {bad, broken, "nothing"}
    with pytest.raises(BadInput, match="500"):
        desk.decide_many(uow, ["x"] * 501, approve=True)


def test_the_inbox_filters_and_pages(desk: Desk, uow: UnitOfWork) -> None:
    ids = [_propose(desk, uow, draft(f"thing-{number}")) for number in range(7)]
    first = Inbox.page(uow, Filter(states=(State.WAITING,)), limit=3)
    assert [one.id for one in first.items] == sorted(ids, reverse=True)[:3]
    assert first.total == 7
    second = Inbox.page(uow, Filter(states=(State.WAITING,)), limit=10, after=first.next_cursor)
    assert len(second.items) == 4 and second.next_cursor is None
    assert Inbox.page(uow, Filter(text="thing-3")).total == 1
    assert Inbox.counts(uow) == {("stamp", State.WAITING): 7}


def test_replay_shows_what_a_changed_rule_would_do_and_records_nothing(desk: Desk, uow: UnitOfWork) -> None:
    _propose(desk, uow, draft("box", "one"))

    def stricter(_: UnitOfWork, proposal: object) -> Draft:
        made = draft("box", "one!")
        return Draft(
            made.kind, made.subject, made.title, made.payload, (), (Check("strict", False, "no"),), 0.5, made.cost
        )

    [difference] = desk.replay(uow, Filter(), stricter)
    assert difference.changed_fields == ("value",)
    assert difference.verdict_changed
    assert Inbox.page(uow, Filter()).total == 1


def test_outcomes_are_measured_for_applied_ones(desk: Desk, uow: UnitOfWork) -> None:
    proposal = _propose(desk, uow, draft("box"))
    assert desk.measure(uow, proposal).outcome is None
    desk.approve(uow, proposal)
    desk.apply(uow, proposal)
    assert desk.measure(uow, proposal).outcome == {"times": 1}


def test_another_merchants_proposals_do_not_exist(desk: Desk, database: Database) -> None:
    with database.begin("m1", TESTER) as uow:
        proposal = _propose(desk, uow, draft("box"))
    with database.begin("m2", TESTER) as uow:
        for act in (desk.approve, desk.apply, desk.undo, desk.measure):
            with pytest.raises(NotFound):
                act(uow, proposal)
        assert Inbox.page(uow, Filter()).total == 0


def test_a_kind_is_registered_once() -> None:
    kinds = Kinds()
    kinds.register(StampKind())
    with pytest.raises(ProgrammerError):
        kinds.register(StampKind())
    with pytest.raises(NotFound, match="stamp"):
        kinds.get("other")


def test_closed_states_lead_nowhere() -> None:
    for state in (State.UNDONE, State.REJECTED, State.EXPIRED):
        assert TRANSITIONS[state] == frozenset()


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_wilson_bound_is_below_the_share_and_grows_with_evidence(successes: int, failures: int) -> None:
    total = successes + failures
    lower = wilson_lower(successes, total)
    assert 0.0 <= lower <= (successes / total if total else 0.0) + 1e-12
    assert wilson_lower(successes * 2, total * 2) >= lower - 1e-12


def test_the_wilson_bound_agrees_with_a_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    assert wilson_lower(81, 263) == pytest.approx(0.2553, abs=5e-5)
