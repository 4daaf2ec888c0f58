"""What kind of text a channel's field wants: a headline, a paragraph, a letter, a message.

Knows field names and limits only, no words.
"""

from __future__ import annotations

from contentfab.records.channel import Channel, FieldRule

# What a field is, when its name says so; others are judged by their length.
_KINDS = {
    "headline": "headline", "title": "headline", "subject": "headline", "cta": "cta",
    "subline": "subline", "preheader": "subline", "long_headline": "subline",
    "description": "paragraph", "primary_text": "paragraph", "text": "paragraph",
    "business_name": "brand", "brand_name": "brand", "path1": "path", "path2": "path",
    "body": "letter",
}  # fmt: skip
_SHORT = 45


def kind_of(rule: FieldRule, channel: Channel) -> str:
    """What kind of text a field wants, by name, else by its place on the poster and its length."""
    if rule.metric == "sms_segments":
        return "message"
    if rule.name == "body" and channel.id.startswith("xiaohongshu"):
        return "note"
    kind = _KINDS.get(rule.name) or rule.poster_role
    if kind == "paragraph" and rule.max <= _SHORT and rule.count_max == 1 and rule.name != "text":
        return "snippet"
    if kind:
        return kind
    if rule.max <= _SHORT:
        return "headline"
    return "paragraph" if rule.max <= 300 else "letter"
