"""Weights against sizes of checkpoints that others published, to a part in a thousand.

Bytes of the safetensors files: exo-explore/exo, ``resources/inference_model_cards`` at b5375f8c
(``storage_size``). Model sizes of GGUF files, and what vLLM takes for weights on each device, as
logs print them, with where.
"""

import pytest

from attention.kv.fit.division import Division
from attention.kv.fit.share import fullest_share
from attention.kv.fit.weights import weights_of
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.read.catalog import find_model

GIB = 2**30
CHECKPOINTS = """
mlx-community/Llama-3.1-Nemotron-70B-Instruct-HF-4bit | 39688355840
moonshotai/Kimi-K2.7-Code | 595205124608
mlx-community/DeepSeek-V4-Pro | 849681900000
mlx-community/GLM-5.1 | 1487822475264
mlx-community/MiniMax-M2.5-6bit | 185826799616
mlx-community/NVIDIA-Nemotron-3-Nano-30B-A3B-MLX-BF16 | 63155914752
mlx-community/NVIDIA-Nemotron-Nano-9B-v2-6bit | 7224260608
mlx-community/Qwen3.5-122B-A10B-4bit | 69593314272
mlx-community/Qwen3.5-9B-8bit | 10426433504
mlx-community/Qwen3.6-35B-A3B-bf16 | 70214363872
mlx-community/gemma-4-26b-a4b-it-bf16 | 51611872400
mlx-community/gemma-4-31b-it-8bit | 33763093620
"""


def lines(table):
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]
