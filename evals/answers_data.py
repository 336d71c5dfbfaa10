"""Knowledge and questions of the answering evaluation: both written for the purpose, but for the public FAQ's articles.

`answer_cases/*.tsv` hold the evaluation, `answer_cases/dev/*.tsv` the development set; they were written apart; only
the latter is ever fitted on. A line is `places or ids of right articles (or -)`, tab, `question`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml

from evals.figures import SHARED_DATA
from zhanggui.support import Passage, read_knowledge

CASES = Path(__file__).parent / "answer_cases"
FAQ = SHARED_DATA / "ecommerce_faq_en" / "Ecommerce_FAQ_Chatbot_dataset.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One question over one knowledge; `right` are places of articles that answer it, none where none does."""

    knowledge: str
    question: str
    right: tuple[int, ...]


def knowledges() -> dict[str, tuple[Passage, ...]]:
    """`faq` (public, English), `zh` and `demo_en`: the demo shop's own, without what is out of date."""
    if not FAQ.is_file():
        raise SystemExit("the public set ecommerce_faq_en is not here; set ZHANGGUI_SHARED_DATA")
    faq = read_knowledge("faq.json", FAQ.read_text(encoding="utf-8")).passages
    raw = yaml.safe_load(files("zhanggui.demo").joinpath("data/knowledge.yaml").read_text(encoding="utf-8"))
    entries = [entry for entry in raw if not entry.get("until")]
    zh = tuple(Passage(one["id"], _side(one["q"], 0), _side(one["a"], 0), "zh-CN", question=True) for one in entries)
    en = tuple(Passage(one["id"], _side(one["q"], 1), _side(one["a"], 1), "en", question=True) for one in entries)
    return {"faq": faq, "zh": zh, "demo_en": en}


def _side(text: str, which: int) -> str:
    return text.split(" / ", 1)[which]


def read_cases(names: Sequence[tuple[str, str]], known: dict[str, tuple[Passage, ...]]) -> list[Case]:
    """Cases of files (name below `answer_cases`, knowledge; the knowledge stands in the line where it is empty)."""
    places = {
        name: {one.source.removeprefix("faq.json#"): at for at, one in enumerate(rows)} for name, rows in known.items()
    }
    cases: list[Case] = []
    for name, knowledge in names:
        for line in (CASES / name).read_text(encoding="utf-8").splitlines():
            parts = line.split("\t")
            which = knowledge or {"zh": "zh", "en": "faq"}[parts[0]]
            right, question = parts[-2:]
            # The public FAQ's articles are counted from 0 in the cases, from 1 in sources.
            keys = [] if right == "-" else [str(int(one) + 1) if which == "faq" else one for one in right.split(",")]
            cases.append(Case(which, question, tuple(places[which][one] for one in keys)))
    return cases


def development(known: dict[str, tuple[Passage, ...]]) -> list[Case]:
    """Questions to fit and to choose thresholds on."""
    return read_cases(
        [
            ("dev/en.tsv", "faq"),
            ("dev/zh.tsv", "zh"),
            ("dev/demo_en.tsv", "demo_en"),
            ("dev/cross.tsv", ""),
            ("dev/more_en.tsv", "faq"),
            ("dev/more_zh.tsv", "zh"),
            ("dev/wide_en.tsv", "faq"),
            ("dev/wide_zh.tsv", "zh"),
            ("dev/wide_demo_en.tsv", "demo_en"),
        ],
        known,
    )


def evaluation(known: dict[str, tuple[Passage, ...]]) -> list[Case]:
    """Questions to report on; never fitted on."""
    return read_cases([("eval_en.tsv", "faq"), ("eval_zh.tsv", "zh"), ("eval_cross.tsv", "")], known)
