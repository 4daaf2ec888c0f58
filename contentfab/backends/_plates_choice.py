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
    "blinds": "jalousie venetian slats stripes afternoon 百叶窗",
    "branch": "twig twigs olive foliage spring shadow 枝 树影",
    "corner": "room door interior home 墙角 房间",
    "keyhole": "opening pill cut-out capsule 洞 孔",
    "corrugated": "wavy wall waves relief 波纹",
    "diamond": "square squares rhombus 菱形",
    "frames": "picture frame gallery museum art 画框 画廊",
    "screen": "folding partition panels 屏风",
    "grid": "tiles tile relief modern mosaic 方格",
    "slabs": "stone slab granite marble rock 石板",
    "cubes": "cube dice boxes 方块",
    "pipes": "tubes organ columns rhythm 管",
    "balls": "spheres bubbles cloud cheerful 球 气泡",
    "tunnel": "corridor depth perspective 隧道 廊",
    "fan": "pleated folded paper festive 扇 折扇",
    "ramp": "wedge slope slide movement 坡",
    "moon": "planet sphere sunrise horizon 月",
    "terrace": "amphitheatre theatre stage tiers 剧场 看台",
    "petals": "flower floral blossom rose 花 花瓣",
    "shelf": "board bathroom vanity 架 搁板",
    "dunes": "sand desert beach 沙 沙漠",
    "cushion": "satin silk fabric cloth soft bed 缎 布",
    "zen": "gravel pebbles japanese spa garden 禅 砾石",
    "totem": "tower stack memphis toys 图腾",
    "steel": "metal brushed chrome aluminium technical 金属 钢",
    "glass": "glazed bricks shiny ice 玻璃",
    "mirror": "looking-glass vanity dressing 镜",
    "lagoon": "pool steps resort holiday 泳池 水池",
    "gradient": "mesh aurora blend abstract glow 渐变 极光",
    "waves": "wave flow fluid 波浪",
    "sunburst": "rays burst retro poster radiant 放射 光芒",
    "bokeh": "lights night festive sparkle city 光斑 夜",
    "hills": "landscape mountains valley outdoor 山",
    "confetti": "party celebration birthday sale festival 彩纸 庆祝 派对",
    "arcs": "retro stripes concentric seventies bands 弧 复古",
    "spotlight": "stage dark drama theatre premium luxury 聚光 舞台",
}
_FRONTAL = frozenset(("front", "frontal", "even", "overhead", "noon", "softbox", "diffuse"))
_STOP = frozenset(
    re.findall(r"\w+", "a an and at before behind for from in is it its of on or over the to with")
)
_NAME, _SYNONYM, _WORD, _MOOD = 6.0, 3.0, 1.0, 0.25


class SceneWords(NamedTuple):
    """A scene's name and what is to be seen in it."""

    name: str
    words: str


def best_scene(
    asked: str,
    mood: str,
    scenes: Sequence[SceneWords],
    studio: Collection[str],
    seed: int,
    fitting: Collection[str] = (),
) -> str:
    """Name of the scene that fits `asked` best; `mood` breaks ties, then the seed, among those
    that are `fitting` for the product if there are any.

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
    top = [name for name in top if name in fitting] or top
    return top[seed % len(top)]


def light_for(words: str, wanted: str, seed: int) -> tuple[str, bool]:
    """Which light of a plate, and whether mirrored: by the side that the product is lit from
    (`left`, `right`), else by the art direction's words, else by the seed. Without a product
    (`wanted` empty) and without words, from the left."""
    said = set(_tokens(words))
    if wanted not in ("left", "right"):
        if "right" in said:
            wanted = "right"
        elif "left" in said:
            wanted = "left"
        elif said & _FRONTAL:
            wanted = "front"
        elif wanted == "front":
            wanted = ("left", "right", "front")[seed // 7 % 3]
    if wanted == "front":
        return "front", bool(seed & 1)
    return "side", wanted == "right"


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
