"""Signs finished files with C2PA, and reads such signatures back; with the project's own keys.

Nothing leaves the machine: no remote manifests, no OCSP, and a time stamp only from an authority
that the user named. Pictures carry their signature inside; text and JSON have it beside them, in a
`.c2pa` sidecar. Knows nothing about what makes an asset; the claim is given.
"""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contentfab.backends import _c2pa_manifest as manifests
from contentfab.backends import _c2pa_reading as readings
from contentfab.errors import InputError, LabelError, MissingDependency
from contentfab.records.labels import LayerReading
from contentfab.rules.labels.certificates import facts_of, issuers_pem, signing_pair
from contentfab.rules.labels.project_keys import INIT, find_keys

if TYPE_CHECKING:
    import c2pa  # type: ignore[import-untyped]

NO_STAMP = "no time stamp: the authority did not answer"
_PATIENCE = 2  # failures in a row, of up to 30 seconds each, before an authority is left alone


class C2paSigner:
    """`tsa` is the URL of a time-stamp authority (RFC 3161); it sees a hash and the time, not the
    picture. `certificate` is the path of an own certificate chain, whose private key is in
    CONTENTFAB_SIGNING_KEY. Without keys it reads, and `can_sign` is false."""

    parallel = True

    def __init__(self, tsa: str = "", certificate: str = "", offline: bool = False) -> None:
        if importlib.util.find_spec("c2pa") is None:
            raise MissingDependency(
                "the package c2pa-python is not installed", hint="pip install c2pa-python"
            )
        if tsa and (offline or not _is_address(tsa)):
            raise InputError(
                "signer.tsa: --offline forbids to ask a time-stamp authority"
                if offline
                else "signer.tsa is no http or https address",
                hint="leave signer.tsa out; signatures are valid without a time stamp, as long as"
                " their certificate is",
            )
        keys = find_keys(certificate=str(certificate))
        self._pair = signing_pair(keys.chain_pem, keys.key_pem) if keys.can_sign else None  # type: ignore[arg-type]
        self._anchors = keys.ca_pem
        if self._anchors:
            facts_of(self._anchors, "a CA file")  # a broken one is told here, by name
        elif self._pair:
            self._anchors = issuers_pem(self._pair.chain_pem)
        self._tsa, self._failures = str(tsa), 0
        self.id = "c2pa/1"
        if self._pair:
            self.id += f"+cert-{self._pair.facts.fingerprint[:16]}" + ("+tsa" if tsa else "")

    @property
    def can_sign(self) -> bool:
        return self._pair is not None

    def sign(self, data: bytes, media_type: str, claim: dict[str, Any]) -> bytes:
        """The picture with its signature inside. LabelError when it cannot be signed."""
        return self._signed(data, media_type, claim, embed=True)

    def sign_sidecar(self, data: bytes, media_type: str, claim: dict[str, Any]) -> bytes:
        """A signature over `data`, any kind of file, to be kept beside it."""
        return self._signed(data, media_type, claim, embed=False)

    def verify(self, data: bytes, media_type: str) -> LayerReading:
        """What the signature inside a picture says: valid (by a CA of ours), untrusted (whole, but
        the signer is not known here), absent, or invalid with the reason. `id` is the asset's."""
        return self._read(data, media_type, None)

    def verify_sidecar(self, data: bytes, sidecar: bytes, media_type: str) -> LayerReading:
        """The same for a file whose signature lies beside it."""
        return self._read(data, media_type, sidecar)

    def _signed(self, data: bytes, media_type: str, claim: dict[str, Any], *, embed: bool) -> bytes:
        if self._pair is None:
            raise LabelError("there are no keys to sign with", hint=INIT)
        import c2pa

        authority = self._tsa if self._failures < _PATIENCE else ""
        if authority:
            try:
                signed = self._built(data, media_type, claim, embed, authority)
            except c2pa.C2paError:
                self._failures += 1  # an offline authority must not stop a release
            else:
                self._failures = 0
                return signed
        try:
            return self._built(data, media_type, claim, embed, "")
        except c2pa.C2paError as error:
            raise LabelError(
                f"C2PA cannot sign this {media_type} file: {_first_line(error)}",
                hint="contentfab keys show tells what the certificate is",
            ) from None

    def _built(
        self, data: bytes, media_type: str, claim: Mapping[str, Any], embed: bool, authority: str
    ) -> bytes:
        import c2pa

        assert self._pair is not None
        info = c2pa.C2paSignerInfo(
            self._pair.algorithm.encode(),
            self._pair.chain_pem,
            self._pair.key_pem,
            authority.encode() or None,
        )
        with (
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(manifests.definition(claim)), self._context()) as builder,
        ):
            if parent := claim.get("parent"):
                builder.add_ingredient(
                    json.dumps(manifests.parent_ingredient()),
                    parent["media_type"],
                    io.BytesIO(parent["data"]),
                )
            if not embed:
                builder.set_no_embed()
            out = io.BytesIO()
            manifest = builder.sign(signer, media_type, io.BytesIO(data), out)
        return out.getvalue() if embed else bytes(manifest)

    def _read(self, data: bytes, media_type: str, sidecar: bytes | None) -> LayerReading:
        import c2pa

        if sidecar is not None and not sidecar:
            return LayerReading("c2pa", "invalid", "the sidecar is empty")
        try:
            with c2pa.Reader(
                media_type, io.BytesIO(data), sidecar, context=self._context()
            ) as reader:
                reading = readings.from_report(reader.json(), reader.get_validation_state())
        except c2pa.C2paError as error:
            return readings.from_error(_first_line(error), data, beside=sidecar is not None)
        except (ValueError, TypeError, AttributeError, RecursionError):
            # Its own reader checks structure; what it lets through may still be of wrong types.
            return LayerReading("c2pa", "invalid", "the C2PA manifest is not of the known form")
        if self._tsa and not reading.values["time_stamp"]:
            return LayerReading(
                reading.layer,
                reading.state,
                reading.detail,
                reading.id,
                {**reading.values, "note": NO_STAMP},
            )
        return reading

    def _context(self) -> c2pa.Context:
        import c2pa

        settings: dict[str, Any] = {
            "version": 1,
            "builder": {
                "thumbnail": {"enabled": False},
                "created_assertion_labels": manifests.VOUCHED,
            },
            "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        }
        if self._anchors:
            settings["trust"] = {"trust_anchors": self._anchors.decode("ascii", "replace")}
        return c2pa.Context.from_dict(settings)


def _is_address(text: object) -> bool:
    try:
        parts = urlsplit(str(text))
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0][:200]
