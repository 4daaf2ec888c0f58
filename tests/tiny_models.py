"""Tiny models with random weights, saved as real ones are: same folders, same loaders, no download.

They make noise of the right shape, which is what tests of the code around a model need. The CLIP
tokenizer is the real one: its merges ship with open_clip.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def clip_tokenizer(folder: Path | None = None) -> Any:
    """CLIP's tokenizer from the merges that open_clip brings; saved to `folder` if given."""
    import open_clip
    from transformers import CLIPTokenizer

    source = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(source.read_bytes()).decode("utf-8").split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    letters = list(open_clip.tokenizer.bytes_to_unicode().values())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += ["".join(merge) for merge in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)
    if folder is not None:
        tokenizer.save_pretrained(folder)
    return tokenizer


def save_stable_diffusion(folder: Path, seed: int = 0, *, tint: str = "") -> Path:
    """A Stable Diffusion pipeline that paints 64 × 64: about 2 million parameters. With `tint`
    (#RRGGBB) its noise is faint and of that colour, so that posters with it pass inspection."""
    import torch
    from diffusers import StableDiffusionPipeline

    torch.manual_seed(seed)
    vae = _vae()
    if tint:
        levels = torch.tensor([int(tint[i : i + 2], 16) for i in (1, 3, 5)])
        with torch.no_grad():
            vae.decoder.conv_out.weight.mul_(0.03)
            vae.decoder.conv_out.bias.copy_(levels / 127.5 - 1)
    parts = _stable_diffusion(vae, _unet(cross_attention_dim=32))
    return _saved(StableDiffusionPipeline(**parts), folder)


def save_stable_diffusion_xl(folder: Path, seed: int = 0) -> Path:
    """An SDXL pipeline with both text encoders that paints 64 × 64."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    torch.manual_seed(seed)
    tokenizer = clip_tokenizer()
    pipeline = StableDiffusionXLPipeline(
        vae=_vae(),
        unet=_unet(**XL),
        text_encoder=_text_encoder(),
        text_encoder_2=_text_encoder(projected=True),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        scheduler=EulerDiscreteScheduler(steps_offset=1),
    )
    return _saved(pipeline, folder)


def save_stable_diffusion_3(folder: Path, seed: int = 0) -> Path:
    """An SD3 pipeline: a transformer over patches of latents, three encoders, flow matching."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    torch.manual_seed(seed)
    tokenizer = clip_tokenizer()
    pipeline = StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_vae(
            latent_channels=16, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False
        ),
        text_encoder=_text_encoder(projected=True),
        text_encoder_2=_text_encoder(projected=True),
        text_encoder_3=_t5(),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        tokenizer_3=_t5_tokenizer(),
        transformer=SD3Transformer2DModel(
            sample_size=32,
            patch_size=2,
            in_channels=16,
            out_channels=16,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=64,
            pos_embed_max_size=96,
        ),
    )
    return _saved(pipeline, folder)


def save_flux(folder: Path, seed: int = 0) -> Path:
    """A FLUX pipeline: packed latents, CLIP and T5 encoders, guidance as a number given to it."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    torch.manual_seed(seed)
    pipeline = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_vae(shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_text_encoder(),
        text_encoder_2=_t5(32),
        tokenizer=clip_tokenizer(),
        tokenizer_2=_t5_tokenizer(),
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        ),
    )
    return _saved(pipeline, folder)


def save_inpainting(folder: Path, seed: int = 0) -> Path:
    """A Stable Diffusion inpainting model: its UNet also takes the mask and what is kept."""
    import torch
    from diffusers import StableDiffusionInpaintPipeline

    torch.manual_seed(seed)
    parts = _stable_diffusion(_vae(), _unet(cross_attention_dim=32, in_channels=9))
    return _saved(StableDiffusionInpaintPipeline(**parts), folder)


def save_controlnet(folder: Path, seed: int = 0, *, xl: bool = False) -> Path:
    """A ControlNet for one of the pipelines above. Its last layers are random too: with zeros,
    as training starts, it would have no effect."""
    import torch
    from diffusers import ControlNetModel

    torch.manual_seed(seed)
    more: dict[str, Any] = XL if xl else {"cross_attention_dim": 32}
    net = ControlNetModel(**BLOCKS, **more, conditioning_embedding_out_channels=(4, 8))
    with torch.no_grad():
        seen = net.controlnet_cond_embedding.conv_out
        for block in (*net.controlnet_down_blocks, net.controlnet_mid_block, seen):
            block.weight.normal_(0, 0.5)
    return _saved(net, folder)


def save_ip_adapter(model: Path, folder: Path, seed: int = 0) -> Path:
    """An IP-Adapter for the UNet of a saved model, in the published format, with a tiny CLIP
    picture encoder beside it."""
    import torch
    from diffusers import UNet2DConditionModel
    from diffusers.models.attention_processor import IPAdapterAttnProcessor
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet")
    width, seen = unet.config.cross_attention_dim, 16
    state = {
        "image_proj.proj.weight": torch.randn(4 * width, seen),
        "image_proj.proj.bias": torch.randn(4 * width),
        "image_proj.norm.weight": torch.ones(width),
        "image_proj.norm.bias": torch.zeros(width),
    }
    # The published format numbers the attention layers; those across to the text are the odd ones.
    for number, name in enumerate(unet.attn_processors):
        if name.endswith("attn1.processor"):
            continue
        sizes = unet.config.block_out_channels
        at = int(name.split(".")[1]) if not name.startswith("mid") else -1
        hidden = (list(reversed(sizes)) if name.startswith("up") else list(sizes))[at]
        own = IPAdapterAttnProcessor(hidden, width).state_dict()
        for side in ("k", "v"):
            state[f"ip_adapter.{number}.to_{side}_ip.weight"] = own[f"to_{side}_ip.0.weight"]
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in state.items()}, folder / "ip-adapter.safetensors")
    encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
            image_size=32, patch_size=16, projection_dim=seen,
        )
    )  # fmt: skip
    encoder.save_pretrained(folder / "image_encoder", safe_serialization=True)
    return folder


def save_lora(model: Path, folder: Path, seed: int = 0) -> Path:
    """A LoRA for the UNet of a saved SD or SDXL model, as diffusers' own training scripts save
    it."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet")
    unet.add_adapter(LoraConfig(r=4, target_modules=["to_q", "to_v"], init_lora_weights=False))
    layers = {name: 4 * value for name, value in get_peft_model_state_dict(unet).items()}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers)
    return folder


