"""Where a line of Chinese, Japanese or Thai may end: phrases, found with budoux.

budoux gives every position a score; positions of a small score are often inside a word, and its
Chinese model knows few words. So a clear score is asked for, and in Chinese no word of jieba's
dictionary may be cut. Knows nothing about spaces, numbers with units or Latin words.
"""

from __future__ import annotations

import itertools
import re
from functools import cache

import budoux
import regex

OPENING = frozenset("（「『【《〈［｛〔｟〝“‘([{«‹¿¡￥¥＄$￡£€₩№＃#")
"""No line ends in these: opening marks, and signs that stand before a number."""
PAUSES = frozenset("，。、；：？！｜|…—,;:?!")
"""Marks after which a line may always end."""
SMALL_KANA = frozenset(
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ"
)
CLOSING = (
    PAUSES
    | SMALL_KANA
    | frozenset("）」』】》〉］｝〕｠〟”’·・ー々〻ゝゞヽヾ゛゜％%‰℃°￠〜～‥‼⁇⁈⁉．.)]}»›｡､｣･ｰﾞﾟ")
)
"""No line starts with these (JIS X 4051 and GB/T 15834: closing marks, small kana, repeats)."""
MARKS = "".join(CLOSING)
NUMERALS = frozenset("0123456789〇一二三四五六七八九十百千万两半几第")
PARTICLES = frozenset("的了着吧吗呢啊呀么们")
"""Chinese words of one character that lean on the word before them."""
LEANING = frozenset("是也都就和与把被从在给让很不更最还跟对向为能会到")
"""Chinese words of one character that lean on the word after them."""
PARSERS = {
    "zh": budoux.load_default_simplified_chinese_parser,
    "zh-hant": budoux.load_default_traditional_chinese_parser,
    "ja": budoux.load_default_japanese_parser,
    "th": budoux.load_default_thai_parser,
}
CLEAR = 1000
"""Chinese score from which a position ends a phrase; set on the copy of the examples and on 49
advertising headlines. In Thai, smaller scores are inside compounds (ผ่อน|คลาย 653, สด|ชื่น 795)."""
SURE = 4000
"""Chinese score from which one phrase end is as good as another."""
DOUBTFUL = 1500
"""Chinese score under which words that jieba only guesses are kept whole as well."""
LONGEST, LONGEST_THAI = 8, 14
"""Phrases of more characters may also end where the score is small, but rather not."""
RELUCTANT = 0.7
WINDOWS = {
    **{f"UW{i + 1}": (i - 3, i - 2) for i in range(6)},
    **{f"BW{i + 1}": (i - 2, i) for i in range(3)},
    **{f"TW{i + 1}": (i - 3, i) for i in range(4)},
}
"""The characters that each feature of budoux's model looks at, counted from the position."""
TAILS = re.compile("ない|なく|なか|いう|いる|いて|すぎ|ひら|ください")
"""Japanese verb ends and second halves of words that budoux's model cuts off."""
THAI_TAILS = re.compile("กว่า|ๆ|ฯ|ไหม|ครับ|ค่ะ|นะ|เลย|แล้ว")
"""Thai words that lean on the one before them."""
LATIN = regex.compile(
    r"[\p{Latin}\p{Nd}][\p{Latin}\p{Nd}]|[,.:/][0-9]"
    r"|[\p{Latin}\p{Nd}]['’&+@_./×-][\p{Latin}\p{Nd}]"
    r"|(?<=[\p{Latin}\p{Nd}])['’&+@_./×-][\p{Latin}\p{Nd}]"
)
"""No line ends between these: inside a Latin word, a name with a hyphen or a number."""
GRAPHEME = regex.compile(r"\X")
"""What a reader takes for one character: no line ends inside, be it an emoji or a Thai syllable."""
KANA = re.compile("[\u3041-\u309f]")
BUNSETSU_ENDS = frozenset("はがをにでともへやのてたばくりらなしいず")
"""Kana in which a Japanese phrase may end when kana follows."""


THAI, HANGUL, HAN = (regex.compile(rf"\p{{{name}}}") for name in ("Thai", "Hangul", "Han"))
KANAS = regex.compile(r"[\p{Hiragana}\p{Katakana}]")


def parser_name(word: str, locale: str) -> str | None:
    """Which model cuts a word (a text without spaces); None where only spaces part words. What the
    word is written in decides, the locale tells which language the ideographs are."""
    language, *rest = locale.split("-")
    if THAI.search(word):
        return "th"
    if language == "ko" or HANGUL.search(word):
        return None
    ideographs = HAN.search(word) is not None
    if KANAS.search(word) or (language == "ja" and ideographs):
        return "ja"
    if not ideographs:
        return None
    return "zh-hant" if {"TW", "HK", "MO", "Hant"} & set(rest) else "zh"


def cut(text: str, name: str) -> list[tuple[str, float]]:
    """The phrases of a text without spaces, each with a penalty (0..1) against a line that ends
    in it. `name` is one that `parser_name` gives."""
    ends = _ends(text, name)
    edges = [0, *sorted(ends), len(text)]
    return _kinsoku([(text[a:b], ends.get(b, 0.0)) for a, b in itertools.pairwise(edges)])


