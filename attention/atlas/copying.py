"""Copying: whether a head's OV circuit makes a token more likely where it looks at it.

Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits", section "Copying": the
matrix W_U W_O W_V W_E says how much looking at each token raises the logit of each; the sum of its
eigenvalues over the sum of their absolute values is 1 where every token raises itself, and 0 on
average for random matrices. Norms and the other layers are left out, as there.
"""

import torch
from torch import Tensor

from attention.models.base import Model
from attention.sentence import Sentence


def eigenvalue_share(w_v: Tensor, w_o: Tensor, gram: Tensor) -> float:
    """Σλ / Σ|λ| of one head, without the matrix of vocabulary by vocabulary.

    The eigenvalues of a product other than 0 stay when its factors are turned round: those of
    (W_U W_O)(W_V W_E) are those of W_V (W_E W_U) W_O, which is no larger than the head.

    Args:
        w_v: ``[head_dim, d_model]``; w_o: ``[d_model, head_dim]``.
        gram: W_E W_U, ``[d_model, d_model]``: the sum over the vocabulary.
    """
    found = torch.linalg.eigvals(w_v @ gram @ w_o)
    total = found.abs().sum()
    return float(found.real.sum() / total) if total else 0.0


@torch.inference_mode()
def copying(model: Model) -> tuple[list[list[float]] | None, Sentence | None]:
    """Of every head, by layers; or None, and why.

    A model whose parts are not plain matrices has no such circuit to be read off.
    """
    embedding, unembedding = model.embedding(), model.unembedding()
    if unembedding is None:
        return None, Sentence("The model predicts no next token: there is no W_U.")
    width = model.configs[0].d_model
    if embedding is None or embedding.shape[1] != width or unembedding.shape[1] != width:
        return None, Sentence("What the first layer is given is no plain embedding.")
    # On the CPU: in float64, which not every device has.
    gram = embedding.cpu().double().T @ unembedding.cpu().double()  # [d_model, d_model]
    found = []
    for layer, config in enumerate(model.configs):
        w_v, w_o = model.w_v(layer), model.w_o(layer)
        if w_v is None or w_o is None:
            return None, Sentence("W_V or W_O is no matrix by itself.")
        if w_v[0].shape[1] != width:  # as in Zamba, whose attention reads the embedding beside it
            return None, Sentence("W_V reads more than the residual stream.")
        values = w_v[0].cpu().double().unflatten(0, (config.n_kv_heads, -1))
        outputs = w_o[0].cpu().double().unflatten(1, (config.n_heads, -1))
        found.append(
            [
                eigenvalue_share(values[config.kv_head_of(head)], outputs[:, head], gram)
                for head in range(config.n_heads)
            ]
        )
    return found, None
