"""Assertions of an open class: `made of ...`, `...-proof`, `comes with ...`, 采用…面料, 防…, 通过…认证."""

import re
from collections.abc import Iterator

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.findings import Finding

_STOP = (
    r"(?=\s+(?:and|or|for|with|that|which|to|in|on|at|by|from|so|while|as|it|is|are|making|designed|perfect|ideal|of|this|these|you|your|when|plus|but|without|ensures?|provid\w+|offer\w*|has|have|can|will|gives?|keeps?|allow\w*)\b|[^\w\s'%/-]|$)"
)
_PHRASE = rf"(?P<x>[\w'%/-]+(?:\s+[\w'%/-]+){{0,4}}?){_STOP}"
_ARTICLE = r"(?:(?:a|an|the|one|its|your|our|this|these|also)\s+)*"
_ENGLISH: tuple[tuple[ClaimKind, re.Pattern[str]], ...] = (
    (
        ClaimKind.MATERIAL,
        re.compile(rf"\b(?:made (?:up )?(?:of|from|out of|with|using)|crafted (?:from|of|out of)|constructed (?:from|of|with)|woven from|knitted from|cut from|built from)\s+{_ARTICLE}{_PHRASE}", re.IGNORECASE),
    ),
    (
        ClaimKind.FEATURE,
        re.compile(rf"\b(?:features|featuring|comes? (?:complete )?with|coming with|equipped with|fitted with|includes|including|supports|built[- ]in|has|boasts|complete with|packed with|enriched with|infused with|contains|containing|powered by)\s+{_ARTICLE}{_PHRASE}", re.IGNORECASE),
    ),
    (ClaimKind.FEATURE, re.compile(r"(?P<x>\b[A-Za-z]{2,}[- ](?:proof|resistant|resistance|repellent)\b)", re.IGNORECASE)),
    (ClaimKind.FEATURE, re.compile(r"(?P<x>\b[A-Za-z]{2,}-free\b)", re.IGNORECASE)),
    (ClaimKind.FEATURE, re.compile(r"\bfree (?:of|from) (?P<x>[A-Za-z]+(?:\s[A-Za-z]+)?)", re.IGNORECASE)),
    (ClaimKind.CARE, re.compile(r"(?P<x>\b[A-Za-z]+[- ](?:safe|washable)\b)", re.IGNORECASE)),
    (
        ClaimKind.CERTIFICATION,
        re.compile(r"(?P<x>\b[A-Za-z0-9]+(?:[- ][A-Za-z0-9:]+)?[- ](?:certified|certification|certificate|approved|accredited|compliant|listed)\b)|\bcertified by (?P<y>[A-Za-z0-9][\w-]*(?:\s[A-Z][\w-]*)*)", re.IGNORECASE),
    ),
    (ClaimKind.COMPATIBILITY, re.compile(rf"\b(?:compatible with|works with|compatible for|suitable with)\s+{_ARTICLE}{_PHRASE}", re.IGNORECASE)),
    (ClaimKind.COLOUR, re.compile(r"\b(?:in|a|an|the|its)\s+(?:(?:lovely|beautiful|elegant|stylish|rich|classic|soft|trendy|gorgeous|subtle|neutral|versatile|vibrant|stunning|deep|bold|warm|cool)\s+)*(?P<x>[A-Za-z]+(?:\s[A-Za-z]+)?)\s+(?:shade|colou?r|hue|tone|tint|colou?rway)\b", re.IGNORECASE)),
    (ClaimKind.SUPERLATIVE, re.compile(r"(?P<x>#\s?1(?!\d)|\bno\.?\s?1(?![\d.])(?=\s+(?:brand|choice|selling|rated|seller|in))|\bnumber 1\b)", re.IGNORECASE)),
    (ClaimKind.ORIGIN, re.compile(rf"\b(?:made in|manufactured in|imported from|produced in|assembled in|sourced from|product of|country of origin(?: is)?:?|designed in|handcrafted in)\s+{_ARTICLE}(?P<x>[A-Za-z]+(?:\s[A-Z][a-z]+)?)", re.IGNORECASE)),
)  # fmt: skip
_CHINESE: tuple[tuple[ClaimKind, re.Pattern[str]], ...] = (
    (ClaimKind.MATERIAL, re.compile(r"(?:采用|选用|使用|甄选|精选|选取|以)了?(?P<x>[^，。；！？、\s]{1,10}?)(?:面料|材质|布料|材料|质地)")),
    (ClaimKind.MATERIAL, re.compile(r"(?:面料|材质|材料)(?:是|为|[:：])(?P<x>[^，。；！？、\s的]{1,8})")),
    (ClaimKind.COLOUR, re.compile(r"(?P<x>[一-鿿]{1,2}(?<![颜特角出气肤景好染上褪掉配绝逊增本撞拼显搭亮跳主同异神双彩各多纯有物货音起油姿国黄遇夜春秋暮月用着变种款个的底杂单为原其了选花颜深浅正])色)(?!彩|调|系|泽|块|差|号|相|香|味|情)")),
    (ClaimKind.MATERIAL, re.compile(r"(?:^|[，。；！？、\s])(?P<x>[一-鿿]{2,4}?)(?:面料|材质|布料)(?=[，。；！？\s的]|手感|质感|$)")),
    (ClaimKind.CERTIFICATION, re.compile(r"(?:通过|获得|获|取得|拥有|具有|符合|荣获)了?(?P<x>[^，。；！？\s]{1,14}?)(?:认证|检测|检验|标准|专利|证书|奖|认可)")),
    (ClaimKind.ORIGIN, re.compile(r"(?:产自|产地(?:为|是|在|[:：])|原产(?:于|地(?:为|是|[:：])?)|进口自|产于|产地)(?P<x>[一-鿿]{2,5}?)(?=[，。；！？、\s的]|$)")),
    (ClaimKind.FEATURE, re.compile(r"(?P<x>(?<!预)(?<!设)防(?![止护范身线守备御务具晒水风])[一-鿿]|抗(?![议争拒衡日战体])[一-鿿]|耐(?![心看用人克穿性力])[一-鿿])")),
    (ClaimKind.FEATURE, re.compile(r"(?:内置|配备|搭载|附赠|附送|赠送|支持|自带|标配|内含|含有|添加|搭配有|配有|带有)了?(?P<x>[^，。；！？、\s]{1,10}?)(?=功能|技术|系统|效果|设计|成分|[，。；！？、\s的]|$)")),
)  # fmt: skip
_SOFT_TAIL = re.compile(r"(?:hassle|worry|care|stress|trouble|duty|tax|risk|guilt|hands|pain|fuss|free|for|completely|time|future|budget|foolproof|are|is|be|and|the|not)[- ](?:free|proof|resistant|safe|approved|certified|listed)$", re.IGNORECASE)


def find_open(text: str, *, chinese: bool) -> Iterator[Finding]:
    """Every assertion of an open class, in the order of the patterns. `phrase` holds what the facts must know of."""
    for kind, pattern in _CHINESE if chinese else _ENGLISH:
        for match in pattern.finditer(text):
            group = "y" if "y" in pattern.groupindex and match.group("y") else "x"
            phrase = match.group(group)
            if not chinese and _SOFT_TAIL.search(phrase):
                continue
            yield Finding(match.start(group), match.end(group), kind, phrase=phrase)
