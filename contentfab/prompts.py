"""Renders prompt templates, the user's or our own, in a sandbox.

A user's folder (`--templates DIR`, with `DIR/prompts/*.j2`) wins over the shipped one file by
file. Templates see the values they are given and nothing else: reaching for Python internals is
an InputError that names the file and line, at construction where it can be seen in the text.
What a template prints with `tojson` holds no `<`, `>` or line end and nothing invisible, so it can
neither close a fence around it nor carry words that a person does not see. This module knows
nothing about copy, pictures or models.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import regex
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from contentfab.errors import InputError, Problem
from contentfab.resources import data_dir

# Characters without a glyph, with which text can be hidden from people and shown to models: tag
# characters, variation selectors that pick no glyph, blanks of no width, direction overrides.
_HIDDEN = regex.compile(
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    r"\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners and variation selectors have their place in Persian, Indic scripts and emoji: one at a
# time, after a character that is not ASCII. A row of them is a code.
_STRAY = regex.compile(r"(?:(?<=[\x00-\x7f])|^)[\u200c-\u200f\ufe00-\ufe0f]+|[\u200c\u200d]+$")
_ROW = regex.compile(r"([\u200c-\u200f\ufe00-\ufe0f])[\u200c\u200e\u200f\ufe00-\ufe0e]+")


class Prompts:
    """The templates that one backend uses, checked when constructed.

    `digest` is the sha256 (hex) over names and texts of these templates and of what they include:
    it belongs into a backend's id, since other words are another result.
    """

    def __init__(self, names: Iterable[str], override: str | Path | None = None) -> None:
        folders = [data_dir("templates") / "prompts"]
        if override is not None:
            if not Path(override).is_dir():
                raise InputError(
                    f"{override}: no such templates folder",
                    hint="Give a folder that holds prompts/*.j2, or leave the setting out.",
                )
            folders.insert(0, Path(override) / "prompts")
        self._env = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._env.policies["json.dumps_function"] = _dumps
        self.digest = self._check(sorted(names))

    def render(self, name: str, **values: Any) -> str:
        """The text of template `name`. Raises InputError when the template is at fault."""
        try:
            return self._env.get_template(name).render(**values).strip()
        except SecurityError as error:
            raise self._fault(name, error, "reaches for Python internals") from None
        except TemplateError as error:
            raise self._fault(name, error, error.message or "does not render") from None
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise self._fault(name, error, f"does not render: {error}") from None

    def _check(self, names: list[str]) -> str:
        digest = hashlib.sha256()
        seen: set[str] = set()
        while names:
            name = names.pop(0)
            if name in seen:
                continue
            seen.add(name)
            try:
                source = self._source(name)
                tree = self._env.parse(source, name)
            except TemplateNotFound:
                raise _problem(name, 1, "no such template", "template.missing") from None
            except TemplateSyntaxError as error:
                where = self._file(error.name or name)
                raise _problem(where, error.lineno, str(error.message)) from None
            for attribute in tree.find_all(nodes.Getattr):
                if attribute.attr.startswith("_"):
                    message = f"reaches for Python internals ({attribute.attr})"
                    raise _problem(self._file(name), attribute.lineno, message, "template.unsafe")
            digest.update(f"{name}\0{source}\0".encode())
            names.extend(sorted(_included(tree)))
        return digest.hexdigest()

    def _source(self, name: str) -> str:
        assert self._env.loader is not None
        return self._env.loader.get_source(self._env, name)[0]

    def _file(self, name: str) -> str:
        assert self._env.loader is not None
        try:
            return str(self._env.loader.get_source(self._env, name)[1])
        except TemplateNotFound:
            return name

    def _fault(self, name: str, error: Exception, message: str) -> InputError:
        """Finds the innermost template line in the traceback that jinja rewrote for us."""
        where, line = self._file(name), getattr(error, "lineno", 0) or 0
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.endswith(".j2"):
                where, line = frame.filename, frame.lineno or line
        rule = "template.unsafe" if isinstance(error, SecurityError) else "template.invalid"
        return _problem(where, line, message, rule)


def without_hidden(text: str) -> str:
    """`text` as a person sees it: nothing invisible is left in it but what shapes its letters."""
    if text.isascii():
        return text
    return _ROW.sub(r"\1", _STRAY.sub("", _HIDDEN.sub("", text)))


def _dumps(value: Any, **options: Any) -> str:
    return json.dumps(_seen(value), **{"sort_keys": True, "ensure_ascii": False, **options})


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return without_hidden(value)
    if isinstance(value, Mapping):
        return {_seen(key): _seen(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_seen(item) for item in value]
    return value


def _included(tree: nodes.Template) -> set[str]:
    found = tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends))
    names = (getattr(node, "template", None) for node in found)
    return {n.value for n in names if isinstance(n, nodes.Const) and isinstance(n.value, str)}


def _problem(file: str, line: int, message: str, rule: str = "template.invalid") -> InputError:
    hint = "templates see only the values they are given; see docs for their names"
    return InputError(problems=[Problem(file, line, "", message, hint, rule)])
