"""What must hold inside a manifest: references resolve, experiments are sound.

Pure: looks at the manifest alone, at no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from contentfab.records.assets import Asset
from contentfab.records.manifest import Creative, ExperimentRecord, Manifest

_FACTORS = {
    "copy": {"copy"},
    "picture": {"picture"},
    "layout": {"layout"},
    "creative": {"copy", "picture", "layout"},
}


def references(manifest: Manifest) -> Iterator[str]:
    """One sentence per id that is there twice or that nothing answers to."""
    assets = {asset.id: asset for asset in manifest.assets}
    visuals = {file.id for file in manifest.key_visuals}
    products = {product.id for product in manifest.products}
    audiences = {audience.id for audience in manifest.audiences}
    yield from _twice("asset", [asset.id for asset in manifest.assets])
    yield from _twice("path", [asset.path for asset in manifest.assets])
    yield from _twice("creative", [creative.id for creative in manifest.creatives])
    yield from _twice("experiment", [test.key for test in manifest.experiments])
    for asset in manifest.assets:
        if asset.key_visual and asset.key_visual not in visuals:
            yield f"asset {asset.id} names key visual {asset.key_visual}, which is not there"
    for creative in manifest.creatives:
        name = f"creative {creative.id}"
        if creative.product not in products:
            yield f"{name} names product {creative.product}, which is not there"
        if creative.audience not in audiences:
            yield f"{name} names audience {creative.audience}, which is not there"
        yield from _creative_assets(name, creative, assets)


def _creative_assets(name: str, creative: Creative, assets: dict[str, Asset]) -> Iterator[str]:
    wanted = [(creative.assets.text, "copy", "")]
    wanted += [(asset, "image", place) for place, asset in creative.assets.images.items()]
    for asset_id, kind, placement in wanted:
        asset = assets.get(asset_id)
        if asset is None:
            yield f"{name} names {kind} asset {asset_id}, which is not there"
        elif asset.kind != kind:
            yield f"{name} uses {asset.kind} asset {asset_id} as {kind}"
        elif asset.locale != creative.locale:
            yield f"{name} is in {creative.locale}, its asset {asset_id} in {asset.locale}"
        elif placement and asset.placement and asset.placement != placement:
            yield f"{name} uses asset {asset_id} in {placement}; it was made for {asset.placement}"


def experiments(manifest: Manifest) -> Iterator[str]:
    """Weights, controls, and what arms may differ in: the declared factor and nothing else."""
    assets = {asset.id: asset for asset in manifest.assets}
    creatives = {creative.id: creative for creative in manifest.creatives}
    for test in manifest.experiments:
        yield from _experiment(f"experiment {test.key}", test, creatives, assets)


def _experiment(
    name: str, test: ExperimentRecord, creatives: dict[str, Creative], assets: dict[str, Asset]
) -> Iterator[str]:
    total = sum(arm.weight_bp for arm in test.arms)
    if total != 10_000 or any(arm.weight_bp < 0 for arm in test.arms):
        yield f"{name}: the weights sum to {total} basis points, not 10000"
    controls = [arm for arm in test.arms if arm.control]
    if len(controls) != 1:
        yield f"{name} has {len(controls)} controls, not one"
    yield from _twice(f"{name}: arm", [arm.key for arm in test.arms])
    yield from _twice(f"{name}: creative", [arm.creative for arm in test.arms])
    missing = [arm.creative for arm in test.arms if arm.creative not in creatives]
    if missing:
        yield f"{name} names creative {missing[0]}, which is not there"
    elif test.factor not in _FACTORS:
        yield f"{name}: unknown factor {test.factor}; factors are {', '.join(_FACTORS)}"
    elif len(controls) == 1:
        control = creatives[controls[0].creative]
        for arm in test.arms:
            if not arm.control:
                place, other = f"{name}, arm {arm.key}", creatives[arm.creative]
                yield from _arm(place, test.factor, control, other, assets)


def _arm(
    name: str, factor: str, control: Creative, other: Creative, assets: dict[str, Asset]
) -> Iterator[str]:
    for what in ("product", "channel", "audience", "locale"):
        if getattr(control, what) != getattr(other, what):
            yield f"{name}: its {what} is not the control's"
    differs = _differences(control, other, assets)
    for found in sorted(differs - _FACTORS[factor]):
        yield f"{name} differs from the control in {found}; only {factor} may differ"
    if not differs:
        yield f"{name} is the same as the control"


def _differences(one: Creative, other: Creative, assets: dict[str, Asset]) -> set[str]:
    def words(creative: Creative) -> object:
        asset = assets.get(creative.assets.text)
        return asset.fields if asset else None

    def visuals(creative: Creative) -> dict[str, str | None]:
        found = {place: assets.get(name) for place, name in creative.assets.images.items()}
        return {place: asset.key_visual if asset else None for place, asset in found.items()}

    pairs = {
        "copy": (words(one), words(other)),
        "picture": (visuals(one), visuals(other)),
        "layout": (one.layout, other.layout),
    }
    return {factor for factor, (left, right) in pairs.items() if left != right}


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in sorted(Counter(names).items()):
        if count > 1:
            yield f"{what} {name} is there {count} times"
