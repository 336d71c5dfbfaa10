"""A second opinion on unsure texts: who is asked, how both are weighed, and what happens without an answer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.linear_model import LogisticRegression

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels import Cascade, Joint, LinearModel, fit_joint, own_odds, unsure

Floats = npt.NDArray[np.float64]
BAD, GOOD = "质量太差 退货", "质量很好 满意"


@pytest.fixture(scope="module", name="fast")
def _fast() -> LinearModel:
    texts = [f"{mood} 第{number}单" for number in range(40) for mood in (BAD, GOOD)]
    return LinearModel.fit(texts, ["negative", "positive"] * 40)


def test_only_unsure_texts_are_asked(fast: LinearModel) -> None:
    asked: list[str] = []

    def opinion(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return np.full(len(texts), 3.0)

    texts = [BAD, GOOD, "qqq zzz"]
    given = fast.predict(texts)
    sure = float(given[:2].max(axis=1).min())
    assert given[2].max() < sure, "a text of unknown words is less sure"
    answers = Cascade(fast, opinion, Joint(0.0, 0.0, 1.0), threshold=sure).predict(texts)
    assert asked == ["qqq zzz"]
    np.testing.assert_allclose(answers[:2], given[:2])
    np.testing.assert_allclose(answers[2], [1 - 1 / (1 + np.exp(-3)), 1 / (1 + np.exp(-3))])


def test_without_an_answer_the_fast_one_stands(fast: LinearModel) -> None:
    texts = [BAD, "qqq zzz", ""]
    cascade = Cascade(fast, lambda asked: np.full(len(asked), np.nan), Joint(1.0, 2.0, 3.0), threshold=1.0)
    np.testing.assert_allclose(cascade.predict(texts), fast.predict(texts), atol=1e-12)
    assert cascade.predict([]).shape == (0, 2)
    assert cascade.explain(BAD, "negative") == fast.explain(BAD, "negative")


def test_weights_are_those_of_a_logistic_regression() -> None:
    chance = np.random.default_rng(4)
    own, theirs = chance.normal(size=4000), chance.normal(size=4000)
    right = chance.random(4000) < 1 / (1 + np.exp(-(0.5 + own - 2 * theirs)))
    joint = fit_joint(own, theirs, right)
    oracle = LogisticRegression(C=1e6).fit(np.column_stack((own, theirs)), right)
    found = (joint.bias, joint.fast, joint.slow)
    np.testing.assert_allclose(found, (oracle.intercept_[0], *oracle.coef_[0]), atol=0.02)


def test_rows_without_an_answer_teach_nothing() -> None:
    chance = np.random.default_rng(5)
    own, theirs = chance.normal(size=200), chance.normal(size=200)
    right = theirs + chance.normal(size=200) > 0
    more = fit_joint(np.append(own, 9.0), np.append(theirs, np.nan), np.append(right, False))
    assert more == fit_joint(own, theirs, right)


def test_what_cannot_be_fitted_is_refused(fast: LinearModel) -> None:
    with pytest.raises(BadInput):
        fit_joint(np.zeros(39), np.zeros(39), np.arange(39) % 2 == 0)
    with pytest.raises(BadInput):
        fit_joint(np.zeros(80), np.zeros(80), np.ones(80, dtype=np.bool_))
    three = LinearModel.fit([f"{mood}{number}" for number in range(9) for mood in "abc"], list("abc") * 9)
    with pytest.raises(BadInput):
        Cascade(three, lambda asked: np.zeros(len(asked)), Joint(0, 1, 0))
    with pytest.raises(BadInput):
        Cascade(fast, lambda asked: np.zeros(len(asked)), Joint(0, 1, 0), threshold=0.2)


def test_odds_and_unsure_rows() -> None:
    given = np.array([[0.1, 0.9], [0.4, 0.6], [1.0, 0.0]])
    assert list(unsure(given, 0.85)) == [1]
    np.testing.assert_allclose(own_odds(given)[:2], [np.log(9), np.log(1.5)])
    assert np.isfinite(own_odds(given)).all()
