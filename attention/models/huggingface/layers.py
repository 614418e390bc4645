"""What the network of a language model is made of: the shapes of its layers, their matrices, and
what its cache holds of them."""

from __future__ import annotations

from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from attention.interventions.change import changes_of
from attention.interventions.off import ALL_ON, Off
from attention.models.base import Matrix
from attention.models.huggingface import anatomy, caches
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.tracing import projection
from attention.models.look import CacheSize, cache_size, numbers_asked
from attention.trace import Projected, split_error


class Layers:
    """A model of transformers, layer by layer.

    Args:
        model: as its owner left it.
    """

    weights_only = False

    def __init__(self, model: PreTrainedModel) -> None:
        self.model, self.architecture = model, type(model).__name__
        self.has_head = model.get_output_embeddings() is not None

    @property
    def across(self) -> bool:
        """Queries and keys are tokens of two texts."""
        return False

    def _dissect(self) -> anatomy.Anatomy:
        """The layers; the model has our attention afterwards."""
        return anatomy.dissect(self.model, self.architecture, with_cache=self.has_head)

    def _describe(self, found: anatomy.Anatomy) -> None:
        """What follows from the layers, with every head on."""
        self.parts, self.blocks, self._state = found.parts, found.blocks, found.state
        parts, self._numbers, self._places = found.parts, found.numbers, found.places
        self.configs = tuple(part.config for part in parts)
        self.n_layers, self.d_model = len(parts), self.configs[0].d_model
        self.causal = all(config.causal for config in self.configs)
        self.sinks = tuple(part.sinks for part in parts)
        self.windows: tuple[int | None, ...] = self._windows()
        self._off, self._changes = ALL_ON, changes_of(ALL_ON, self.configs)

    def _windows(self) -> tuple[int | None, ...]:
        cache = self.new_cache() if self.predicts else None
        return caches.windows(cache, self.model, self._numbers)

    @property
    def predicts(self) -> bool:
        """See :attr:`attention.models.base.Model.predicts`."""
        keeps = any(part.cached for part in self.parts)
        return self.causal and self.has_head and keeps

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

    @property
    def vocab_size(self) -> int:
        return int(self.model.config.get_text_config().vocab_size)

    def split_error(self, of: Projected, *, layer: int) -> float | None:
        """See :func:`attention.trace.split_error`; None, too, where W_Q waits on disk."""
        w_q = self.w_q(layer)
        return None if w_q is None else split_error(of, self.configs[layer].n_heads, *w_q)

    def w_q(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_q`."""
        return projection(self.parts[layer].w_q)

    def w_v(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_v`."""
        return projection(self.parts[layer].w_v)

    def embedding(self) -> Tensor | None:
        """See :meth:`attention.models.base.Model.embedding`."""
        return anatomy.vectors(self.model.get_input_embeddings())

    def unembedding(self) -> Tensor | None:
        """See :meth:`attention.models.base.Model.unembedding`."""
        return anatomy.vectors(self.model.get_output_embeddings())

    def w_o(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_o`."""
        return projection(self.parts[layer].w_o)

    def new_cache(self) -> Cache:
        """An empty cache of transformers, of the kind that this model generates with."""
        return caches.new_cache(self.model)

    def cache_bytes(self, cache: Cache) -> int:
        """See :func:`.caches.cache_nbytes`."""
        return cache_nbytes(cache)

    def cache_formula(self, seq_len: int, off: Off = ALL_ON) -> int:
        """Bytes after ``seq_len`` tokens, see :func:`attention.models.look.cache_size`.

        A layer that keeps something else than every KV head's keys and values counts what it keeps,
        see :attr:`attention.models.huggingface.anatomy.LayerParts.cached`.
        """
        size = self._cache_size(seq_len, None, off)
        return 0 if size is None else size.formula

    def _cache_size(
        self, n_tokens: int, measured: int | None, off: Off = ALL_ON
    ) -> CacheSize | None:
        if not self.predicts:
            return None
        numbers = numbers_asked([part.cached for part in self.parts], self.configs, off)
        number_bytes = self.model.dtype.itemsize
        return cache_size(
            self.configs, self.windows, numbers, n_tokens, number_bytes, measured, self._state
        )

    def _cache_beside(self, n_tokens: int, cache: Cache | None) -> CacheSize | None:
        """Another cache of the same pass; most models have none."""
        return None
