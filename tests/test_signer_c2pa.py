"""C2PA signatures, read back by c2pa's own reader: whole, changed, expired, foreign, hostile."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
from PIL import Image

from contentfab.backends._c2pa_manifest import definition
from contentfab.backends.signer_c2pa import C2paSigner
from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.errors import InputError, LabelError
from contentfab.records.labels import Origin
from contentfab.rules.labels import xmp
from contentfab.rules.labels.certificates import new_pair
from contentfab.rules.labels.layers import disagreements, read_layers
from contentfab.rules.labels.signed_claim import model_names, picture_claim, poster_provenance
from contentfab.rules.pixels.picture_files import decode
from contentfab.stages.label import label

# `expired-signer.png` was signed by C2paSigner with a certificate that had three seconds to live
# (`new_pair` with a `now` of ten years ago), since c2pa refuses to sign with one that is dead.
DATA = Path(__file__).parent / "data"
ASSET = "0123456789abcdef" * 2
FORMS = ("image/png", "image/jpeg", "image/webp", "image/avif")
PROMPT = "a secret prompt about beeswax"
CLAIM: dict[str, Any] = {
    "asset_id": ASSET,
    "digital_source_type": "compositeSynthetic",
    "engine": "sd-turbo",
    "engine_version": "r1",
    "created": "2026-11-21T12:00:00Z",
    "edits": "typesetting",
    "models": ("sd-turbo", "qwen3"),
    "watermark": "1a2b3c4d5e6f7a8b",
    "watermark_alg": "io.github.contentfab.spread.1",
}


def encoded(form: str, side: int = 64) -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8))
    image.save(out, form.removeprefix("image/").upper())
    return out.getvalue()


@pytest.fixture
def signer(project_keys: Path) -> C2paSigner:
    return C2paSigner()


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> C2paSigner:
    """A reader without any keys."""
    monkeypatch.setenv("CONTENTFAB_KEYS", str(tmp_path))
    return C2paSigner()


@pytest.mark.parametrize("form", FORMS)
def test_signed_and_read_back(form: str, signer: C2paSigner) -> None:
    source = encoded(form)
    data = signer.sign(source, form, CLAIM)
    assert np.array_equal(decode(data)[0], decode(source)[0])
    reading = signer.verify(data, form)
    assert (reading.state, reading.id) == ("valid", ASSET)
    assert "Hearth & Reed" in reading.detail
    assert reading.values["soft_binding"] == CLAIM["watermark"]
    assert reading.values["digital_source_type"] == xmp.SOURCE_TYPE_BASE + "compositeSynthetic"
    assert reading.values["actions"] == ["c2pa.created", "c2pa.edited", "c2pa.watermarked.bound"]
    assert reading.values["models"] == ["sd-turbo", "qwen3"]
    assert reading.values["time_stamp"] is None
    assert signer.verify(source, form).state == "absent"
    assert len(data) - len(source) < 6000  # no thumbnail


def test_the_readers_own_view(signer: C2paSigner) -> None:
    """What any C2PA reader sees, read with c2pa directly."""
    import c2pa

    data = signer.sign(encoded("image/png"), "image/png", CLAIM)
    with c2pa.Reader("image/png", io.BytesIO(data)) as reader:
        report = json.loads(reader.json())
        assert reader.get_validation_state() == "Valid"
    assert [s["code"] for s in report["validation_status"]] == ["signingCredential.untrusted"]
    manifest = report["manifests"][report["active_manifest"]]
    generator = manifest["claim_generator_info"][0]
    assert generator["name"] == "contentfab"
    labels = [(a["label"], a.get("created")) for a in manifest["assertions"]]
    assert labels == [
        ("c2pa.actions.v2", True),
        ("c2pa.soft-binding", True),
        ("c2pa.ai-disclosure", True),
        ("c2pa.ai-disclosure", True),
    ]
    created = manifest["assertions"][0]["data"]["actions"][0]
    assert created["softwareAgent"] == {"name": "sd-turbo", "version": "r1"}
    assert created["when"] == "2026-11-21T12:00:00Z"


def test_nothing_is_disclosed_of_models_that_were_not_used(signer: C2paSigner) -> None:
    plain = {**CLAIM, "models": (), "digital_source_type": "algorithmicMedia", "watermark": ""}
    reading = signer.verify(signer.sign(encoded("image/png"), "image/png", plain), "image/png")
    assert reading.values["models"] == []
    assert reading.values["soft_binding"] == ""
    assert reading.values["actions"] == ["c2pa.created", "c2pa.edited"]


def test_an_unknown_signer_is_not_a_broken_file(signer: C2paSigner, stranger: C2paSigner) -> None:
    data = signer.sign(encoded("image/png"), "image/png", CLAIM)
    reading = stranger.verify(data, "image/png")
    assert (reading.state, reading.id) == ("untrusted", ASSET)
    assert reading.detail.startswith("valid; signer not on a public trust list")
    assert not stranger.can_sign
    with pytest.raises(LabelError) as caught:
        stranger.sign(data, "image/png", CLAIM)
    assert "keys init" in caught.value.hint


def test_whoever_has_the_ca_trusts_the_signer(
    signer: C2paSigner, project_keys: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = signer.sign(encoded("image/png"), "image/png", CLAIM)
    monkeypatch.setenv("CONTENTFAB_KEYS", str(tmp_path))
    monkeypatch.setenv("CONTENTFAB_SIGNING_CA", str(project_keys / "ca.pem"))
    assert C2paSigner().verify(data, "image/png").state == "valid"
    monkeypatch.setenv("CONTENTFAB_SIGNING_CA", new_pair("Other")[2].decode())
    assert C2paSigner().verify(data, "image/png").state == "untrusted"


def test_a_pair_from_the_environment_trusts_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chain, key, authority = new_pair("CI")
    monkeypatch.setenv("CONTENTFAB_SIGNING_KEY", key.decode())
    (tmp_path / "chain.pem").write_bytes(chain)
    own = C2paSigner(certificate=str(tmp_path / "chain.pem"))
    data = own.sign(encoded("image/png"), "image/png", CLAIM)
    assert own.verify(data, "image/png").state == "valid"
    assert "CI" in own.verify(data, "image/png").detail
    (tmp_path / "chain.pem").write_bytes(chain.removesuffix(authority))
    alone = C2paSigner(certificate=str(tmp_path / "chain.pem"))
    assert alone.id == own.id
    signed = alone.sign(encoded("image/png"), "image/png", CLAIM)
    assert alone.verify(signed, "image/png").state == "untrusted"  # nobody knows its CA


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


CHANGED = "changed after it was signed"
CHANGES = {
    "a pixel": (lambda d: flipped(d, len(d) * 3 // 4), CHANGED),
    "the XMP packet": (lambda d: d.replace(b"CreatorTool>contentfab", b"CreatorTool>Contentfab"),
                       CHANGED),
    "the source type": (lambda d: d.replace(b"trainedAlgorithmicMedia", b"trainedAlgorithmicMedja"),
                        CHANGED),
    "the manifest": (lambda d: flipped(d, d.find(b"softwareAgent")), "signed manifest was changed"),
    "bytes after it": (lambda d: d + b"x" * 10, CHANGED),
    "its end": (lambda d: d[:-500], CHANGED),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_byte_is_told_from_an_unknown_signer(
    what: str, signer: C2paSigner, stranger: C2paSigner
) -> None:
    (file,) = label([pictures.request(media_type="image/jpeg")], SpreadWatermark(), signer)
    change, words = CHANGES[what]
    changed = change(file.data)
    assert changed != file.data
    for reader in (signer, stranger):
        assert reader.verify(file.data, "image/jpeg").state in ("valid", "untrusted")
        reading = reader.verify(changed, "image/jpeg")
        assert (reading.state, words in reading.detail) == ("invalid", True), reading.detail


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_cut_off(form: str, signer: C2paSigner) -> None:
    data = signer.sign(encoded(form), form, CLAIM)
    for length in (0, 1, 12, 100, len(data) // 4, len(data) // 2, len(data) - 1):
        assert signer.verify(data[:length], form).state in ("absent", "invalid")


def test_an_expired_certificate_is_told_from_a_changed_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONTENTFAB_SIGNING_CA", str(DATA / "expired-signer-ca.pem"))
    data = (DATA / "expired-signer.png").read_bytes()
    reading = C2paSigner().verify(data, "image/png")
    assert reading.state == "invalid"
    assert "expired" in reading.detail
    assert "unchanged" in reading.detail
    changed = C2paSigner().verify(flipped(data, len(data) - 20), "image/png")
    assert CHANGED in changed.detail


def test_hostile_bytes_never_raise(signer: C2paSigner) -> None:
    random = np.random.default_rng(5)
    for form in FORMS:
        data = signer.sign(encoded(form, 32), form, CLAIM)
        for _ in range(75):
            mutated = bytearray(data)
            for place in random.integers(0, len(data), random.integers(1, 20)):
                mutated[place] = random.integers(0, 256)
            state = signer.verify(bytes(mutated), form).state
            assert state in ("valid", "absent", "invalid", "untrusted")
        other = FORMS[(FORMS.index(form) + 1) % len(FORMS)]
        assert signer.verify(data, other).state in ("valid", "absent", "invalid")


def test_a_manifest_on_the_network_is_not_fetched(signer: C2paSigner) -> None:
    import c2pa

    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    chain, key, _ = new_pair("Far")
    actions = [{"action": "c2pa.created", "digitalSourceType": xmp.SOURCE_TYPE_BASE + "print"}]
    definition = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]}
    out = io.BytesIO()
    with (
        c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, key, None)) as far,
        c2pa.Builder(json.dumps(definition)) as builder,
    ):
        builder.set_no_embed()
        builder.set_remote_url(f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa")
        builder.sign(far, "image/png", io.BytesIO(encoded("image/png")), out)
    reading = signer.verify(out.getvalue(), "image/png")
    assert (reading.state, "network" in reading.detail) == ("absent", True)
    with pytest.raises(BlockingIOError):  # nobody knocked
        server.accept()
    server.close()


def test_sidecars(signer: C2paSigner, stranger: C2paSigner) -> None:
    text = '{"headline": "早安"}'.encode()
    for kind in ("application/json", "text/plain", "text/markdown", "text/csv"):
        sidecar = signer.sign_sidecar(text, kind, {**CLAIM, "watermark": "", "edits": ""})
        assert signer.verify_sidecar(text, sidecar, kind).state == "valid"
        assert stranger.verify_sidecar(text, sidecar, kind).state == "untrusted"
        assert CHANGED in signer.verify_sidecar(text + b" ", sidecar, kind).detail
        for broken in (b"", b"junk", sidecar[:1000], flipped(sidecar, len(sidecar) // 2)):
            assert signer.verify_sidecar(text, broken, kind).state == "invalid"


def test_time_stamps_are_opt_in_and_fall_back(project_keys: Path) -> None:
    asking = C2paSigner(tsa="http://127.0.0.1:9/tsa")
    reading = asking.verify(asking.sign(encoded("image/png"), "image/png", CLAIM), "image/png")
    assert reading.state == "valid"
    assert "no time stamp" in reading.values["note"]
    assert asking.id.endswith("+tsa")
    assert "note" not in C2paSigner().verify(encoded("image/png"), "image/png").values
    with pytest.raises(InputError, match="offline"):
        C2paSigner(tsa="http://127.0.0.1:9/tsa", offline=True)
    for wrong in ("ftp://tsa.example", "tsa.example", "http://"):
        with pytest.raises(InputError, match="no http"):
            C2paSigner(tsa=wrong)


def test_all_layers_of_a_poster_name_one_asset(signer: C2paSigner) -> None:
    mark = SpreadWatermark(key="project key")
    (file,) = label([pictures.request()], mark, signer)
    read = {layer.layer: layer for layer in read_layers(file.data, mark, signer)}
    assert read["c2pa"].state == read["watermark"].state == read["metadata"].state == "valid"
    assert read["c2pa"].values["soft_binding"] == read["watermark"].id
    assert read["c2pa"].id == read["metadata"].id == ASSET
    assert "c2pa" in read["metadata"].values["label_layers"]
    assert disagreements(tuple(read.values()), ASSET) == []
    (other,) = label([pictures.request(asset_id="f" * 32)], mark, signer)
    strange = signer.verify(other.data, "image/png")
    faults = disagreements((read["metadata"], read["watermark"], strange), ASSET)
    assert len(faults) == 2
    assert "bound to the mark" in faults[1]


def test_without_keys_the_layer_is_absent_and_says_how_to_add_it(stranger: C2paSigner) -> None:
    (file,) = label([pictures.request()], SpreadWatermark(), stranger)
    (layer,) = (layer for layer in file.layers if layer.layer == "c2pa")
    assert layer.state == "absent"
    assert "contentfab keys init" in layer.detail
    assert "c2pa" not in xmp.read(file.data).values["label_layers"]


class BrokenSigner(C2paSigner):
    """Signs, and then loses a byte."""

    def sign(self, data: bytes, media_type: str, claim: dict[str, Any]) -> bytes:
        return super().sign(data, media_type, claim) + b"\0"


def test_a_signature_that_does_not_read_back_stops_the_file(project_keys: Path) -> None:
    with pytest.raises(LabelError, match="c2pa does not read back"):
        label([pictures.request()], SpreadWatermark(), BrokenSigner())


def test_the_history_of_a_signed_picture_is_kept(signer: C2paSigner, stranger: C2paSigner) -> None:
    before = signer.sign(encoded("image/jpeg"), "image/jpeg", {**CLAIM, "asset_id": "e" * 32})
    request = pictures.request(origin=Origin(signed=before))
    (file,) = label([request], SpreadWatermark(), signer)
    reading = signer.verify(file.data, "image/png")
    assert (reading.state, reading.values["parents"]) == ("valid", 1)
    assert reading.values["actions"][0] == "c2pa.opened"
    assert reading.values["digital_source_type"].endswith("trainedAlgorithmicMedia")
    with pytest.raises(LabelError, match="would be lost"):
        label([request], SpreadWatermark(), stranger)


def test_no_prompt_and_no_path_is_signed() -> None:
    made = replace(pictures.MODEL, prompt=PROMPT, model="/home/me/models/sd-turbo")
    writer = "openai//home/me/models/qwen3@0123456789ab"
    names = model_names(made, writer)
    assert names == ("sd-turbo", "qwen3")
    assert model_names(pictures.MODEL, "openai/Qwen/Qwen3-8B@1f2e") == (
        "tiny-model",
        "Qwen/Qwen3-8B",
    )
    request = pictures.request(provenance=made, models=names)
    text = json.dumps(definition(picture_claim(request, SpreadWatermark(key="a secret"))))
    assert "sd-turbo" in text
    for secret in (PROMPT, "/home/me", "a secret"):
        assert secret not in text


SOURCES = [
    ("trainedAlgorithmicMedia", True, "compositeSynthetic"),
    ("trainedAlgorithmicMedia", False, "trainedAlgorithmicMedia"),
    ("compositeWithTrainedAlgorithmicMedia", True, "compositeWithTrainedAlgorithmicMedia"),
    ("algorithmicMedia", True, "algorithmicMedia"),
]


@pytest.mark.parametrize(("made", "photo", "source"), SOURCES)
def test_the_source_type_of_a_poster(made: str, photo: bool, source: str) -> None:
    before = replace(pictures.MODEL, digital_source_type=made)
    assert poster_provenance(before, photo=photo).digital_source_type == source


def test_it_works_without_any_network_interface(project_keys: Path, tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"]).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    script = (
        "import io; from PIL import Image; from contentfab.backends.signer_c2pa import C2paSigner\n"
        "out = io.BytesIO(); Image.new('RGB', (40, 40)).save(out, 'PNG'); s = C2paSigner()\n"
        "claim = dict(asset_id='a' * 32, digital_source_type='print', engine='x',"
        " engine_version='')\n"
        "print(s.verify(s.sign(out.getvalue(), 'image/png', claim), 'image/png').state)"
    )
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", script],
        cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "valid\n", done.stderr
