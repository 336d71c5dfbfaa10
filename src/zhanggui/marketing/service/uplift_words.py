"""What uplift says to people, in both languages."""

from typing import Literal

from zhanggui.kernel.types import Locale

Segment = Literal["persuadable", "sure", "lost-cause", "do-not-disturb", "not-distinguishable"]
SEGMENTS: dict[Locale, dict[str, str]] = {
    "en": {
        "persuadable": "a contact moves them",
        "sure": "they come anyway",
        "lost-cause": "a contact does not bring them",
        "do-not-disturb": "a contact drives them away",
        "not-distinguishable": "the experiment cannot tell",
        "not-confirmed": "differences between customers are not confirmed: the effect is close to the average",
    },
    "zh-CN": {
        "persuadable": "触达能打动",
        "sure": "不触达也会来",
        "lost-cause": "触达也不会来",
        "do-not-disturb": "触达会起反作用",
        "not-distinguishable": "实验数据还分不出",
        "not-confirmed": "顾客之间的差别尚未得到证实：这里的效果接近平均值",
    },
}


def move_sentence(name: str, value: str, part: float, locale: Locale) -> str:
    """Which trait moves the effect, and by how much."""
    if locale == "zh-CN":
        return f"{name} = {value or '未知'}：效果{'提高' if part > 0 else '降低'} {abs(part):.4f}"
    return f"{name} = {value or 'unknown'} {'raises' if part > 0 else 'lowers'} the effect by {abs(part):.4f}"


def contact_sentence(name: str, effect: float, locale: Locale) -> str:
    """Which of several contacts does most for customers like this one."""
    if locale == "zh-CN":
        return f"试过的触达方式里，“{name}”对这类顾客效果最大（{effect:+.4f}）"
    return f"of the contacts tried, {name!r} moves customers like this most ({effect:+.4f})"
