"""Which scene an art direction means: by name, else by its words, else by the seed.

Knows words only. Chinese words are matched as parts of the text, since it has no spaces.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

# Words that people use for a scene beside its name and description.
_ALSO: dict[str, str] = {
    "disc": "podium circle round studio 圆台 展台 圆盘",
    "arch": "arches rainbow architecture 拱门 彩虹",
    "steps": "stairs staircase stairway 台阶 楼梯 阶梯",
    "plinths": "plinth columns pedestals columnar 立柱 高低 柱",
    "niche": "alcove recess shrine 壁龛",
    "rings": "hoop hoops ring circles balance 圆环 环",
    "blocks": "toy playful geometric bauhaus memphis kids 积木 几何",
    "fluted": "ribbed flutes grooves pleats 凹槽 竖纹",
    "window": "sunlight morning daylight kitchen panes home 窗 晨光 阳光",
    "leaf": "leaves palm tropical botanical plant nature garden summer 叶 植物 夏",
    "drape": "fabric curtain cloth textile silk linen 布 帘 丝绸",
    "water": "pool lake sea ripple reflection aqua spa 水",
    "paper": "papercut layered craft cut-out 剪纸 纸",
    "sweep": "backdrop backdrops photo studio paper roll seamless 背景纸",
    "table": "tabletop pebbles stone zen sunrise still life 桌 石",
    "gradient": "mesh aurora blend abstract glow 渐变 极光",
    "waves": "wave flow fluid 波浪",
    "sunburst": "rays burst retro poster radiant 放射 光芒",
    "bokeh": "lights night festive sparkle city 光斑 夜",
    "hills": "landscape mountains valley outdoor 山",
    "confetti": "party celebration birthday sale festival 彩纸 庆祝 派对",
    "arcs": "retro stripes concentric seventies bands 弧 复古",
    "spotlight": "stage dark drama theatre premium luxury 聚光 舞台",
}
_STOP = frozenset(
    re.findall(r"\w+", "a an and at before behind for from in is it its of on or over the to with")
)
_NAME, _SYNONYM, _WORD, _MOOD = 6.0, 3.0, 1.0, 0.25


class SceneWords(NamedTuple):
    """A scene's name and what is to be seen in it."""

    name: str
    words: str


def best_scene(
    asked: str, mood: str, scenes: Sequence[SceneWords], studio: Collection[str], seed: int
) -> str:
    """Name of the scene that fits `asked` best; `mood` breaks ties, then the seed.

    When no word fits, the seed picks among the `studio` scenes.
    """
    exact = re.sub(r"[^a-z0-9]+", "-", asked.lower()).strip("-")
    if any(exact == scene.name for scene in scenes):
        return exact
    scores = {scene.name: _score(asked, scene) for scene in scenes}
    best = max(scores.values())
    if best == 0:
        scores = {name: 0.0 for name in scores if name in studio}
    moods = {s.name: _MOOD * _score(mood, s) for s in scenes if scores.get(s.name) == best}
    top = sorted(name for name, score in moods.items() if score == max(moods.values()))
    return top[seed % len(top)]


def _score(text: str, scene: SceneWords) -> float:
    asked = _tokens(text)
    also = _ALSO.get(scene.name, "")
    synonyms, words = _tokens(also), _tokens(scene.words)
    score = _NAME * bool(asked & _tokens(scene.name))
    score += _SYNONYM * len(asked & synonyms)
    score += _WORD * len((asked & words) - synonyms)
    hanzi = [word for word in also.split() if not word.isascii()]
    return score + _SYNONYM * sum(word in text for word in hanzi)


def _tokens(text: str) -> set[str]:
    """Lower-case words without endings of the plural, so that "shadows" finds "shadow"."""
    found = re.findall(r"[a-z]+", text.lower())
    return {w[:-1] if len(w) > 3 and w.endswith("s") else w for w in found if w not in _STOP}
