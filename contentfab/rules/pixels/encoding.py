"""The best encoding of a picture that keeps within a byte limit.

The setting is found by bisection, since sizes fall from the best setting of a media type to its
last. Nothing is quantised to a palette and nothing is dithered: both show in the soft gradients of
a studio wall. Knows nothing about labels and nothing about pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from contentfab.rules.pixels.picture_files import settings_of

SPARE = 64
"""Bytes by which what `finish` adds to two like files may differ."""


def within(
    write: Callable[[str, int], bytes],
    finish: Callable[[bytes, str], bytes],
    media_types: Iterable[str],
    limit: int,
    too_large: dict[str, int],
) -> Iterator[tuple[bytes, str]]:
    """Finished files of at most `limit` bytes (0 means no limit), the best of each media type that
    has one, in the order given. `write(media_type, setting)` encodes, `finish(data, media_type)`
    adds what comes last, such as a signature; `too_large` is filled with the bytes of the smallest
    file of every other media type. InputError on a media type that cannot be written."""
    for media_type in dict.fromkeys(media_types):
        encode, settings = partial(write, media_type), settings_of(media_type)
        data = fitted(encode, settings, limit)
        file = finish(data, media_type)
        if limit and len(data) <= limit < len(file):
            room = limit - (len(file) - len(data)) - SPARE
            file = finish(fitted(encode, settings, max(1, room)), media_type)
        if not limit or len(file) <= limit:
            yield file, media_type
        else:
            too_large[media_type] = len(file)


def fitted(write: Callable[[int], bytes], settings: Sequence[int], limit: int) -> bytes:
    """`write` at the first of `settings` that gives at most `limit` bytes (0 means no limit), in
    about log2(len(settings)) + 2 writes; at the last one when none does, so its size tells."""
    first = write(settings[0])
    if not limit or len(first) <= limit or len(settings) == 1:
        return first
    low, high = 1, len(settings) - 1
    found = write(settings[high])
    if len(found) > limit:
        return found
    while low < high:  # `found` is always what `high` gives, and fits
        middle = (low + high) // 2
        tried = write(settings[middle])
        if len(tried) <= limit:
            found, high = tried, middle
        else:
            low = middle + 1
    return found
