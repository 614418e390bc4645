"""Names that people type: ids that stand on the Hub, tags of Ollama, names of files.

Each is of a model that the catalog has, or of one that it does not have and must not guess.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.checks import ShapeError
from attention.kv.read.catalog import find_model, list_models, search_models
from attention.kv.read.model_name import LONGEST, readings
from tests.sample import sample

# The model of the catalog, the weights' format that the name says (or -), and what was typed.
FOUND = """
Llama-3.1-8B | - | meta-llama/Llama-3.1-8B-Instruct
Llama-3.1-8B | - | meta-llama/Meta-Llama-3.1-8B
Llama-3.1-8B | - | llama3.1:8b
Llama-3.1-8B | - | llama3.1:latest
Llama-3.1-8B | q4_k_m | llama3.1:8b-instruct-q4_K_M
Llama-3.1-8B | float16 | llama3.1:8b-instruct-fp16
Llama-3.1-8B | q8_0 | bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q8_0
Llama-3.1-8B | q4_k_m | Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf
Llama-3.1-8B | int4 | unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit
Llama-3.1-8B | awq | RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16
Llama-3.1-8B | int8 | neuralmagic/Meta-Llama-3.1-8B-Instruct-quantized.w8a8
Llama-3.1-8B | fp8 | RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic
Llama-3.1-8B | awq | hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4
Llama-3.1-8B | gptq | hugging-quants/Meta-Llama-3.1-8B-Instruct-GPTQ-INT4
Llama-3.1-8B | - | accounts/fireworks/models/llama-v3p1-8b-instruct
Llama-3.1-8B | - | mlabonne/Meta-Llama-3.1-8B-Instruct-abliterated
Llama-3.1-8B | - | NousResearch/Hermes-3-Llama-3.1-8B
Llama-3.1-70B | - | meta-llama/Llama-3.1-70B-Instruct
Llama-3.1-70B | fp8 | nvidia/Llama-3.1-70B-Instruct-FP8
Llama-3.1-70B | - | llama3.1:70b
Llama-3.1-405B | fp8 | meta-llama/Llama-3.1-405B-Instruct-FP8
Llama-3-8B | - | meta-llama/Meta-Llama-3-8B-Instruct
Llama-3-8B | - | llama3:8b
Llama-3-70B | awq | casperhansen/llama-3-70b-instruct-awq
Llama-3.2-1B | - | meta-llama/Llama-3.2-1B-Instruct
Llama-3.2-3B | - | llama3.2:3b
Llama-3.2-3B | - | llama3.2:latest
Llama-3.2-11B-Vision | - | meta-llama/Llama-3.2-11B-Vision-Instruct
Llama-3.2-90B-Vision | - | llama3.2-vision:90b
Llama-3.3-70B | - | meta-llama/Llama-3.3-70B-Instruct
Llama-3.3-70B | fp8 | Llama-3.3-70B-Instruct-FP8
Llama-3.3-70B | q4_k_m | unsloth/Llama-3.3-70B-Instruct-GGUF:Q4_K_M
Llama-3.3-70B | awq | casperhansen/llama-3.3-70b-instruct-awq
Llama-3.3-70B | nvfp4 | nvidia/Llama-3.3-70B-Instruct-FP4
Llama-3.3-Nemotron-Super-49B | - | nvidia/Llama-3_3-Nemotron-Super-49B-v1_5
Llama-3.1-Nemotron-70B | - | nvidia/Llama-3.1-Nemotron-70B-Instruct-HF
Llama-4-Scout | - | meta-llama/Llama-4-Scout-17B-16E-Instruct
Llama-4-Scout | awq | RedHatAI/Llama-4-Scout-17B-16E-Instruct-quantized.w4a16
Llama-4-Scout | - | llama4:scout
Llama-4-Scout | - | llama4:16x17b
Llama-4-Maverick | fp8 | meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8
Llama-2-7B | - | meta-llama/Llama-2-7b-chat-hf
Llama-2-7B | awq | TheBloke/Llama-2-7B-Chat-AWQ
Llama-2-13B | gptq | TheBloke/Llama-2-13B-chat-GPTQ
Llama-2-70B | - | llama2:70b-chat
CodeLlama-34B | - | codellama/CodeLlama-34b-Instruct-hf
CodeLlama-7B | - | codellama:7b
TinyLlama-1.1B | - | TinyLlama/TinyLlama-1.1B-Chat-v1.0
Qwen3-0.6B | - | Qwen/Qwen3-0.6B
Qwen3-8B | - | qwen3:8b
Qwen3-8B | fp8 | Qwen/Qwen3-8B-FP8
Qwen3-8B | awq | Qwen/Qwen3-8B-AWQ
Qwen3-14B | gptq | JunHowie/Qwen3-14B-GPTQ-Int4
Qwen3-14B | int8 | JunHowie/Qwen3-14B-GPTQ-Int8
Qwen3-32B | - | qwen3:32b
Qwen3-32B | fp8 | nvidia/Qwen3-32B-FP8
Qwen3-30B-A3B | - | qwen3:30b-a3b
Qwen3-30B-A3B | - | qwen3:30b
Qwen3-30B-A3B | - | Qwen/Qwen3-30B-A3B
Qwen3-30B-A3B | q4_k_m | qwen3:30b-a3b-q4_K_M
Qwen3-30B-A3B | q4_k_xl | hf.co/unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL
Qwen3-30B-A3B | iq4_xs | bartowski/Qwen_Qwen3-30B-A3B-GGUF:IQ4_XS
Qwen3-30B-A3B | mlx-4bit | mlx-community/Qwen3-30B-A3B-4bit
Qwen3-30B-A3B | nvfp4 | nvidia/Qwen3-30B-A3B-NVFP4
Qwen3-30B-A3B-2507 | - | Qwen/Qwen3-30B-A3B-Instruct-2507
Qwen3-30B-A3B-2507 | fp8 | Qwen/Qwen3-30B-A3B-Thinking-2507-FP8
Qwen3-30B-A3B-2507 | - | qwen3:30b-a3b-instruct-2507
Qwen3-30B-A3B-2507 | - | qwen3-coder:30b
Qwen3-30B-A3B-2507 | fp8 | Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8
Qwen3-4B-2507 | - | Qwen/Qwen3-4B-Instruct-2507
Qwen3-4B | - | qwen3:4b
Qwen3-235B-A22B | - | Qwen/Qwen3-235B-A22B
Qwen3-235B-A22B-2507 | q3_k_xl | Qwen3-235B-A22B-Instruct-2507-UD-Q3_K_XL-00001-of-00003.gguf
Qwen3-Coder-480B-A35B | - | qwen3-coder:480b
Qwen3-Coder-480B-A35B | fp8 | Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8
Qwen3-Next-80B-A3B | - | Qwen/Qwen3-Next-80B-A3B-Instruct
Qwen3-Next-80B-A3B | - | qwen3-next:80b
Qwen3-VL-8B | - | Qwen/Qwen3-VL-8B-Instruct
Qwen3-VL-30B-A3B | - | qwen3-vl:30b-a3b
Qwen3-VL-235B-A22B | - | Qwen/Qwen3-VL-235B-A22B-Thinking
Qwen3.5-27B | - | Qwen/Qwen3.5-27B
Qwen3.5-35B-A3B | - | qwen3.5:35b-a3b
Qwen3.5-397B-A17B | - | qwen3.5:397b
Qwen3.6-35B-A3B | fp8 | Qwen/Qwen3.6-35B-A3B-FP8
Qwen3.6-27B | nvfp4 | nvidia/Qwen3.6-27B-NVFP4
Qwen3.8-27B | - | qwen3.8:27b
Qwen2.5-7B | - | Qwen/Qwen2.5-7B-Instruct
Qwen2.5-72B | awq | Qwen/Qwen2.5-72B-Instruct-AWQ
Qwen2.5-72B | gptq | Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4
Qwen2.5-0.5B | - | qwen2.5:0.5b
Qwen2.5-Coder-32B | - | qwen2.5-coder:32b
Qwen2.5-Coder-32B | q4_k_m | qwen2.5-coder:32b-instruct-q4_K_M
Qwen2.5-Coder-7B | - | Qwen/Qwen2.5-Coder-7B-Instruct
Qwen2.5-14B-1M | - | Qwen/Qwen2.5-14B-Instruct-1M
Qwen2.5-VL-7B | - | qwen2.5vl:7b
QwQ-32B | - | Qwen/QwQ-32B
QwQ-32B | - | qwq
QwQ-32B-Preview | - | Qwen/QwQ-32B-Preview
Gemma-2-9B | - | google/gemma-2-9b-it
Gemma-2-2B | - | gemma2:2b
Gemma-3-27B | - | google/gemma-3-27b-it
Gemma-3-27B | q4_0 | google/gemma-3-27b-it-qat-q4_0-gguf
Gemma-3-27B | q4_k_m | bartowski/google_gemma-3-27b-it-GGUF:Q4_K_M
Gemma-3-27B | - | gemma3:27b-it-qat
Gemma-3-4B | - | gemma3:4b
Gemma-3-4B | - | gemma3:latest
Gemma-3n-E4B | - | google/gemma-3n-E4B-it
Gemma-3n-E4B | - | gemma3n:e4b
Gemma-4-26B-A4B | - | google/gemma-4-26B-A4B-it
Gemma-4-26B-A4B | - | gemma4:26b
Gemma-4-31B | - | gemma4:31b-cloud
Gemma-4-31B | nvfp4 | nvidia/Gemma-4-31B-IT-NVFP4
Gemma-4-E2B | - | gemma4:e2b
gpt-oss-20b | - | openai/gpt-oss-20b
gpt-oss-20b | - | gpt-oss:20b
gpt-oss-120b | - | gpt-oss:120b-cloud
gpt-oss-120b | mxfp4 | mlx-community/gpt-oss-120b-MXFP4-Q8
gpt-oss-20b | bfloat16 | unsloth/gpt-oss-20b-BF16
DeepSeek-V3 | - | deepseek-ai/DeepSeek-V3-0324
DeepSeek-V3 | - | deepseek-v3:671b
DeepSeek-V3.1 | - | deepseek-ai/DeepSeek-V3.1-Terminus
DeepSeek-V3.2 | - | deepseek-ai/DeepSeek-V3.2-Exp
DeepSeek-R1 | - | deepseek-ai/DeepSeek-R1-0528
DeepSeek-R1 | iq1_s | unsloth/DeepSeek-R1-GGUF:UD-IQ1_S
DeepSeek-R1 | - | deepseek-r1:671b
DeepSeek-R1-Distill-Qwen-32B | - | deepseek-r1:32b
DeepSeek-R1-Distill-Qwen-32B | awq | casperhansen/deepseek-r1-distill-qwen-32b-awq
DeepSeek-R1-Distill-Llama-70B | - | deepseek-r1:70b
DeepSeek-R1-0528-Qwen3-8B | - | deepseek-ai/DeepSeek-R1-0528-Qwen3-8B
DeepSeek-V4-Flash | - | deepseek-ai/DeepSeek-V4-Flash
DeepSeek-V2-Lite | - | deepseek-ai/DeepSeek-V2-Lite-Chat
Kimi-K2 | - | moonshotai/Kimi-K2-Instruct
Kimi-K2-0905 | - | moonshotai/Kimi-K2-Instruct-0905
Kimi-K2-Thinking | - | moonshotai/Kimi-K2-Thinking
Kimi-K2.5 | - | kimi-k2.5:cloud
Kimi-Linear-48B-A3B | - | moonshotai/Kimi-Linear-48B-A3B-Instruct
GLM-4.5-Air | fp8 | zai-org/GLM-4.5-Air-FP8
GLM-4.5 | - | zai-org/GLM-4.5
GLM-4.7 | - | zai-org/GLM-4.6
GLM-4.7-Flash | - | glm-4.7-flash
GLM-5.1 | - | glm-5.1:cloud
GLM-4-9B-0414 | - | zai-org/GLM-4-9B-0414
GLM-4-9B-chat | - | THUDM/glm-4-9b-chat
MiniMax-M2 | - | MiniMaxAI/MiniMax-M2
MiniMax-M2.5 | awq | QuantTrio/MiniMax-M2.5-AWQ
Mistral-7B-v0.3 | - | mistralai/Mistral-7B-Instruct-v0.3
Mistral-7B-v0.1 | gptq | TheBloke/Mistral-7B-Instruct-v0.1-GPTQ
Mistral-7B-v0.2 | q4_k_m | mistral-7b-instruct-v0.2.Q4_K_M.gguf
Mistral-7B-v0.3 | - | mistral:7b
Mistral-Nemo-12B | - | mistralai/Mistral-Nemo-Instruct-2407
Mistral-Nemo-12B | - | mistral-nemo
Mistral-Small-24B-2501 | - | mistralai/Mistral-Small-24B-Instruct-2501
Mistral-Small-24B-2501 | - | mistral-small:24b
Mistral-Small-3.1-24B-2503 | - | mistralai/Mistral-Small-3.2-24B-Instruct-2506
Mistral-Small-3.1-24B-2503 | - | mistral-small3.1:24b
Mistral-Small-22B-2409 | - | mistralai/Mistral-Small-Instruct-2409
Mistral-Large-2407 | - | mistralai/Mistral-Large-Instruct-2411
Devstral-2-123B-2512 | - | mistralai/Devstral-2-123B-Instruct-2512
Ministral-3-8B | - | ministral-3:8b
Ministral-8B-2410 | - | mistralai/Ministral-8B-Instruct-2410
Mixtral-8x7B | - | mistralai/Mixtral-8x7B-Instruct-v0.1
Mixtral-8x22B | - | mixtral:8x22b
Phi-4 | - | microsoft/phi-4
Phi-4 | - | phi4:14b
Phi-4-mini | - | microsoft/Phi-4-mini-instruct
Phi-3-mini-4k | - | microsoft/Phi-3-mini-4k-instruct
Phi-3-mini-128k | - | phi3:mini
Phi-3.5-mini | - | microsoft/Phi-3.5-mini-instruct
Nemotron-3-Nano-30B-A3B | bfloat16 | nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16
Nemotron-3-Nano-30B-A3B | - | nemotron-3-nano:30b
Nemotron-3-Super-120B-A12B | nvfp4 | nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4
OLMo-2-7B | - | allenai/OLMo-2-1124-7B-Instruct
OLMo-3-7B | - | allenai/Olmo-3-7B-Think
SmolLM2-135M | - | HuggingFaceTB/SmolLM2-135M-Instruct
SmolLM3-3B | - | HuggingFaceTB/SmolLM3-3B
Seed-OSS-36B | - | ByteDance-Seed/Seed-OSS-36B-Instruct
EXAONE-4.0-32B | - | LGAI-EXAONE/EXAONE-4.0-32B
ERNIE-4.5-21B-A3B | - | baidu/ERNIE-4.5-21B-A3B-PT
Hunyuan-A13B | - | tencent/Hunyuan-A13B-Instruct
Command-R7B | - | CohereLabs/c4ai-command-r7b-12-2024
BLOOM-7B1 | - | bigscience/bloom-7b1
GPT-2 | - | openai-community/gpt2
Qwen3-8B | fp8 | /data/hub/models--Qwen--Qwen3-8B-FP8/snapshots/220b46e3b2180893580a4454f21f22d3ebb187d3
Qwen3-8B | - | https://huggingface.co/Qwen/Qwen3-8B/tree/main
Qwen3-8B | q4_k_m | https://huggingface.co/Qwen/Qwen3-8B-GGUF/blob/main/Qwen3-8B-Q4_K_M.gguf
Qwen3-8B | - | https://ollama.com/library/qwen3:8b
GLM-4.5-Air | awq | QuantTrio/GLM-4.5-Air-AWQ-FP16Mix
Gemma-3-27B | gptq | ISTA-DASLab/gemma-3-27b-it-GPTQ-4b-128g
Gemma-3-27B | awq | gaunernst/gemma-3-27b-it-int4-awq
Gemma-3n-E4B | int4 | unsloth/gemma-3n-E4B-it-unsloth-bnb-4bit
Qwen3-30B-A3B | gptq | Intel/Qwen3-30B-A3B-int4-AutoRound
Llama-3.3-70B | mxfp4 | amd/Llama-3.3-70B-Instruct-MXFP4-Preview
Llama-3.1-8B | - | llama-3.1-8b-instant
Llama-3.1-8B | - | meta.llama3-1-8b-instruct-v1:0
Mistral-7B-v0.1 | - | HuggingFaceH4/zephyr-7b-beta
Mistral-Small-22B-2409 | - | mistralai/Codestral-22B-v0.1
Phi-3-medium-128k | - | microsoft/Phi-3-medium-128k-instruct
Granite-4.0-H-Tiny | - | granite4:tiny-h
Granite-4.0-H-Small | - | granite4:32b-a9b-h
Granite-4.0-H-Small | q4_k_xl | unsloth/granite-4.0-h-small-GGUF:UD-Q4_K_XL
Granite-4.0-H-Tiny | mlx-4bit | mlx-community/granite-4.0-h-tiny-4bit
Granite-3.3-8B | - | ibm-granite/granite-3.3-8b-instruct
Granite-3.1-8B | fp8 | RedHatAI/granite-3.1-8b-instruct-FP8-dynamic
Gemma-3-270M | - | gemma3:270m-it-qat
Gemma-4-12B | q4_k_xl | unsloth/gemma-4-12B-it-GGUF:UD-Q4_K_XL
Qwen3.5-0.8B | - | unsloth/Qwen3.5-0.8B-GGUF
Qwen3.5-2B | q8_0 | Qwen3.5-2B-Q8_0.gguf
Qwen2.5-VL-72B | fp8 | RedHatAI/Qwen2.5-VL-72B-Instruct-FP8-dynamic
Qwen2.5-VL-3B | - | qwen2.5vl:3b
Qwen2-VL-7B | gptq | Qwen/Qwen2-VL-7B-Instruct-GPTQ-Int4
Nemotron-Nano-9B-v2 | q4_k_m | NVIDIA-Nemotron-Nano-9B-v2-Q4_K_M.gguf
Nemotron-Nano-9B-v2 | - | bartowski/nvidia_NVIDIA-Nemotron-Nano-9B-v2-GGUF
Command-R-08-2024 | - | CohereLabs/c4ai-command-r-08-2024
Command-R-08-2024 | q4_k_m | command-r:35b-08-2024-q4_K_M
Command-R-Plus | q4_0 | command-r-plus:104b-08-2024-q4_0
Command-A-111B | q4_k_m | command-a:111b-03-2025-q4_K_M
Command-R-v01 | - | CohereForAI/c4ai-command-r-v01
Aya-Expanse-32B | - | bartowski/aya-expanse-32b-GGUF
GLM-4-32B-0414 | - | THUDM/GLM-Z1-32B-0414
GLM-4.5V | fp8 | zai-org/GLM-4.5V-FP8
LongCat-Flash-560B | fp8 | meituan-longcat/LongCat-Flash-Chat-FP8
LFM2-1.2B | q4_0 | LiquidAI/LFM2.5-1.2B-Instruct-GGUF:Q4_0
Magistral-Small-24B-2506 | - | mistralai/Magistral-Small-2506
InternLM2.5-20B | - | internlm/internlm2_5-20b-chat
Jamba-Large-1.7 | - | ai21labs/AI21-Jamba-Large-1.7
DeepSeek-R1 | nvfp4 | nvidia/DeepSeek-R1-0528-NVFP4-v2
DeepSeek-R1-Distill-Qwen-7B | q4_k_m | deepseek-r1:7b-qwen-distill-q4_K_M
DeepSeek-R1-0528-Qwen3-8B | q4_k_m | deepseek-r1:8b-0528-qwen3-q4_K_M
Phi-3-medium-128k | q4_0 | phi3:14b-medium-128k-instruct-q4_0
Mistral-Nemo-12B | fp8 | mistralai/Mistral-Nemo-Instruct-FP8-2407
Qwen3-235B-A22B-2507 | nvfp4 | nvidia/Qwen3-235B-A22B-Instruct-2507-NVFP4
"""  # noqa: E501

# What was typed, and the models that are offered instead, the first of them.
REFUSED = """
meta-llama/Llama-3.1-12B-Instruct | Llama-3.1-8B
meta-llama/Llama-3.5-8B | Llama-3-8B
llama3.1 | Llama-3.1-8B
qwen3 | Qwen3-
Qwen/Qwen3-31B | Qwen3-
Qwen/Qwen3-Omni-30B-A3B-Instruct | Qwen3-30B-A3B
Qwen/Qwen3-30B-A3B-Instruct-2601 | Qwen3-30B-A3B
Qwen/Qwen3-Embedding-8B | Qwen3-8B
Qwen/Qwen2.5-Omni-7B | Qwen2.5-7B
mistralai/Mistral-7B-Instruct-v0.4 | Mistral-7B-v0.3
mistralai/Mistral-Large-Instruct-2402 | Mistral-Large-2407
mistral-small:22b-2501 | Mistral-Small-24B-2501
google/gemma-3-9b-it | Gemma-3-
deepseek-ai/DeepSeek-V3.3 | DeepSeek-V3
deepseek-r1:13b | DeepSeek-R1
moonshotai/Kimi-K4 | Kimi-K3
microsoft/phi-5 | Phi-4
phi4:7b | Phi-4
teknium/OpenHermes-2.5-Mistral-7B | Mistral-7B
deepcogito/cogito-v1-preview-llama-70B | Llama-3-70B
gpt-4o | GPT-
nvidia/NVIDIA-Nemotron-Nano-12B-v2-VL-BF16 | Nemotron-Nano-12B-v2
nvidia/Llama-3_1-Nemotron-Ultra-253B-v1-FP8 | Llama-3.1-Nemotron-70B
RedHatAI/Llama-3.1-8B-Instruct-speculator.eagle3 | Llama-3.1-8B
cerebras/Qwen3-Coder-REAP-25B-A3B | Qwen3-
ibm-granite/granite-3.3-2b-instruct | Granite-3.3-8B
gemma-3n-E2B-it-Q4_K_M.gguf | Gemma-3n-E4B
mistralai/Mistral-Large-3-675B-Instruct-2512 | Mistral-Large-2407
LiquidAI/LFM2-8B-A1B | LFM2-1.2B
tiiuae/Falcon-H1-7B-Instruct | Falcon
tencent/Hunyuan-7B-Instruct | Hunyuan-4B
"""


def lines(table):
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("model", "number_format", "typed"), lines(FOUND))
def test_what_people_type_is_seen_through_to_the_model(model, number_format, typed):
    shape = find_model(typed)
    assert shape.name == model
    row = next(row for row in list_models() if row.name == model)
    expected = row.shape.number_format if number_format == "-" else number_format
    assert shape.number_format == expected


@pytest.mark.parametrize(("typed", "offered"), lines(REFUSED))
def test_another_version_size_or_variant_is_refused_and_near_ones_are_offered(typed, offered):
    with pytest.raises(ShapeError) as caught:
        find_model(typed)
    hint = str(caught.value).partition("did you mean ")[2].split(", ")
    assert any(name.startswith(offered) for name in hint), hint


def test_so_many_names_are_tried():
    assert len(lines(FOUND)) + len(lines(REFUSED)) >= 240


@pytest.mark.parametrize("row", sample(list_models()), ids=lambda row: row.name)
def test_each_name_and_alias_is_found_in_any_case_and_with_any_separators(row):
    for name in (row.name, *row.aliases):
        for typed in (name, name.upper(), f"owner/{name}", f"{name}.gguf"):
            assert find_model(typed).name == row.name, typed
        assert find_model(name.replace("-", " ").replace("_", " ")).name == row.name


def test_no_two_models_have_one_name():
    names = [
        (readings(name)[0], row.name) for row in list_models() for name in (row.name, *row.aliases)
    ]
    seen = {}
    for reading, name in names:
        assert seen.setdefault((reading.stem, reading.sizes, reading.date), name) == name


@given(st.text(max_size=2 * LONGEST))
def test_any_text_is_a_model_or_a_sentence(text):
    try:
        assert find_model(text).name
    except ShapeError as error:
        assert str(error)
    assert len(search_models(text)) <= 5
