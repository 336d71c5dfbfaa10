"""BG/NBD and gamma-gamma against the figures of their papers, and against customers made from known parameters."""

from pathlib import Path

import numpy as np
import pytest
from evals.lifetime_data import read_cdnow

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing.rules.lifetime import BuyingModel, History, SpendModel, lifetime_value

# Fader, Hardie and Lee 2005, table 2: the tenth of CDNOW, 39 weeks.
PAPER = BuyingModel(r=0.243, alpha=4.414, a=0.793, b=2.426)


def of(x: float, tx: float, observed: float, spend: float = 0.0) -> History:
    return History(*(np.asarray([value], dtype=np.float64) for value in (x, tx, observed, spend)))


def test_the_paper_s_customer_buys_1_226_times_in_39_weeks() -> None:
    assert PAPER.expected(of(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=0.001)


def test_who_just_bought_is_likelier_alive_than_who_fell_silent_who_never_came_back_always_counts_so() -> None:
    assert PAPER.alive(of(26, 30.86, 31.0))[0] > 0.95 > PAPER.alive(of(26, 15.0, 31.0))[0]
    assert PAPER.alive(of(0, 0, 39))[0] == 1.0


def test_the_chance_to_be_alive_is_the_share_that_is() -> None:
    history, later = made()
    chance = PAPER.alive(history)
    sure = chance > 0.8
    # Who buys again was alive; who was alive need not buy again: the chance bounds the share from above, closely
    # for those who buy often.
    often = sure & (history.repeats >= 5)
    assert (later[~sure] > 0).mean() < chance[~sure].mean()
    assert (later[often] > 0).mean() == pytest.approx(chance[often].mean(), abs=0.12)


def test_gamma_gamma_gives_the_paper_s_mean_amounts() -> None:
    # Fader and Hardie's note on the gamma-gamma model: p 6.25, q 3.74, v 15.44; two repeats of 22.35, then none.
    spending = SpendModel(p=6.25, q=3.74, v=15.44)
    assert spending.expected(of(2, 1, 2, 22.35))[0] == pytest.approx(24.65, abs=0.02)
    assert spending.expected(of(0, 0, 2, 0))[0] == pytest.approx(35.2, abs=0.1)


def made(count: int = 4_000, seed: int = 3) -> tuple[History, np.ndarray]:
    """Customers from the paper's parameters watched 39 weeks, and their purchases in the 39 weeks after."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[float, float, float, float]] = []
    later: list[int] = []
    for _ in range(count):
        rate, leave = chance.gamma(PAPER.r, 1 / PAPER.alpha), chance.beta(PAPER.a, PAPER.b)
        nu = chance.gamma(3.74, 1 / 15.44)
        time, times = 0.0, []
        while True:
            time += chance.exponential(1 / max(rate, 1e-12))
            if time > 78:
                break
            times.append(time)
            if chance.random() < leave:
                break
        seen = [at for at in times if at <= 39]
        amounts = chance.gamma(6.25, 1 / nu, len(seen))
        rows.append((len(seen), seen[-1] if seen else 0.0, 39.0, float(amounts.mean()) if seen else 0.0))
        later.append(sum(at > 39 for at in times))
    return History(*np.asarray(rows).T), np.asarray(later)


def test_the_fit_finds_the_parameters_that_made_the_customers() -> None:
    history, later = made()
    fitted = BuyingModel.fit(history)
    assert fitted.r == pytest.approx(0.243, rel=0.15)
    assert fitted.alpha == pytest.approx(4.414, rel=0.25)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.246, abs=0.08)
    assert fitted.expected(history, 39).sum() == pytest.approx(later.sum(), rel=0.08)
    spending = SpendModel.fit(history)
    assert spending.p / (spending.q - 1) * spending.v == pytest.approx(6.25 * 15.44 / 2.74, rel=0.1)


def test_intervals_hold_what_they_promise() -> None:
    history, _ = made(2_000)
    value = lifetime_value(PAPER, SpendModel(6.25, 3.74, 15.44), history, weeks=39)
    assert bool((value.lower <= value.upper).all())
    assert bool(np.isfinite(value.expected).all())
    often = history.repeats >= 3
    assert value.upper[often].mean() > value.upper[~often].mean()


def test_the_wait_grows_with_the_chance_and_shrinks_with_purchases() -> None:
    history = History(*np.asarray([[0.0, 0, 39, 0], [10.0, 38, 39, 20]]).T)
    rare, often = PAPER.weeks_to_next(history)
    assert often < rare
    assert PAPER.weeks_to_next(history, 0.9)[1] > often


def test_the_chance_of_silence_is_the_share_that_stays_silent() -> None:
    history, later = made()
    assert PAPER.silent(history, 39).mean() == pytest.approx((later == 0).mean(), abs=0.02)


def test_a_last_purchase_after_now_is_refused() -> None:
    with pytest.raises(BadInput, match="row 1"):
        of(2, 40, 39)


def test_too_few_customers_and_no_repeats_are_said() -> None:
    with pytest.raises(BadInput, match="at least 50"):
        BuyingModel.fit(of(1, 1, 2))
    nobody = History(*(np.zeros(100), np.zeros(100), np.full(100, 5.0), np.zeros(100)))
    with pytest.raises(BadInput, match="0 of them came back"):
        BuyingModel.fit(nobody)


def test_the_whole_of_cdnow_has_the_parameters_of_its_tenth(shared_data: Path) -> None:
    history, _, _ = read_cdnow(shared_data / "cdnow" / "CDNOW_master.txt", weeks=39)
    assert len(history.repeats) == 23_570
    fitted = BuyingModel.fit(history)
    assert fitted.r == pytest.approx(PAPER.r, rel=0.15)
    assert fitted.alpha == pytest.approx(PAPER.alpha, rel=0.2)
    assert fitted.a == pytest.approx(PAPER.a, rel=0.35)
    assert fitted.b == pytest.approx(PAPER.b, rel=0.35)
