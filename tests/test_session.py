"""How a run goes on when backends fail: isolated, recorded, retried; nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from campaigns import make_campaign

from contentfab import pipeline, registry
from contentfab.backends.copywriter_offline import OfflineCopywriter
from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.errors import BackendUnavailable, BadOutput, JobsFailed
from contentfab.flow import calls, views
from contentfab.records.copy import CopyReply, CopyRequest, Usage
from contentfab.records.pictures import KeyVisual, PictureRequest

SMALL = {"channels": ["wechat.moments"], "placements": {"wechat.moments": ["4x5"]}}


class Quiet:
    """A reporter that remembers what it was told."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []
        self.warnings: list[str] = []

    def started(self, to_do: Any, cached: Any) -> None: ...

    def done(self, stage: str, job: str) -> None: ...

    def failed(self, stage: str, job: str, reason: str) -> None:
        self.failures.append((stage, reason))

    def warned(self, text: str) -> None:
        self.warnings.append(text)


class MoodyGenerator(PlatesImageGenerator):
    """Plates that fail while `broken` is true, in batches of up to four."""

    broken = True
    parallel = False
    batch_size = 4
    batches: ClassVar[list[int]] = []

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        self.batches.append(len(requests))
        if self.broken:
            raise BadOutput("the safety checker said no")
        return super().generate(requests)


class MoodyWriter(OfflineCopywriter):
    """An offline writer in front of a server that may be down, or cost money."""

    down = False
    price = 0.0
    asked: ClassVar[list[str]] = []

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        for reply in super().write(requests):
            if self.down and len(self.asked) >= 2:
                raise BackendUnavailable("no answer from the server", hint="start it")
            self.asked.append(reply.key)
            yield CopyReply(reply.key, reply.drafts, Usage(1, cost_usd=self.price), reply.error)


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(registry.BUILTINS["images"], "moody", "test_session:MoodyGenerator")
    monkeypatch.setitem(registry.BUILTINS["copywriters"], "moody", "test_session:MoodyWriter")
    monkeypatch.setattr(MoodyGenerator, "broken", False)
    monkeypatch.setattr(MoodyGenerator, "batches", [])
    monkeypatch.setattr(MoodyWriter, "asked", [])
    calls._backends.clear()
    yield
    calls._backends.clear()


def run(folder: Path, *sets: str, **options: Any) -> tuple[pipeline.RunReport, Quiet]:
    line = pipeline.open_line(
        folder / "campaign.yaml",
        out=folder / "run",
        sets=["executor.workers=0", *sets],
    )
    reporter = Quiet()
    return pipeline.run(line, reporter, pipeline.RunOptions(**options)), reporter


def test_a_failed_picture_fails_its_posters_and_is_tried_again(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path, **SMALL)
    monkeypatch.setattr(MoodyGenerator, "broken", True)
    report, reporter = run(tmp_path, "image.backend=moody")
    assert report.exit_code == 7
    assert report.manifest is not None and len(report.manifest["rejects"]) > 8
    assert any("safety checker" in reason for _, reason in reporter.failures)
    status = views.status(tmp_path / "run")
    assert {f["stage"] for f in status["failed"]} == {"picture", "poster"}

    monkeypatch.setattr(MoodyGenerator, "broken", False)
    report, reporter = run(tmp_path, "image.backend=moody")
    assert report.exit_code == 0 and reporter.failures == []
    assert report.manifest is not None and report.manifest["rejects"] == []
    assert "copy" not in report.tally.done  # the copy was there already


def test_a_bug_in_a_backend_is_a_failed_job_that_says_where(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path, **SMALL)

    def broken(self: PlatesImageGenerator, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        raise KeyError(f"{tmp_path}/secret")

    monkeypatch.setattr(PlatesImageGenerator, "generate", broken)
    report, reporter = run(tmp_path)
    assert report.exit_code == 7
    assert ("picture", "internal error: KeyError in test_session.py:") in [
        (stage, reason.rstrip("0123456789")) for stage, reason in reporter.failures
    ]
    assert str(tmp_path) not in (tmp_path / "run" / "manifest.json").read_text(encoding="utf-8")


def test_exclusive_backends_get_batches(moody: None, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, experiment={"factor": "picture"}, variants=4)
    run(tmp_path, "image.backend=moody")
    assert max(MoodyGenerator.batches) > 1
    assert max(MoodyGenerator.batches) <= 4


def test_max_failures_stops_the_run(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path, **SMALL)
    monkeypatch.setattr(MoodyGenerator, "broken", True)
    with pytest.raises(JobsFailed, match="--max-failures 1"):
        run(tmp_path, "image.backend=moody", max_failures=1)
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_a_server_that_goes_down_stops_the_run_and_keeps_what_is_done(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path, **SMALL)
    monkeypatch.setattr(MoodyWriter, "down", True)
    with pytest.raises(BackendUnavailable, match="no answer"):
        run(tmp_path, "copy.backend=moody")
    done = views.status(tmp_path / "run")["done"]
    assert done["copy"] == 4  # two cells of two variants were answered

    monkeypatch.setattr(MoodyWriter, "down", False)
    monkeypatch.setattr(MoodyWriter, "asked", [])
    report, _ = run(tmp_path, "copy.backend=moody")
    assert report.exit_code == 0
    assert len(MoodyWriter.asked) == 2


def test_the_budget_is_not_passed(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MoodyWriter, "price", 0.01)
    products = [
        {
            "id": f"soap-{i}",
            "name": f"Soap {i}",
            "selling_points": ["Cold-pressed olive oil", "Cut by hand", "Wrapped in paper"],
        }
        for i in range(20)
    ]
    make_campaign(tmp_path, channels=["sms"], locales=["en-US"], products=products, landing_url=...)
    report, _ = run(tmp_path, "copy.backend=moody", budget=0.1)
    assert report.exit_code == 7
    assert report.tally.cost_usd <= 0.1 + 1e-9
    assert report.tally.done["copy"] >= 8
    rejects = report.manifest["rejects"] if report.manifest else []
    assert all("budget of 0.1 USD" in r["reason"] and r["retryable"] for r in rejects)


def test_copy_that_breaks_the_contract_is_kept_with_its_reason(
    moody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path, **SMALL)
    original = OfflineCopywriter.write

    def shouting(self: OfflineCopywriter, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        for reply in original(self, requests):
            drafts = tuple(
                type(d)(d.variant, d.angle, {**d.fields, "headline": "Proven 97 times better"})
                for d in reply.drafts
            )
            yield CopyReply(reply.key, drafts)

    monkeypatch.setattr(OfflineCopywriter, "write", shouting)
    report, _ = run(tmp_path)
    assert report.exit_code == 7 and report.manifest is not None
    rejects = [r for r in report.manifest["rejects"] if r["stage"] == "copywriting"]
    assert len(rejects) == 8
    kept = json.loads((tmp_path / "run" / rejects[0]["path"]).read_text(encoding="utf-8"))
    assert len(kept["attempts"]) == 3  # one try and two repairs
    assert kept["attempts"][0]["violations"][0]["rule"] == "copy.claim"

    monkeypatch.setattr(OfflineCopywriter, "write", original)
    report, _ = run(tmp_path)
    assert report.exit_code == 0
    assert not (tmp_path / "run" / "rejects").exists()
