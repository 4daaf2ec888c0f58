"""compose: requests → posters."""

from __future__ import annotations

from collections.abc import Sequence

from contentfab.protocols import Layout
from contentfab.records.work import Poster, PosterRequest


def compose(requests: Sequence[PosterRequest], layout: Layout) -> list[Poster]:
    return layout.render(requests)
