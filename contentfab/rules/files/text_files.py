"""Turns the bytes of a text file into text, whatever spreadsheet or editor wrote them.

Detection, in this order: a byte-order mark (UTF-8, UTF-16) decides; then strict UTF-8; then
GB18030 (which contains GBK and GB2312), but only when the outcome is plausible Chinese: at least
70 % of its non-ASCII characters are GB2312 level-1 hanzi or Chinese punctuation (lead byte A1–D7).
Western 8-bit text fails that test, since its accented letters pair up to rare hanzi or to nothing.
Anything else is refused with the fix, never guessed. Knows nothing about YAML or CSV.
"""

from __future__ import annotations

import codecs
import re

from contentfab.rules.files.safe_files import FileFault

PLAUSIBLE = 0.7
SAVE_AS = "save it as UTF-8 (in Excel: 'CSV UTF-8')"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def decode_text(data: bytes) -> str:
    """The text of a file, without byte-order mark, line ends as they are.

    Raises FileFault, with the line where known, when the encoding is none of ours or the text has
    control characters."""
    text = _decode(data)
    bad = _CONTROL.search(text)
    if bad:
        line = line_at(text, bad.start())
        code = f"U+{ord(bad.group()):04X}"
        raise FileFault("file.control-character", f"control character {code}", SAVE_AS, line)
    return text


def control_character(text: str) -> str:
    """Name of the first character of `text` that no text field may hold, or ""."""
    bad = _CONTROL.search(text)
    return f"U+{ord(bad.group()):04X}" if bad else ""


def without_controls(text: str) -> str:
    """`text` with a replacement mark for each such character, so that it can be printed."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def line_at(text: str, offset: int) -> int:
    """Line of a character, counted from 1; CR, LF and CRLF each end a line."""
    return len(re.findall(r"\r\n|\r|\n", text[:offset])) + 1


def _decode(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return _strict(data[3:], "utf-8", "UTF-8 (by its byte-order mark)")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16", "UTF-16 (by its byte-order mark)")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _plausible_chinese(text):
        return text
    message = "the text is not UTF-8, UTF-16 with a byte-order mark, or GBK/GB18030"
    raise FileFault("file.encoding", message, SAVE_AS, line)


def _strict(data: bytes, encoding: str, shown: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFault("file.encoding", f"the text is broken {shown}", SAVE_AS, line) from error


def _plausible_chinese(text: str) -> bool:
    foreign = [c for c in text if c >= "\x80"]
    common = sum(_is_common(c) for c in foreign)
    return common >= PLAUSIBLE * len(foreign)


def _is_common(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False
