"""Lines of public logs, as they were printed, and where; the model where the lines do not name it.

Times, host names and what says nothing of a cache are left out.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PublishedLog:
    """A log whose every comparable figure has to agree.

    Args:
        id, source: its name here, and where it was published.
        text: its lines.
        n_agree: figures that can be compared.
        model: a name of the catalog; "" where a line of the log names it.
        settings: what the page around the log says of the server.
    """

    id: str
    source: str
    text: str
    n_agree: int
    model: str = ""
    settings: dict = field(default_factory=dict)


def _load(kv_size, rest="", parallel=1):
    return (
        f'msg=load request="{{Operation:commit LoraPath:[] Parallel:{parallel} BatchSize:512 '
        f'FlashAttention:Enabled KvSize:{kv_size} KvCacheType: NumThreads:48 {rest}}}"\n'
    )


VLLM_V0 = (
    PublishedLog(
        "mistral-2023",
        "public GitHub file, vLLM 0.2 behind OpenLLM (November 2023)",
        "INFO 11-21 16:16:00 llm_engine.py:72] Initializing an LLM engine with config: "
        "model='/home/x/bentoml/models/vllm-mistralai--mistral-7b-instruct-v0.1/7ad57997', "
        "dtype=torch.bfloat16, max_seq_len=32768, tensor_parallel_size=1, quantization=None\n"
        "INFO 11-21 16:16:22 llm_engine.py:207] # GPU blocks: 9275, # CPU blocks: 2048",
        1,
        "Mistral-7B-v0.1",
    ),
    PublishedLog(
        "airoboros-70b-tp2",
        "public GitHub file, vLLM 0.2 (November 2023), a fine-tune of Llama-2-70B",
        "INFO 11-18 05:15:34 llm_engine.py:72] Initializing an LLM engine with config: "
        "model='jondurbin_airoboros-l2-70b-3.1.2', dtype=torch.bfloat16, max_seq_len=4096, "
        "tensor_parallel_size=2, quantization=None, seed=0)\n"
        "INFO 11-18 05:28:27 llm_engine.py:207] # GPU blocks: 2593, # CPU blocks: 1638",
        1,
        "Llama-2-70B",
    ),
    PublishedLog(
        "llama-3-8b-rocm",
        "public GitHub file, vLLM 0.4 on ROCm 6.0 (May 2024)",
        "INFO 05-01 05:25:41 gpu_executor.py:114] # GPU blocks: 12003, # CPU blocks: 2048",
        1,
        "Llama-3-8B",
    ),
    PublishedLog(
        "llama-3-8b-fp8",
        "ROCm blog on vLLM and ROCm 6.2 (August 2024), vllm serve --kv-cache-dtype fp8",
        "INFO 08-29 19:06:51 gpu_executor.py:121] # GPU blocks: 157794, # CPU blocks: 4096",
        1,
        "Llama-3-8B",
        {"k_format": "fp8"},
    ),
    PublishedLog(
        "llama-70b-819",
        "a log of which these figures are known: 4 GiB of swap over 5 MiB a block",
        "# GPU blocks: 3154, # CPU blocks: 819",
        1,
        "Llama-3-70B",
    ),
)

SGLANG = (
    PublishedLog(
        "mimo-two-pools",
        "sgl-project/sglang#18039 (January 2026)",
        "python3 -m sglang.launch_server --model-path XiaomiMiMo/MiMo-V2-Flash --tp-size 4 "
        "--trust-remote-code --mem-fraction-static 0.7 --page-size 64\n"
        "[TP2] Use sliding window memory pool. full_layer_tokens=375360, swa_layer_tokens=300288\n"
        "[TP1] KV Cache is allocated. #tokens: 300288, K size: 8.38 GB, V size: 5.59 GB\n"
        "[TP2] KV Cache is allocated. #tokens: 300288, K size: 8.38 GB, V size: 5.59 GB",
        2,
    ),
    PublishedLog(
        "mimo-equal-pools",
        "sgl-project/sglang#15464 (December 2025)",
        "[TP2] KV Cache is allocated. #tokens: 1496958, K size: 41.76 GB, V size: 27.84 GB\n"
        "[TP1] KV Cache is allocated. #tokens: 1496958, K size: 41.76 GB, V size: 27.84 GB\n"
        "[TP2] KV Cache is allocated. #tokens: 1496958, K size: 4.82 GB, V size: 3.21 GB\n"
        "[TP2] SWAKVPool mem usage: 77.63 GB, swa size: 1496958, full size: 1496958",
        4,
        "MiMo-V2-Flash",
        {"tp": 4},
    ),
    PublishedLog(
        "gemma-4-two-pools",
        "public GitHub file, SGLang with DiffusionGemma 26B-A4B (June 2026)",
        "KV Cache is allocated. dtype: torch.bfloat16, #tokens: 56320, K size: 5.40 GB, "
        "V size: 5.40 GB\n"
        "KV Cache is allocated. dtype: torch.bfloat16, #tokens: 70656, K size: 0.68 GB, "
        "V size: 0.68 GB",
        4,
        "Gemma-4-26B-A4B",
        {"block_size": 256},
    ),
    PublishedLog(
        "qwen3-235b",
        "vllm-project/vllm#21348 (July 2025), SGLang with --tp 4",
        "KV Cache is allocated. #tokens: 367404, K size: 8.23 GB, V size: 8.23 GB",
        2,
        "Qwen3-235B-A22B",
        {"tp": 4},
    ),
    PublishedLog(
        "deepseek-sparse",
        "sgl-project/sglang#11309 (October 2025), with the indexer in the size",
        "python -m sglang.launch_server --model deepseek-ai/DeepSeek-V3.2 --tp 8 --dp 8 "
        "--enable-dp-attention\n"
        "[DP0 TP0] KV Cache is allocated. #tokens: 975424, KV size: 43.67 GB",
        1,
    ),
    PublishedLog(
        "deepseek-sparse-before",
        "sgl-project/sglang#11309 (October 2025), before: without the indexer",
        "[DP0 TP0] KV Cache is allocated. #tokens: 1462784, KV size: 54.52 GB",
        1,
        "DeepSeek-V3.2",
    ),
    PublishedLog(
        "states",
        "public GitHub file, SGLang with Qwen3.8-27B (the shape of Qwen3.5-27B), fp8 cache",
        "Mamba Cache is allocated. max_mamba_cache_size: 360, conv_state size: 0.99GB, "
        "ssm_state size: 50.77GB\n"
        "KV Cache is allocated. #tokens: 228520, K size: 3.49 GB, V size: 3.49 GB",
        4,
        "Qwen3.5-27B",
        {"k_format": "fp8"},
    ),
    PublishedLog(
        "draft-head",
        "public GitHub file, SGLang with Qwen3.8-27B and EAGLE, TP 2: the draft's line follows",
        "KV Cache is allocated. dtype: torch.float8_e4m3fn, #tokens: 262144, K size: 2.00 GB, "
        "V size: 2.00 GB\n"
        "KV Cache is allocated. dtype: torch.float8_e4m3fn, #tokens: 262144, K size: 0.13 GB, "
        "V size: 0.13 GB",
        4,
        "Qwen3.5-27B",
        {"tp": 2},
    ),
    PublishedLog(
        "qwen3-235b-tp4",
        "vllm-project/vllm#21348 (July 2025), SGLang on 4 H100",
        "server_args=ServerArgs(model_path='/path/to/Qwen3-235B-A22B-FP8', tp_size=4)\n"
        "KV Cache is allocated. #tokens: 367404, K size: 8.23 GB, V size: 8.23 GB",
        2,
        "Qwen3-235B-A22B",
        {"tp": 4},
    ),
)

OLLAMA = (
    PublishedLog(
        "gemma-4-26b",
        "ollama/ollama#15634 (April 2026)",
        _load(32768, "GPULayers:31[ID:GPU-a94b4107 Layers:31(0..30)]")
        + 'source=device.go:251 msg="kv cache" device=CUDA0 size="1.5 GiB"',
        1,
        "Gemma-4-26B-A4B",
    ),
    PublishedLog(
        "gpt-oss-120b",
        "public GitHub file, Ollama 0.11.10 (September 2025)",
        'msg="starting runner" cmd="/usr/local/bin/ollama runner --ollama-engine --port 43263"\n'
        'msg=offload library=rocm layers.requested=-1 memory.required.kv="450.0 MiB"\n'
        + _load(8192, "GPULayers:37[ID:0 Layers:37(0..36)]")
        + 'source=backend.go:321 msg="kv cache" device=ROCm0 size="450.0 MiB"',
        1,
        "gpt-oss-120b",
    ),
    PublishedLog(
        "gpt-oss-20b-estimate",
        "ollama/ollama#11711 (August 2025), num_ctx raised to 8192",
        'msg=offload library=cuda layers.model=25 memory.required.kv="300.0 MiB"\n'
        'msg="starting runner" cmd="ollama runner --ctx-size 8192 --batch-size 512 --parallel 1"',
        1,
        "gpt-oss-20b",
    ),
    PublishedLog(
        "qwen2.5-parallel",
        "ollama/ollama#9031 (February 2025)",
        'msg="offload to cuda" layers.model=25 memory.required.kv="96.0 MiB" '
        'memory.weights.total="331.8 MiB"\n'
        'msg="starting llama server" cmd="ollama_llama_server runner --ctx-size 8192 '
        '--batch-size 512 --n-gpu-layers 25 --threads 96 --parallel 4"',
        1,
        "Qwen2.5-0.5B",
    ),
    PublishedLog(
        "qwen3-30b-two-devices",
        "public GitHub file, Ollama with num_ctx 32768 (October 2025)",
        "KvSize:32768\n"
        'source=device.go:217 msg="kv cache" device=CUDA0 size="1.9 GiB"\n'
        'source=device.go:222 msg="kv cache" device=CPU size="1.1 GiB"',
        1,
        "Qwen3-30B-A3B",
    ),
)

LLAMA_CPP = (
    PublishedLog(
        "r1-expanded",
        "lmstudio-ai/lmstudio-bug-tracker#1454 (January 2026), DeepSeek R1 671B",
        "llama_kv_cache: size = 78080.00 MiB ( 16384 cells,  61 layers,  1/1 seqs), "
        "K (f16): 46848.00 MiB, V (f16): 31232.00 MiB",
        3,
        "DeepSeek-R1",
    ),
    PublishedLog(
        "r1-expanded-old",
        "llama.cpp before April 2025, DeepSeek R1 at 2,048 tokens: 61 layers of 128 heads",
        "llama_new_context_with_model: KV self size  = 9760.00 MiB, K (f16): 5856.00 MiB, "
        "V (f16): 3904.00 MiB",
        3,
        "DeepSeek-R1",
        {"context": 2048},
    ),
    PublishedLog(
        "r1-latent-ik",
        "ikawrakow/ik_llama.cpp#259 (March 2025), 32,768 tokens",
        "llama_new_context_with_model: KV self size  = 1166.62 MiB, c^KV (q8_0): 1166.62 MiB, "
        "kv^T: not used",
        2,
        "DeepSeek-R1",
        {"context": 32768},
    ),
    PublishedLog(
        "v4-no-layers",
        "ggml-org/llama.cpp#22319 (2026): DeepSeek V4 keeps nothing outside its window caches",
        "llama_kv_cache_iswa: creating non-SWA KV cache, size = 393216 cells\n"
        "llama_kv_cache: size =    0.00 MiB (393216 cells,   0 layers,  4/1 seqs), "
        "K (f16):    0.00 MiB, V (f16):    0.00 MiB",
        3,
        "DeepSeek-V4-Flash",
    ),
    PublishedLog(
        "mamba-as-k-and-v",
        "ggml-org/llama.cpp#6189 (March 2024), bagel-2.8b: its states are called K and V",
        "llama_new_context_with_model: KV self size  =   23.75 MiB, K (f32):    3.75 MiB, "
        "V (f32):   20.00 MiB",
        3,
        "Mamba-2.8B",
    ),
    PublishedLog(
        "states-alone",
        "public GitHub file: the state line of a model of Qwen3.5-27B's shape",
        "llama_memory_recurrent: size =  149.62 MiB (     1 cells,  64 layers,  1 seqs)",
        1,
        "Qwen3.5-27B",
    ),
    PublishedLog(
        "granite-4.0-1b",
        "ggml-org/llama.cpp#22101 (2026), Granite 4.0 1b Speech: 40 layers, all of them attention",
        "llama_kv_cache: size =  320.00 MiB (  4096 cells,  40 layers,  1/1 seqs), "
        "K (f16):  160.00 MiB, V (f16):  160.00 MiB",
        3,
        "Granite-4.0-1B",
    ),
    PublishedLog(
        "qwen2.5-3b",
        "SciSharp/LLamaSharp#1099 (2025), 36 layers with 2 KV heads, 4,096 tokens",
        "llama_init_from_model: KV self size  =  144.00 MiB, K (f16):   72.00 MiB, "
        "V (f16):   72.00 MiB",
        3,
        "Qwen2.5-3B",
        {"context": 4096},
    ),
)

_CLUB = (
    "(EngineCore pid=107) INFO 07-06 22:50:46 [core.py:114] Initializing a V1 LLM engine (v0.24.0) "
    "with config: model='~/.cache/huggingface/qwen3.6-35b-a3b-nvfp4', dtype=torch.bfloat16, "
    "max_seq_len=131072, tensor_parallel_size=1, kv_cache_dtype=fp8, enable_prefix_caching=True\n"
    "(APIServer pid=1) INFO non-default args: {'max_num_batched_tokens': 8192, 'max_num_seqs': 1}\n"
)
VLLM_V1 = (
    PublishedLog(
        "qwen3.6-nvfp4-on-a-5090",
        "noonghunna/club-3090#612 (July 2026)",
        f"{_CLUB}(EngineCore pid=107) INFO 07-06 22:52:09 [gpu_worker.py:508] Available KV cache "
        "memory: 5.98 GiB\n"
        "(EngineCore pid=107) INFO 07-06 22:52:09 [kv_cache_utils.py:2146] GPU KV cache size: "
        "567,978 tokens\n"
        "(EngineCore pid=107) INFO 07-06 22:52:09 [kv_cache_utils.py:2147] Maximum concurrency for "
        "131,072 tokens per request: 4.33x",
        2,
        "Qwen3.6-35B-A3B",
    ),
    PublishedLog(
        "qwen3.6-nvfp4-a-little-more",
        "noonghunna/club-3090#652 (July 2026)",
        f"{_CLUB}(EngineCore pid=107) INFO 07-09 02:58:11 [gpu_worker.py:508] Available KV cache "
        "memory: 6.01 GiB\n"
        "(EngineCore pid=107) INFO 07-09 02:58:11 [kv_cache_utils.py:2146] GPU KV cache size: "
        "569,878 tokens\n"
        "(EngineCore pid=107) INFO 07-09 02:58:11 [kv_cache_utils.py:2147] Maximum concurrency for "
        "131,072 tokens per request: 4.35x",
        2,
        "Qwen3.6-35B-A3B",
    ),
    PublishedLog(
        "qwen3-vl-does-not-fit",
        "xorbitsai/inference#4926 (May 2026), Qwen3-VL-Instruct with 8 billion parameters",
        "(EngineCore_DP0 pid=494) ValueError: To serve at least one request with the models's max "
        "seq len (262144), (36.0 GiB KV cache is needed, which is larger than the available KV "
        "cache memory (6.94 GiB). Based on the available memory, the estimated maximum model "
        "length is 50512.",
        1,
        "Qwen3-VL-8B",
        {"context": 262144},
    ),
    PublishedLog(
        "deepseek-v4-flash-does-not-fit",
        "vllm-project/vllm#44376 (June 2026), 0.22 on 2 GH200; the class LLM takes 16,384 tokens a "
        "step on GPUs of 70 GiB and more",
        "(EngineCore pid=2739502) ERROR 06-03 14:24:40 [core.py:1165] ValueError: To serve at "
        "least one request with the model's max seq len (30000), (6.66 GiB KV cache is needed, "
        "which is larger than the available KV cache memory (5.44 GiB).",
        1,
        "DeepSeek-V4-Flash",
        {"context": 30000, "tp": 2, "vllm_version": "0.22", "max_batched_tokens": 16384},
    ),
)

ALL = (*VLLM_V0, *VLLM_V1, *SGLANG, *OLLAMA, *LLAMA_CPP)
