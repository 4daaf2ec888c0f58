"""Prompts as a pipeline takes them: checked against what its encoders read, encoded once each.

Knows tokenizers and encoders; nothing about art direction or pixels.
"""

from __future__ import annotations

from typing import Any

from contentfab.errors import BadOutput

CACHED_PROMPTS = 512


class PromptCache:
    """Conditions of prompts for `pipeline`: embeddings where it takes them (`names`: what
    `encode_prompt` returns), each prompt encoded once; else the texts."""

    def __init__(
        self, pipeline: Any, names: tuple[str, ...], negative: str, *, guided: bool, device: str
    ) -> None:
        self._pipeline, self._names, self._negative = pipeline, names, negative
        self._guided, self._device = guided, device
        self._embeddings: dict[str, dict[str, Any]] = {}

    def conditions(self, prompts: list[str], takes: Any) -> dict[str, Any]:
        """Keyword arguments for a batch, for a call that takes the parameters `takes`."""
        if not self._names:
            texts: dict[str, Any] = {"prompt": prompts}
            if "negative_prompt" in takes and "true_cfg_scale" not in takes:
                texts["negative_prompt"] = [self._negative] * len(prompts)
            return texts
        if len(self._embeddings) > CACHED_PROMPTS:
            self._embeddings.clear()
        for prompt in prompts:
            if prompt not in self._embeddings:
                self._embeddings[prompt] = self._encode(prompt)
        import torch

        encoded = [self._embeddings[prompt] for prompt in prompts]
        return {name: torch.cat([e[name] for e in encoded]) for name in encoded[0]}

    def _encode(self, prompt: str) -> dict[str, Any]:
        """One at a time, so that an embedding does not depend on the prompts beside it."""
        import torch

        with torch.inference_mode():
            values = self._pipeline.encode_prompt(
                prompt=prompt,
                device=self._device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=self._guided,
                negative_prompt=self._negative,
            )
        return {name: v for name, v in zip(self._names, values, strict=True) if v is not None}


def check_length(prompt: str, pipeline: Any, t5_limit: int) -> None:
    """Raises BadOutput naming the words that no text encoder of the pipeline would read. Where a
    long encoder (T5) stands beside a short one (CLIP), the long one carries the prompt."""
    longest = None
    for name in ("tokenizer", "tokenizer_2", "tokenizer_3"):
        tokenizer = getattr(pipeline, name, None)
        encoder = getattr(pipeline, name.replace("tokenizer", "text_encoder"), None)
        if tokenizer is None or encoder is None:
            continue
        positions = getattr(encoder.config, "max_position_embeddings", None)
        limit = min(tokenizer.model_max_length, positions or t5_limit)
        if longest is None or limit > longest[1]:
            longest = (tokenizer, limit)
    if longest is None:
        return
    tokenizer, limit = longest
    ids = tokenizer(prompt, truncation=False, verbose=False).input_ids
    if len(ids) <= limit:
        return
    cut = tokenizer.decode(ids[limit - 1 :], skip_special_tokens=True).strip()
    raise BadOutput(
        f"the image prompt has {len(ids)} tokens, the model reads {limit}; it would not see: {cut}",
        hint="Shorten scene, light or mood of the brand's imagery, or prompts/image.j2.",
    )
