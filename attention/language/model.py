"""A language model as something that can be asked, whatever its architecture."""

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from attention import functional
from attention.language import anatomy
from attention.language.capture import IMPLEMENTATION, Receive, record
from attention.language.errors import Cancelled, TextError
from attention.language.limits import max_tokens
from attention.language.surveys import MEASURED_TOKENS, Prediction, Survey, Surveyor
from attention.language.texts import TokenTexts
from attention.language.tracing import Tracer
from attention.pieces import Units
from attention.trace import AttentionTrace

__all__ = ["Cancelled", "LanguageModel", "Prediction", "Survey"]

TOP = 20  # candidates for the next token that a survey names


class LanguageModel:
    """One model with its tokenizer. Passes of several threads follow one another.

    Layers, heads and tokens count from 0; the batch is always 1.

    Args:
        model: of transformers, in eval mode or (``borrowed``) as its owner left it.
        tokenizer: its own.
        title: what to call it.
        source: where it is from: a folder, a Hub id, "memory".
        borrowed: the model belongs to someone else, who uses it between passes: our attention is
            put in for each pass and taken out again.

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`attention.language.anatomy`.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        title: str,
        source: str,
        borrowed: bool = False,
    ) -> None:
        self.model, self.tokenizer, self.title, self.source = model, tokenizer, title, source
        self.architecture = type(model).__name__
        self._borrowed, self._lock = borrowed, threading.RLock()
        has_head = model.get_output_embeddings() is not None
        with self._as_found() if borrowed else nullcontext():
            cache = self.new_cache() if has_head else None
            self.parts = anatomy.dissect(model, self.architecture, cache)
        self.configs = tuple(part.config for part in self.parts)
        self.n_layers, self.d_model = len(self.configs), self.configs[0].d_model
        self.causal = all(config.causal for config in self.configs)
        self.predicts = self.causal and has_head
        self.max_tokens = max_tokens(model, tokenizer)
        self._texts = TokenTexts(tokenizer)
        self._accepts = set(inspect.signature(model.forward).parameters)

    @property
    def device(self) -> str:
        """``"cuda"``, ``"mps"`` or ``"cpu"``; "cuda + cpu" where it is spread over several."""
        kinds = {str(device) for device in getattr(self.model, "hf_device_map", {}).values()}
        if len(kinds) > 1:
            return " + ".join(sorted(f"cuda:{kind}" if kind.isdigit() else kind for kind in kinds))
        return anatomy.input_device(self.model).type

    @property
    def number_format(self) -> str:
        """``"float32"``, ``"float16"`` or ``"bfloat16"``."""
        return str(self.model.dtype).removeprefix("torch.")

    def encode(self, text: str) -> list[int]:
        """Token ids of any text, with the special tokens that the tokenizer adds."""
        clean = text.encode("utf-8", "replace").decode(
            "utf-8"
        )  # no tokenizer takes lone surrogates
        return list(self.tokenizer(clean, verbose=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token; special tokens as the vocabulary writes them."""
        return self._texts.readable(ids)

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it; b"" for a special token."""
        return self._texts.bytes(ids)

    @torch.inference_mode()
    def run(
        self, ids: Sequence[int], *, receive: Receive | None = None, cache: Cache | None = None
    ) -> Tensor | None:
        """One forward pass.

        Args:
            ids: the text, or with a cache the tokens that follow those it holds.
            receive: sees each layer's attention, see :func:`attention.language.capture.record`.
            cache: of transformers; gets these tokens' keys and values.

        Returns:
            Logits of the last token, float32 ``[vocab_size]`` on the model's device; None if the
            model predicts no next token.

        Raises:
            TextError: there are no tokens, or more than the model takes.
        """
        held = 0 if cache is None else cache.get_seq_length()
        self._require_length(len(ids) + held)
        given = {"input_ids": torch.tensor([list(ids)], device=anatomy.input_device(self.model))}
        if "use_cache" in self._accepts:
            given["use_cache"] = cache is not None
        if cache is not None:
            given["cache"] = cache
        if self.predicts and "logits_to_keep" in self._accepts:
            given["logits_to_keep"] = 1
        with self._ready(), record(receive) if receive else nullcontext():
            out = self.model(**given, return_dict=True)
        return out.logits[0, -1].float() if self.predicts else None

    def survey(
        self,
        ids: Sequence[int],
        *,
        layer: int,
        head: int,
        units: Units | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Survey:
        """Look at every head of every layer in one pass, holding one layer at a time.

        Args:
            layer, head: the head whose weights are kept in full.
            units: tokens that are shown as one, see :mod:`attention.pieces`.
            cancelled: asked between layers; once it says True the pass ends.

        Raises:
            TextError: no tokens, too many, or no such layer or head.
            Cancelled: ``cancelled`` said so.
        """
        self._require_layer(layer, head)
        self._require_length(len(ids))
        surveyor = Surveyor(ids, layer, head, units, cancelled)
        cache = self.new_cache() if self.predicts and len(ids) <= MEASURED_TOKENS else None
        logits = self.run(ids, receive=surveyor.receive, cache=cache)
        return surveyor.survey(
            predictions=None if logits is None else self._predictions(logits, TOP),
            logits=None if logits is None else logits.cpu().numpy(),
            cache_bytes=None if cache is None else cache_nbytes(cache),
        )

    def trace(self, ids: Sequence[int], *, layer: int) -> AttentionTrace:
        """Every intermediate of one layer, by name.

        Raises:
            TextError: no tokens, too many, or no such layer.
        """
        self._require_layer(layer)
        tracer = Tracer(self.parts[layer], layer)
        with self._lock, tracer.hooked():
            self.run(ids, receive=tracer.receive)
        return tracer.trace()

    def split_error(self, trace: AttentionTrace, *, layer: int) -> float | None:
        """Largest ``|x·W_Q^i − (x·W_Q cut) i|`` of all heads; None where W_Q is no matrix alone.

        Each head's rows of W_Q are multiplied by x on their own, and compared with the cut of the
        whole product: that is what splitting into heads means.
        """
        module, n_heads = self.parts[layer].w_q, trace.config.n_heads
        if module is None or trace.q_projected is None or module.weight.device.type == "meta":
            return None
        weight = module.weight if isinstance(module, nn.Linear) else module.weight.T
        with torch.inference_mode():
            cut = functional.split_heads(trace.q_projected, n_heads)[0]  # [n_heads, t, head_dim]
            own = trace.x[0] @ weight.view(n_heads, -1, weight.shape[1]).transpose(1, 2)
            if module.bias is not None:
                own = own + module.bias.view(n_heads, 1, -1)
            return float((own - cut).abs().max())

    def new_cache(self) -> Cache:
        """An empty cache of transformers, of the kind that this model generates with."""
        return DynamicCache(config=self.model.config)

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes in transformers' own cache after these tokens; 0 for a model that has none."""
        if not self.predicts:
            return 0
        cache = self.new_cache()
        self.run(ids, cache=cache)
        return cache_nbytes(cache)

    def cache_formula(self, seq_len: int) -> int:
        """Bytes after ``seq_len`` tokens: each layer 2 · n_kv_heads · head_dim · tokens · bytes.

        A layer with a sliding window of w keeps the last w − 1 tokens, as transformers' cache does
        (5.24, ``DynamicSlidingWindowLayer``): the next query sees those and itself. A layer that
        keeps something else than every KV head's keys and values counts what it keeps, see
        :attr:`attention.language.anatomy.LayerParts.cached`.
        """
        if not self.predicts:
            return 0
        kept = (seq_len if window is None else min(seq_len, window - 1) for window in self.windows)
        numbers = sum(part.cached * n for part, n in zip(self.parts, kept, strict=True))
        return numbers * self.model.dtype.itemsize

    @property
    def windows(self) -> tuple[int | None, ...]:
        """How many tokens each layer's sliding window holds; None where it sees the whole text."""
        if not self.predicts:
            return (None,) * self.n_layers
        layers = self.new_cache().layers
        found = [getattr(layer, "sliding_window", None) for layer in layers[: self.n_layers]]
        return tuple(found + [None] * (self.n_layers - len(found)))

    def top(self, of: Survey | Sequence[int], k: int = 10) -> tuple[Prediction, ...] | None:
        """The k most probable next tokens; None for a model that predicts none.

        Args:
            of: a survey, which knows them without another pass, or tokens.
        """
        logits = of.logits if isinstance(of, Survey) else self.run(of)
        return None if logits is None else self._predictions(torch.as_tensor(logits), k)

    def _predictions(self, logits: Tensor, k: int) -> tuple[Prediction, ...]:
        probabilities = functional.softmax(logits)
        values, ids = probabilities.topk(min(k, len(logits)))
        return tuple(
            Prediction(id=i, text=self.token_texts([i])[0], probability=p)
            for i, p in zip(ids.tolist(), values.tolist(), strict=True)
        )

    @contextmanager
    def _ready(self) -> Iterator[None]:
        """The model is ours alone, with our attention, until the end."""
        with self._lock:
            if not self._borrowed:
                yield
                return
            with self._as_found():
                self.model.set_attn_implementation(IMPLEMENTATION)
                yield

    @contextmanager
    def _as_found(self) -> Iterator[None]:
        """Whatever happens to the borrowed model's attention and mode inside is undone."""
        found = _implementations(self.model.config)
        training = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        try:
            yield
        finally:
            self.model.set_attn_implementation(found)
            for module, was in training:
                module.training = was

    def _require_length(self, n: int) -> None:
        if not n:
            raise TextError("The text has no tokens: give at least one character.")
        if n > self.max_tokens:
            raise TextError(
                f"The text has {n} tokens, and {self.title} takes {self.max_tokens}: cut it."
            )

    def _require_layer(self, layer: int, head: int = 0) -> None:
        if not 0 <= layer < self.n_layers:
            raise TextError(f"layer {layer} does not exist: choose 0 to {self.n_layers - 1}.")
        n_heads = self.configs[layer].n_heads
        if not 0 <= head < n_heads:
            raise TextError(f"head {head} does not exist: choose 0 to {n_heads - 1}.")


def cache_nbytes(cache: Cache) -> int:
    """Bytes of the keys and values that a cache of transformers holds: numel × element_size."""
    held = [t for layer in cache.layers for t in (layer.keys, layer.values) if t is not None]
    return sum(t.numel() * t.element_size() for t in held)


def _implementations(config: object) -> dict:
    """A config's attention implementations, in the form that ``set_attn_implementation`` takes."""
    own = {"": config._attn_implementation}
    for key in config.sub_configs:
        if (below := getattr(config, key, None)) is not None:
            own[key] = _implementations(below)
    return own
