"""What llama.cpp's cache lines are recomputed from: a model, the header above them, or its name."""

from dataclasses import dataclass

from attention.kv.engines.llamacpp import ENGINE
from attention.kv.engines.llamacpp.cells import padded
from attention.kv.engines.llamacpp.log_header import Header, widths_of_shape
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.llamacpp.settings import CELLS, N_SEQ_MAX
from attention.kv.engines.log_reading import Basis
from attention.kv.layer import State
from attention.kv.shape import ModelShape


@dataclass(frozen=True)
class Source:
    """The header's numbers, unless a model goes before them; a named model where it has none."""

    header: Header
    basis: Basis

    @property
    def shape(self) -> ModelShape | None:
        """The model whose dims hold; None where the header's do, or nothing is known."""
        if self.basis.given is not None:
            return self.basis.given
        stand_in, n_layers = self.basis.stand_in, self.header.one("n_layer")
        if self.header.widths("k") or self.header.one("ssm_d_inner"):
            return None
        # A name may be that of another size of the model: the header's layers tell.
        fits = stand_in is not None and n_layers in (None, stand_in.n_layers)
        return stand_in if fits else None

    def widths(self, letter: str) -> list[list[int]]:
        """Numbers of a row, layer by layer: each way that the model may be kept, likeliest first.

        Args:
            letter: ``"k"`` or ``"v"``.
        """
        if self.shape is None:
            found = [self.header.widths(letter)]
        else:
            latent, expanded = (
                widths_of_shape(self.shape, letter, latent=latent) for latent in (True, False)
            )
            found = [latent, expanded] if latent != expanded else [latent]
            if letter == "k":  # An indexer's keys have a cache of their own, without V.
                layers = self.shape.layers
                found.append([layer.indexer_dim for layer in layers if layer.indexer_dim])
        return [widths for widths in found if widths]

    def cells(self, line: CacheLine) -> list[int]:
        """Cells of a stream: as printed; else n_ctx; else what a context may be padded to."""
        if line.cells is not None:
            return [line.cells]
        if self.header.cells:
            return [self.header.cells]
        asked = self.basis.of(ENGINE, {})
        if cells := asked.get(CELLS.name):
            return [int(cells)]
        if not asked.get("context"):
            return []
        sequences = int(asked.get(N_SEQ_MAX.name) or asked.get("batch") or 1)
        n_ctx = int(asked["context"]) * sequences
        return list(dict.fromkeys((n_ctx, padded(n_ctx, 32), padded(n_ctx, 256))))

    def sequences(self, line: CacheLine) -> int:
        """Sequences that a state is kept for."""
        if line.cells is not None:
            return line.sequences
        return self.header.one("kv_size") or self.header.one("n_seq_max") or 1

    @property
    def states(self) -> list[tuple[State, ...]]:
        """The states of each layer that keeps any, where a model's dims hold."""
        layers = self.shape.layers if self.shape else ()
        return [layer.states for layer in layers if layer.states]

    @property
    def keeps_states_alone(self) -> bool:
        """Whether no layer keeps keys: what old versions call K and V are then its states."""
        if self.shape is not None:
            return bool(self.states) and not any(layer.grows for layer in self.shape.layers)
        return bool(self.header.one("ssm_d_inner")) and self.header.one("n_head_kv") == 0
