"""Attention in plain numpy, float64, one loop a head: what the library is checked against.

Written from the papers, not from the library: it shares no line with it, and every query head
gets its own KV head by plain indexing.
"""

import math

import numpy as np


def softmax(row):
    powers = np.exp(row - row.max())
    return powers / powers.sum()


def rope(vector, position, base):
    """Turn the pairs (i, i + d/2) of one vector by position * base ** (-2i / d)."""
    d = len(vector)
    turned = np.empty(d)
    for i in range(d // 2):
        angle = position * base ** (-2 * i / d)
        a, b = vector[i], vector[i + d // 2]
        turned[i] = a * np.cos(angle) - b * np.sin(angle)
        turned[i + d // 2] = a * np.sin(angle) + b * np.cos(angle)
    return turned


def attend(q, k, v, causal):
    """One sequence. q [n_heads, query_len, d]; k, v [n_kv_heads, kv_len, d].

    Returns scores (before the mask), weights and context, as lists of heads in one array each.
    """
    n_heads, query_len, head_dim = q.shape
    n_kv_heads, kv_len, _ = k.shape
    scores = np.zeros((n_heads, query_len, kv_len))
    weights = np.zeros((n_heads, query_len, kv_len))
    context = np.zeros((n_heads, query_len, v.shape[-1]))
    for head in range(n_heads):
        shared = head * n_kv_heads // n_heads
        for query in range(query_len):
            position = kv_len - query_len + query
            seen = position + 1 if causal else kv_len
            for key in range(kv_len):
                scores[head, query, key] = q[head, query] @ k[shared, key] / np.sqrt(head_dim)
            weights[head, query, :seen] = softmax(scores[head, query, :seen])
            for key in range(seen):
                context[head, query] += weights[head, query, key] * v[shared, key]
    return scores, weights, context


def attention_layer(
    x, w_q, w_k, w_v, w_o, n_heads, n_kv_heads, *, causal, base=None, biases=None, off=None
):
    """One sequence x [t, d_model] through one layer; weights [out, in]. Returns (weights, output).

    Each head has a matrix of its own here (its rows of w_q), as the paper writes it. ``off`` has
    what stands in the place of a head's context, by head.
    """
    head_dim = w_q.shape[0] // n_heads
    b_q, b_k, b_v, b_o = biases or (0.0, 0.0, 0.0, 0.0)

    def heads(matrix, bias, n, turn):
        bias = np.broadcast_to(bias, matrix.shape[:1])
        cut = np.zeros((n, len(x), head_dim))
        for head in range(n):
            rows = slice(head * head_dim, (head + 1) * head_dim)
            for t, vector in enumerate(x):
                one = matrix[rows] @ vector + bias[rows]
                cut[head, t] = rope(one, t, base) if turn and base else one
        return cut

    q, k = heads(w_q, b_q, n_heads, True), heads(w_k, b_k, n_kv_heads, True)
    v = heads(w_v, b_v, n_kv_heads, False)
    _, weights, context = attend(q, k, v, causal)
    for head, instead in (off or {}).items():
        context[head] = instead
    merged = np.concatenate(list(context), axis=-1)
    return weights, merged @ w_o.T + b_o


def decoder(state, ids, n_heads, n_kv_heads, bases, *, causal=True, off=None):
    """A whole trained layout on one sequence: weights of every layer, and logits.

    Args:
        state: the arrays of its safetensors file, as float64.
        bases: one RoPE base a layer, None for a layer without position encoding.
        off: what stands in the place of a head's context, by ``(layer, head)``.
    """

    def norm(x, gain):
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gain

    def gelu(x):
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2

    x, every = state["embedding.weight"][list(ids)], []
    for index, base in enumerate(bases):
        own = {
            name.removeprefix(f"layers.{index}."): array
            for name, array in state.items()
            if name.startswith(f"layers.{index}.")
        }
        weights, output = attention_layer(
            norm(x, own["attention_norm.weight"]),
            own["w_q.weight"],
            own["w_k.weight"],
            own["w_v.weight"],
            own["w_o.weight"],
            n_heads,
            n_kv_heads,
            causal=causal,
            base=base,
            biases=(own["w_q.bias"], own["w_k.bias"], 0.0, 0.0),
            off={head: put for (layer, head), put in (off or {}).items() if layer == index},
        )
        x = x + output
        hidden = gelu(norm(x, own["mlp_norm.weight"]) @ own["up.weight"].T)
        x = x + hidden @ own["down.weight"].T
        every.append(weights)
    return every, norm(x, state["norm.weight"]) @ state["embedding.weight"].T
