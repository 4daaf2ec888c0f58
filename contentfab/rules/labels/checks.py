"""Checks of a campaign's `label` section against its imagery: are synthetic people disclosed?

New York wants advertisements with a synthetic performer to say so. Whether a picture will show one
is not known before it is made; what the brand's imagery asks for is. Reads no files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contentfab.errors import Problem
from contentfab.records.brand import Brand
from contentfab.rules.files.located import Located
from contentfab.rules.files.safe_files import shorten
from contentfab.rules.labels.words import asks_for_person, has_person_words, jurisdiction_names

_PEOPLE = re.compile(
    r"(?<!\bno )(?<!\bnot a )(?<!without )(?<!ohne )(?<!sans )(?<!sin )"
    r"\b(people|persons?|humans?|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|kids?|bab(?:y|ies)|"
    r"adults?|couples?|famil(?:y|ies)|models?|portraits?|faces?|runners?|athletes?|dancers?|"
    r"actors?|actress(?:es)?|influencers?|customers?|baristas?|chefs?|crowds?|"
    r"personen?|menschen?|frau(?:en)?|mann|männer|kind(?:er)?|gesicht(?:er)?|läufer(?:in)?|"
    r"personnes?|femmes?|hommes?|enfants?|visages?|personas?|mujer(?:es)?|hombres?|niñ[oa]s?|"
    r"person[ae]|donn[ae]|uom(?:o|ini)|bambin[oi]|pessoas?|mulher(?:es)?|homem|homens)\b"
    r"|(?<![无無])(?<!没有)(?<!沒有)(?:人物|真人|模特|女性|男性|女人|男人|女孩|男孩|孩子|儿童|兒童|人像|肖像|面孔|情侣|家庭|顾客)"
    r"|モデル|女の子|男の子|子供|家族|顔|사람|인물|여성|남성|아이|모델",
    re.IGNORECASE,
)


def check_label(campaign: Located, brand: Brand | None) -> Iterator[Problem]:
    """Warnings about people in the pictures whom the label does not speak of, and about words for
    them that a locale lacks. What has the wrong type is passed over."""
    label = campaign.value.get("label")
    label = label if isinstance(label, dict) else {}
    known = jurisdiction_names()
    named = [name for name in _texts(label.get("jurisdictions")) if name in known]
    asking = asks_for_person(named)
    if not asking:
        return
    declared = label.get("depicts_synthetic_person")
    if declared is None and brand is not None:
        yield from _undeclared(campaign, brand, asking[0])
    if declared is True:
        for index, locale in enumerate(_texts(campaign.value.get("locales"))):
            if not has_person_words(locale):
                message = f"{asking[0]}: the words about the person are in English for {locale}"
                hint = "they are missing from label_words.yaml; tell us how they read"
                path = ("locales", index)
                yield campaign.problem(path, "brief.label-words", message, hint, "warn")


def _undeclared(campaign: Located, brand: Brand, jurisdiction: str) -> Iterator[Problem]:
    imagery = brand.imagery
    for text in (*imagery.scenes, imagery.mood):
        found = _PEOPLE.search(text)
        if found:
            message = (
                f"the brand's imagery asks for people ({shorten(found[0])!r} in {shorten(text)!r});"
                f" {jurisdiction} wants a synthetic person to be disclosed"
            )
            hint = "set label.depicts_synthetic_person to true, or to false if none will be seen"
            yield campaign.problem(("label",), "brief.label-person", message, hint, "warn")
            return


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
