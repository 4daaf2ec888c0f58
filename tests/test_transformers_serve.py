"""A real, independent OpenAI-compatible server: `transformers serve` with a tiny random Llama.

It takes our requests, ignores `response_format` without a word, and writes garbage. That is to end
as failed jobs with their reasons, never as copy.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from campaigns import make_campaign
from command import contentfab, files, run_json

SERVING = ("transformers", "torch", "tokenizers", "fastapi", "uvicorn")
pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in SERVING),
    reason="needs the extra dev: pip install 'transformers[serving]'",
)
START_S = 30.0
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


@dataclass
class Serve:
    """A running server: its address, the model's name there, what it logged."""

    base_url: str
    model: str
    log: Path


def make_llama(folder: Path) -> None:
    """A Llama with 5,000 random weights and a byte-level tokenizer, both made here. It ends an
    answer on any of 32 tokens, so answers are short and most end by themselves."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(["Write advertising copy. " * 9], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast), hidden_size=8, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=8192,
        bos_token_id=0, eos_token_id=[1, *range(32, 63)],
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    folder = tmp_path_factory.mktemp("serve")
    make_llama(folder / "tiny-llama")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("transformers")), "serve", str(folder / "tiny-llama"),
        "--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--default-seed", "0",
    ]  # fmt: skip
    environ = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    log = folder / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/health", process, log)
        yield Serve(f"http://127.0.0.1:{port}/v1", str(folder / "tiny-llama"), log)
    finally:
        process.terminate()
        process.wait(20)


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(url, timeout=2).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.fail(f"transformers serve does not answer after {START_S:.0f} s:\n{log.read_text()}")


def options(serve: Serve, **more: object) -> list[str]:
    values = {
        "backend": "openai", "model": serve.model, "base_url": serve.base_url, "max_tokens": 64,
        "backoff": 0.05, **more,
    }  # fmt: skip
    return [part for name, value in values.items() for part in ("--set", f"copy.{name}={value}")]


def test_garbage_ends_as_failed_jobs_with_reasons(serve: Serve, tmp_path: Path) -> None:
    make_campaign(tmp_path)
    said = contentfab(
        "copy", "campaign.yaml", "--format", "json", "--out", "run", *options(serve),
        cwd=tmp_path, code=7,
    )  # fmt: skip
    assert json.loads(said.stdout) == []
    served = serve.log.read_text(encoding="utf-8")
    assert "unsupported fields in the request: {'response_format'}" in served
    assert served.count("200 OK") >= 12  # four cells, each asked again twice
    assert " 400 " not in served and " 500 " not in served

    failed = run_json("status", "run", cwd=tmp_path)["failed"]
    assert len(failed) == 8
    for job in failed:
        assert job["stage"] == "copy"
        assert "holds no JSON" in job["reason"] or "cut off at max_tokens" in job["reason"]
        reject = json.loads((tmp_path / "run" / "rejects" / f"{job['job']}.json").read_text())
        assert reject["attempts"][0]["answer"]

    facts = json.loads((tmp_path / "run" / "run.json").read_text())["copywriter"]
    assert facts["answer_format"] == "text"  # JSON Schema and json_object were not kept to
    assert facts["id"].startswith("openai/tiny-llama@")
    written = [(tmp_path / "run" / name).read_bytes() for name in files(tmp_path / "run")]
    assert not any(str(serve.log.parent).encode() in data for data in written)


def test_a_model_that_is_not_there_is_named(serve: Serve, tmp_path: Path) -> None:
    make_campaign(tmp_path, locales=["en-US"])
    said = contentfab(
        "copy", "campaign.yaml", "--out", "run", *options(serve, model="other"),
        cwd=tmp_path, code=7,
    )  # fmt: skip
    assert "requested 'other'" in said.stderr
