"""Words that praise a picture and say nothing of what it shows, taken out before copy is matched.

Captions on the web call good pictures so, and prompts repeat it; a model has learnt that such words
go with polish, so that copy full of them would match any polished picture. English, as the text
towers are. Knows no model.
"""

from __future__ import annotations

import re

PRAISE = (
    r"masterpieces?",
    r"(?:multi[- ]?)?award[- ]?winning",
    r"(?:best|top|highest|high|superior|premium|perfect|great|good)[- ]quality",
    r"(?:highly|ultra|super|very|extremely|hyper)?[- ]?detailed",
    r"(?:ultra[- ]?|hyper[- ]?)?(?:photo)?realistic",
    r"(?:4|8|16)[- ]?k(?: (?:resolution|uhd|hdr))?",
    r"(?:u|f)?hd|hdr|uhd",
    r"(?:high|ultra)[- ](?:resolution|definition)",
    r"trending on \w+",
    r"(?:unreal engine|octane render|artstation)(?: \d+)?",
    r"(?:sharp|perfect) focus",
    r"professional(?:ly)?(?: (?:photograph(?:y|ed)?|photo|lit|shot|made))?",
    r"(?:ten|10)(?: out of |/)(?:ten|10)",
    r"beautiful(?:ly)?|stunning(?:ly)?|gorgeous(?:ly)?|breathtaking(?:ly)?|exquisite(?:ly)?",
    r"aesthetic(?:ally)?|amazing(?:ly)?|attractive(?:ly)?|flawless(?:ly)?",
    r"world[- ]class|critically acclaimed|top[- ]rated|five[- ]star|highly rated",
)
_PRAISE = re.compile(rf"(?<!\w)(?:{'|'.join(PRAISE)})(?!\w)", re.IGNORECASE)
_LEFT_OVER = re.compile(r"(?:\s*[,;:|]\s*)+(?=[,;:|.!?]|$)|^[\s,;:|.!?]+")


def without_flattery(text: str) -> str:
    """The text without praise of pictures; may be empty."""
    plain = " ".join(_PRAISE.sub(" ", text).split())
    plain = re.sub(r"\s+([,;:.!?|])", r"\1", plain)
    plain = re.sub(r"\b(an?|the),+ ", r"\1 ", plain, flags=re.IGNORECASE)
    return _LEFT_OVER.sub("", plain).strip()
