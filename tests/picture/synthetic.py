"""Made-up weights with the shapes of real heads, and a page of one scene. For tests only."""

import base64
import importlib.util
import json
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from attention import picture
from attention.config import AttentionConfig
from attention.models.look import JoinedHeads
from attention.picture.payload import encode
from attention.picture.scene import MEASURES, CacheFigures, ModelMap, RealModel, Scene
from attention.picture.tiles import scene_weights

LOCALES = Path(__file__).resolve().parents[2] / "assets" / "locales"
SENTENCE = "the keys near the old cabinet are on the table and the dog near the old cabinet is here"
HINDI = "पुरानी अलमारी के पास की चाबियाँ मेज़ पर रखी हैं और लड़का अलमारी के पास खड़ा है"
WIDTH, LAYERS = 192, 2

SHORT = {
    "en": ("previous", "first", "induction", "self", "mixed"),
    "hi": ("पिछला", "पहला", "इंडक्शन", "खुद", "मिला-जुला"),
}
LONG = {
    "en": ("mostly the previous token", "mostly the first token",
           "mostly what followed the same token before", "mostly itself", "mixed"),
    "hi": ("ज़्यादातर पिछला टोकन", "ज़्यादातर पहला टोकन",
           "ज़्यादातर वही जो पहले इसी टोकन के बाद आया था", "ज़्यादातर खुद को", "मिला-जुला"),
}  # fmt: skip


@cache
def words(lang: str = "en") -> dict[str, str]:
    return tomllib.loads((LOCALES / f"{lang}.toml").read_text(encoding="utf-8"))["picture"]


def made_up_weights(n_heads: int, tokens: tuple[str, ...], causal: bool = True) -> np.ndarray:
    """Heads that look one back, at the first, after a repeat, at themselves, or all over."""
    n = len(tokens)
    random = np.random.default_rng(n_heads * 1000 + n)
    query, key = np.mgrid[:n, :n]
    kind = np.unique(tokens, return_inverse=True)[1]
    repeats = (key > 0) & (kind[key - 1] == kind[query])
    shapes = (query - key == 1, key == 0, repeats, query == key, np.zeros((n, n), bool))
    heads = []
    for head in range(n_heads):
        scores = random.normal(0, 0.7, (n, n)) + shapes[head % 5] * (3.0 + 3.0 * random.random())
        scores = np.where(causal & (key > query), -np.inf, scores)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        heads.append(scores / scores.sum(-1, keepdims=True))
    return np.array(heads, np.float32)


@dataclass(frozen=True)
class MadeUp(Scene):
    """A scene that keeps all its weights; tiles and chosen head follow them and the head."""

    weights: np.ndarray | None = None  # float32 [n_heads, n_tokens, n_tokens]

    def __post_init__(self) -> None:
        tiles, pool = scene_weights(self.weights)
        for name, value in (("tiles", tiles), ("pool", pool), ("chosen", self.weights[self.head])):
            object.__setattr__(self, name, value)


def long_weights(n_heads: int, n: int) -> np.ndarray:
    """Heads that look a few tokens back, wider from head to head, and at one token far away."""
    query, key = np.arange(n)[:, None], np.arange(n)[None, :]
    weights = np.empty((n_heads, n, n), np.float32)
    for head in range(n_heads):
        scores = np.exp(-np.abs(query - key - 1) / (0.3 + 0.2 * head))
        scores[np.arange(n), far_token(np.arange(n), head)] += 0.5
        scores[key > query] = 0
        weights[head] = scores / scores.sum(-1, keepdims=True)
    return weights


def far_token(query: int | np.ndarray, head: int) -> int | np.ndarray:
    """What :func:`long_weights` gives about a third to."""
    return (query * 7 + head * 13) % (query + 1) // 2


def made_up_joined(config: AttentionConfig) -> JoinedHeads:
    """What heads might have gathered for one token."""
    random = np.random.default_rng(config.n_heads)
    return JoinedHeads(
        contexts=random.normal(0, 1, (config.n_heads, config.head_dim)).astype(np.float32),
        output=random.normal(0, 2, config.d_model).astype(np.float32),
    )


def plain(one: Scene, **changes: object) -> Scene:
    """The same as an ordinary scene, whose parts may then disagree."""
    parts = {field.name: getattr(one, field.name) for field in fields(Scene)}
    return Scene(**(parts | changes))


def scene(
    n_heads: int = 8,
    n_kv_heads: int = 2,
    tokens: tuple[str, ...] = tuple(SENTENCE.split()),
    *,
    lang: str = "en",
    causal: bool = True,
    d_model: int = WIDTH,
    width: int | None = None,
    **changes: object,
) -> MadeUp:
    config = AttentionConfig(d_model=d_model, n_heads=n_heads, n_kv_heads=n_kv_heads, causal=causal)
    split = AttentionConfig(d_model=width or d_model, n_heads=n_heads, n_kv_heads=n_kv_heads)
    kinds = [head % 5 for head in range(n_heads)]
    score = [f" 0.{30 + 7 * head % 70}" if kind < 4 else "" for head, kind in enumerate(kinds)]
    parts = {
        "config": config,
        "tokens": tokens,
        "tiles": None,
        "pool": None,
        "chosen": None,
        "layer": 1,
        "head": min(5, n_heads - 1),
        "head_short": tuple(SHORT[lang][k] + s for k, s in zip(kinds, score, strict=True)),
        "head_long": tuple(
            LONG[lang][k] + s.replace(" ", ", ") for k, s in zip(kinds, score, strict=True)
        ),
        "cache": cache_figures(split, len(tokens)),
        "words": words(lang),
        "check": "Check on this sentence: max |x·W_Q^i − (x·W_Q) cut i| = 0",
        "split": split,
        "real": real_model(config),
        "lang": lang,
    }
    if "weights" not in changes:  # of a long text they take a second
        parts["weights"] = made_up_weights(n_heads, tokens, causal)
    return MadeUp(**(parts | changes))


