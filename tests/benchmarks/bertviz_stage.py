"""BertViz from text to file, in a process of its own: it may need more memory than there is.

    python -m tests.benchmarks.bertviz_stage FOLDER N_TOKENS PAGE

reads a text from standard input and prints JSON: seconds of the forward pass and of the page, the
tokens and the bytes.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

import torch
from bertviz import model_view
from transformers import AutoModelForCausalLM, AutoTokenizer


@torch.inference_mode()
def main(folder: str, n_tokens: str, page: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Only its own eager attention hands out weights.
    model = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    ).eval()
    model(torch.tensor([[0, 1, 2, 3]]), output_attentions=True)  # whatever is made once
    text = sys.stdin.read()

    start = perf_counter()
    ids = tokenizer(text)["input_ids"][: int(n_tokens)]
    attentions = model(torch.tensor([ids]), output_attentions=True).attentions
    passed = perf_counter()
    tokens = tokenizer.convert_ids_to_tokens(ids)
    view = model_view(attentions, tokens, html_action="return")
    Path(page).write_text(f'<meta charset="utf-8">{view.data}', encoding="utf-8")
    written = perf_counter()
    done = {"pass": passed - start, "page": written - passed, "tokens": len(ids)}
    print(json.dumps(done | {"bytes": Path(page).stat().st_size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
