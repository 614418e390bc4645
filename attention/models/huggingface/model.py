"""A language model as something that can be asked, whatever its architecture."""

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from attention import functional
from attention.models.huggingface import anatomy, caches
from attention.models.huggingface.borrow import as_found
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.capture import IMPLEMENTATION, Receive, record
from attention.models.huggingface.errors import Cancelled, TextError
from attention.models.huggingface.limits import max_tokens
from attention.models.huggingface.surveys import MEASURED_TOKENS, Prediction, Survey, Surveyor
from attention.models.huggingface.texts import TokenTexts
from attention.models.huggingface.tracing import Tracer, split_error
from attention.text.pieces import Units
from attention.trace import AttentionTrace

__all__ = ["Cancelled", "LanguageModel", "Prediction", "Survey", "cache_nbytes"]

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

    Attributes:
        configs: the shape of each layer; heads may differ from one to the next.
        causal: every layer is.
        predicts: it says what comes next: it is causal and has an LM head.
        windows: how many tokens each layer's sliding window holds; None where its cache keeps all.
        max_tokens: the longest text that it takes.

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`.anatomy`.
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
        with as_found(model) if borrowed else nullcontext():
            self.parts = anatomy.dissect(model, self.architecture, with_cache=has_head)
        self.configs = tuple(part.config for part in self.parts)
        self.n_layers, self.d_model = len(self.configs), self.configs[0].d_model
        self.causal = all(config.causal for config in self.configs)
        self.predicts = self.causal and has_head
        self.windows = (None,) * self.n_layers
        if self.predicts:
            self.windows = caches.windows(self.new_cache(), self.n_layers)
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
            receive: sees each layer's attention, see :func:`.capture.record`.
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
            units: tokens that are shown as one, see :mod:`attention.text.pieces`.
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
        """See :func:`attention.models.huggingface.tracing.split_error`."""
        return split_error(self.parts[layer], trace)

    def new_cache(self) -> Cache:
        """An empty cache of transformers, of the kind that this model generates with."""
        return caches.new_cache(self.model)

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
        :attr:`attention.models.huggingface.anatomy.LayerParts.cached`.
        """
        if not self.predicts:
            return 0
        kept = (seq_len if window is None else min(seq_len, window - 1) for window in self.windows)
        numbers = sum(part.cached * n for part, n in zip(self.parts, kept, strict=True))
        return numbers * self.model.dtype.itemsize

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
            with as_found(self.model):
                self.model.set_attn_implementation(IMPLEMENTATION)
                yield

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