def save_safety_checker(folder: Path, seed: int = 0, *, flags: bool = False) -> Path:
    """The Stable Diffusion safety checker at 32 pixels. Its thresholds are out of reach; with
    `flags` they are so low that it flags every picture."""
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    torch.manual_seed(seed)
    vision = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 16, "projection_dim": 8,
    }  # fmt: skip
    model = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=8))
    with torch.no_grad():
        model.concept_embeds.copy_(torch.randn(17, 8))
        model.special_care_embeds.copy_(torch.randn(3, 8))
        model.concept_embeds_weights.fill_(-2.0 if flags else 2.0)
        model.special_care_embeds_weights.fill_(2.0)
    model.save_pretrained(folder)
    return folder


def save_open_clip(folder: Path, seed: int = 0, *, weights: bool = True) -> Path:
    """An open_clip `local-dir:` folder with a two-layer tower at 32 pixels."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    config = {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 16,
        },
        "text_cfg": {
            "context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2,
        },
    }  # fmt: skip
    preprocess = {
        "mean": [0.48, 0.46, 0.41],
        "std": [0.27, 0.26, 0.28],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"model_cfg": config, "preprocess_cfg": preprocess})
    (folder / "open_clip_config.json").write_text(text)
    if weights:
        torch.manual_seed(seed)
        model = open_clip.model.CLIP(**config)
        state = {name: value.contiguous() for name, value in model.state_dict().items()}
        save_file(state, folder / "open_clip_model.safetensors")
    return folder


BLOCKS: dict[str, Any] = {
    "in_channels": 4,
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "attention_head_dim": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
}
XL: dict[str, Any] = {
    "cross_attention_dim": 64,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "transformer_layers_per_block": (1, 1),
    "projection_class_embeddings_input_dim": 6 * 8 + 32,
    "use_linear_projection": True,
}


def _saved(model: Any, folder: Path) -> Path:
    model.save_pretrained(folder, safe_serialization=True)
    return folder


def _stable_diffusion(vae: Any, unet: Any) -> dict[str, Any]:
    """The parts of a Stable Diffusion pipeline around its VAE and its UNet."""
    from diffusers import EulerDiscreteScheduler

    return {
        "vae": vae,
        "unet": unet,
        "text_encoder": _text_encoder(),
        "tokenizer": clip_tokenizer(),
        "scheduler": EulerDiscreteScheduler(steps_offset=1),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }


def _unet(**changes: Any) -> Any:
    from diffusers import UNet2DConditionModel

    blocks = BLOCKS | {
        "sample_size": 32,
        "out_channels": 4,
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    }
    return UNet2DConditionModel(**blocks | changes)


def _vae(**changes: Any) -> Any:
    """Halves the sides, so that 32 × 32 latents are 64 × 64 pixels."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        norm_num_groups=4,
        sample_size=64,
        **{"latent_channels": 4} | changes,
    )


def _t5(width: int = 64) -> Any:
    from transformers import T5Config, T5EncoderModel

    config = T5Config(vocab_size=64, d_model=width, d_kv=8, d_ff=37, num_layers=1, num_heads=4)
    return T5EncoderModel(config)


def _t5_tokenizer() -> Any:
    """Spells letter by letter: a T5 tokenizer's real vocabulary cannot be had offline."""
    from transformers import T5TokenizerFast

    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    vocabulary += [(letter, -3.0) for letter in "abcdefghijklmnopqrstuvwxyz,."]
    return T5TokenizerFast(vocab=vocabulary, extra_ids=0, model_max_length=512)


def _text_encoder(*, projected: bool = False) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        projection_dim=32,
        max_position_embeddings=77,
    )
    return CLIPTextModelWithProjection(config) if projected else CLIPTextModel(config)