def model_scene(
    n_layers: int,
    n_heads: int,
    n_kv_heads: int,
    tokens: tuple[str, ...] = tuple(SENTENCE.split()),
    *,
    layer: int | None = None,
    head: int = 1,
    causal: bool = True,
    **changes: object,
) -> MadeUp:
    """A scene with the map of a model, heads 64 wide as language models have them."""
    config = AttentionConfig(d_model=64 * n_heads, n_heads=n_heads, n_kv_heads=n_kv_heads)
    parts = {
        "layer": n_layers // 2 if layer is None else layer,
        "head": head,
        "cache": cache_figures(config, len(tokens), n_layers),
        "real": None,
        "model_map": made_up_map(n_layers, n_heads),
    }
    return scene(
        n_heads, n_kv_heads, tokens, causal=causal, d_model=64 * n_heads, **(parts | changes)
    )


def even_map() -> ModelMap:
    return ModelMap(**{name: [[0.5] * 8, [0.25] * 8] for name in MEASURES})


def made_up_map(n_layers: int, n_heads: int) -> ModelMap:
    random = np.random.default_rng(n_layers * 100 + n_heads)
    shape = n_layers, n_heads
    return ModelMap(
        entropy=random.beta(2, 2, shape).tolist(),
        distance=random.gamma(2, 5, shape).tolist(),
        first=random.beta(0.6, 1, shape).tolist(),
        previous=random.beta(0.3, 2, shape).tolist(),
    )


def cache_figures(config: AttentionConfig, seq_len: int, n_layers: int = LAYERS) -> CacheFigures:
    per_kv_head = 2 * n_layers * config.head_dim * seq_len * 4
    return CacheFigures(
        n_layers=n_layers,
        seq_len=seq_len,
        number_bytes=4,
        now_bytes=per_kv_head * config.n_kv_heads,
        mha_bytes=per_kv_head * config.n_heads,
        mqa_bytes=per_kv_head,
        bytes_per_token=per_kv_head * config.n_kv_heads // seq_len,
    )


def real_model(config: AttentionConfig) -> RealModel:
    """Llama 2 70B's shape: 80 layers, 64 heads, 8 KV heads of 128, bfloat16, 4,096 tokens."""
    per_kv_head = 2 * 80 * 128 * 4096 * 2
    kv_heads = 64 // config.group_size
    return RealModel(
        name="Llama 2 70B",
        setting="4,096 tokens, 1 sequence, bfloat16",
        n_heads=64,
        n_kv_heads=8,
        built_bytes=8 * per_kv_head,
        mha_bytes=64 * per_kv_head,
        regrouped_n_kv_heads=kv_heads,
        regrouped_bytes=kv_heads * per_kv_head,
        note=f"Groups of {config.group_size} give its 64 heads {kv_heads} KV heads.",
    )


def font_faces() -> str:
    """The fonts that Streamlit ships, as the page has them."""
    media = Path(importlib.util.find_spec("streamlit").origin).parent / "static/static/media"
    files = {"Source Sans": "SourceSansVF-Upright*", "Source Serif": "SourceSerifVariable-Roman*"}
    return "".join(
        f"@font-face {{ font-family: {name!r}; font-weight: 200 900; src: url({found.as_uri()}) }}"
        for name, pattern in files.items()
        for found in media.glob(pattern)
    )


def page(one: Scene, *, dark: bool = False, background: str | None = None) -> str:
    """A self-contained page: the scene drawn in a shadow root, choices kept in ``window.heard``."""
    payload = base64.b64encode(encode(one)).decode()
    ground, text = ("#0e1117", "#eceef1") if dark else ("#ffffff", "#16191f")
    style = f"--st-background-color: {background or ground}; --st-text-color: {text}; "
    style += "--st-font: 'Source Sans', sans-serif"
    return f"""<!doctype html><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>{font_faces()} body {{ margin: 0; background: {background or ground}; }}
#host {{ padding: 12px 16px; max-width: 1440px; margin: auto; }}</style>
<body style="{style}"><div id="host"></div><script type="module">
{picture.script()}
const root = document.querySelector("#host").attachShadow({{ mode: "open" }});
const style = document.createElement("style");
style.textContent = {json.dumps(picture.style())};
root.append(style);
window.heard = [];
window.bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
window.drawBytes = (bytes) => drawPicture(root, bytes, {{
  head: (head) => window.heard.push(["head", head]),
  token: (token) => window.heard.push(["token", token]),
  tokens: (tokens) => window.heard.push(["tokens", tokens]),
  layer: (layer) => window.heard.push(["layer", layer]),
}});
window.draw = (text) => window.drawBytes(window.bytesOf(text));
window.draw("{payload}");
</script></body>"""
