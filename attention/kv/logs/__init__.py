"""Cache lines of engines' logs, read and recomputed: one module for each engine.

    reading     what is common: lines, numbers, findings
    llamacpp    llama.cpp, ik_llama.cpp; what Ollama prints of either
    vllm        V0 and V1
    sglang      the token pool and the state pool

``attention/kv/log_check.py`` puts them together.
"""