def _ends(text: str, name: str) -> dict[int, float]:
    """Positions where a phrase ends, with their penalties."""
    whole = {m.start() for m in GRAPHEME.finditer(text)}
    scores = {
        i: score
        for i, score in _scores(text, name).items()
        if i in whole and not LATIN.match(text, i - 1)
    }
    if name == "th":
        return _thai_ends(text, scores)
    pauses = {i for i in scores if text[i - 1] in PAUSES and text[i] not in PAUSES}
    if name == "ja":
        ends = {i for i, score in scores.items() if score > 0 and _ends_bunsetsu(text, i)}
        return dict.fromkeys(pauses | ends, 0.0)
    allowed = _chinese_ends(text, scores)
    clear = pauses | {i for i, score in allowed.items() if score >= CLEAR}
    penalties = {i: 0.0 if i in pauses else _reluctance(text[:i], allowed[i]) for i in clear}
    for start, end in itertools.pairwise([0, *sorted(clear), len(text)]):
        if end - start > LONGEST:
            penalties |= {i: RELUCTANT for i in allowed if start < i < end and allowed[i] > 0}
    return penalties


def _thai_ends(text: str, scores: dict[int, float]) -> dict[int, float]:
    """Positions with a clear score; in a long phrase those with a small one, rather not."""
    allowed = {i: s for i, s in scores.items() if s > 0 and not THAI_TAILS.match(text, i)}
    clear = {i: 0.5 * max(0.0, 1 - s / SURE) for i, s in allowed.items() if s >= CLEAR}
    found = dict(clear)
    for start, end in itertools.pairwise([0, *sorted(clear), len(text)]):
        if end - start > LONGEST_THAI:
            found |= {i: RELUCTANT for i in allowed if start < i < end}
    return found


def _chinese_ends(text: str, scores: dict[int, float]) -> dict[int, float]:
    """Scores of the positions that cut no word and no particle from its word."""
    words, guesses = _inside_words(text)
    allowed = {
        i: score
        for i, score in scores.items()
        if i not in words
        and (i not in guesses or score >= DOUBTFUL)
        and text[i] not in PARTICLES
        and text[i - 1] != text[i]
    }
    for i in range(len(text) - 1, 0, -1):
        if i in allowed and text[i - 1] in LEANING and i - 1 not in words:
            # The word leans on the next one: the phrase ends before it.
            score = allowed.pop(i)
            if i - 1 in scores and i - 1 not in guesses:
                allowed[i - 1] = max(score, scores[i - 1])
    return allowed


def _reluctance(line: str, score: float) -> float:
    """Against a line that ends so: in a number and its measure word, or at a small score."""
    if len(line) > 1 and line[-2] in NUMERALS and line[-1] not in PARTICLES:
        return RELUCTANT
    return 0.5 * max(0.0, 1 - score / SURE)


def _ends_bunsetsu(text: str, i: int) -> bool:
    """Whether a Japanese phrase can end before `i`: not inside a verb or a word in kana."""
    if TAILS.match(text, i):
        return False
    kana = KANA.match(text[i - 1]) and KANA.match(text[i])
    return not kana or text[i - 1] in BUNSETSU_ENDS


def _kinsoku(pieces: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """No piece starts with closing punctuation or a small kana, none ends with an opening mark;
    numerals stay with what they count, and a lone character is no phrase."""
    mended: list[tuple[str, float]] = []
    for i, (piece, penalty) in enumerate(pieces):
        last = mended[-1][0] if mended else ""
        closed = last[-1:] in CLOSING
        final = i == len(pieces) - 1 or piece[-1] in PAUSES
        lone = len(last) == 1 or (final and len(piece.rstrip(MARKS)) == 1)
        if last and (
            piece[0] in CLOSING
            or last[-1] in OPENING
            or (last[-1] in NUMERALS and piece[0] not in OPENING)
            or (lone and not closed)
        ):
            mended[-1] = (last + piece, penalty)
        else:
            mended.append((piece, penalty))
    return mended


def _inside_words(text: str) -> tuple[set[int], set[int]]:
    """Positions inside a word of jieba's dictionary, and inside one that jieba guesses."""
    import rjieba  # loads its dictionary: only for Chinese

    words: set[int] = set()
    guesses: set[int] = set()
    for word in set(rjieba.cut_all(text)):
        for found in re.finditer(f"(?={re.escape(word)})", text):
            words |= set(range(found.start() + 1, found.start() + len(word)))
    start = 0
    for word in rjieba.cut(text, True):
        guesses |= set(range(start + 1, start + len(word)))
        start += len(word)
    return words, guesses


def _scores(text: str, name: str) -> dict[int, float]:
    """budoux's score of every position inside the text: above 0 it would end a phrase there."""
    model, base = _model(name)
    scores = {}
    for i in range(1, len(text)):
        spans = {f: (i + a, i + b) for f, (a, b) in WINDOWS.items()}
        scores[i] = base + sum(
            model[feature].get(text[a:b], 0)
            for feature, (a, b) in spans.items()
            if a >= 0 and b <= len(text)
        )
    return scores


@cache
def _model(name: str) -> tuple[dict[str, dict[str, int]], float]:
    """The model's weights, and the score that a position starts with (half of them, negative)."""
    model = {f: PARSERS[name]().model.get(f, {}) for f in WINDOWS}
    return model, -0.5 * sum(sum(weights.values()) for weights in model.values())
