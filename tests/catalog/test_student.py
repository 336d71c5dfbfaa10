"""The student's copy: proved like any other; the writer stands in where it is silent or another language is asked."""

from collections.abc import Sequence

from zhanggui.catalog import CopyRequest, StudentCopywriter, facts_of, student_rows

PRODUCT = {"id": 1, "attributes": {"类型": "裙", "材质": "棉", "颜色": "藏青色", "裙型": "A字", "风格": "OL"}}


class Says:
    """A writer that says one thing, and keeps what it was asked."""

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, list[str]()

    def predict(self, texts: Sequence[str]) -> list[str]:
        self.asked += texts
        return [self.text for _ in texts]


def request(locale: str = "zh-CN") -> CopyRequest:
    return CopyRequest(facts_of(PRODUCT), "en" if locale == "en" else "zh-CN", "taobao")


def test_what_the_student_invents_is_cut_and_the_rest_stands() -> None:
    told = "这款裙子选用棉质面料，藏青色耐看。100%羊毛，防水。整体为ol风格。"
    (written,) = StudentCopywriter(Says(told)).write_many([request()])
    assert written.by_model and written.proved.publishable and written.usage.provider == "student"
    assert "羊毛" not in written.proved.copy.description and "防水" not in written.proved.copy.description
    assert "OL风格" in written.proved.copy.description  # as the facts write it
    assert all(claim.supported for claim in written.proved.claims if claim.hard)


def test_the_deterministic_writer_stands_in_and_says_why() -> None:
    silent, english = StudentCopywriter(Says("  ")).write_many([request(), request("en")])
    assert not silent.by_model and "nothing" in silent.note and silent.proved.copy.description
    assert not english.by_model and "Chinese only" in english.note and english.proved.copy.description


def test_marks_are_chinese_and_nothing_is_stammered() -> None:
    (written,) = StudentCopywriter(Says("这款裙子选用棉棉质面料,藏青色耐看。")).write_many([request()])
    assert written.proved.copy.description.startswith("这款裙子选用棉质面料，藏青色耐看。")


def test_what_breaks_off_is_left_out() -> None:
    (written,) = StudentCopywriter(Says("这款裙子选用棉质面料。藏青色的裙")).write_many([request()])
    assert "藏青色的裙" not in written.proved.copy.description


def test_rows_to_learn_from_take_approved_words_or_the_writers() -> None:
    sources, targets = student_rows([(request(), "这款裙子是藏青色。"), (request(), "")])
    assert sources[0] == sources[1] and "藏青色" in sources[0] and "｜" in sources[0]
    assert targets[0] == "这款裙子是藏青色。" and targets[1] and targets[1] != targets[0]
