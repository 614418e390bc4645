"""What is told of a language model: which heads to show first, its cache, its map. No Streamlit."""

from collections.abc import Callable

from app.explore.look import Cache
from app.explore.offer import ModelFacts
from attention import probes
from attention.config import AttentionConfig
from attention.kv.equal_layers import cache_bytes
from attention.models.huggingface.model import LanguageModel, Survey
from attention.models.store import inventory
from attention.models.store.names import NAMED
from attention.picture.scene import ModelMap
from attention.probes import HeadScores


def telling_heads(survey: Survey) -> tuple[tuple[int, ...], int]:
    """A head for each layer and a layer to open with: where a head has a clear job on a text.

    Of a layer the head with the largest induction or previous-token score; of all layers that with
    the largest induction score, or where none reaches ``probes.MOSTLY``, previous-token score.
    """

    def value(scores: HeadScores, *names: str) -> float:
        return max(getattr(scores, name) or 0.0 for name in names)

    layers = [layer.scores for layer in survey.layers]
    telling = tuple(
        max(range(len(heads)), key=lambda h, heads=heads: value(heads[h], "induction", "previous"))
        for heads in layers
    )

    def best(name: str) -> tuple[float, int]:
        top = [max(value(scores, name) for scores in heads) for heads in layers]
        return max(top), top.index(max(top))

    strength, layer = best("induction")
    return telling, layer if strength >= probes.MOSTLY else best("previous")[1]


def facts_of(name: str, model: LanguageModel, probe: str) -> ModelFacts:
    survey = model.survey(model.encode(probe)[: model.max_tokens], layer=0, head=0)
    telling, default_layer = telling_heads(survey)
    known = NAMED.get(name)
    held = inventory.held(name) if known else None
    return ModelFacts(
        name=name,
        title=model.title,
        architecture=model.architecture,
        source=(held.source if held else None) or model.source,
        weights=(held.weights if held else None) or "",
        licence=known.licence if known else "",
        device=model.device,
        number_format=model.number_format,
        configs=model.configs,
        windows=model.windows,
        telling=telling,
        default_layer=default_layer,
        causal=model.causal,
        predicts=model.predicts,
        max_tokens=model.max_tokens,
    )


def cache_of(model: LanguageModel, measured: int | None, n_tokens: int) -> Cache | None:
    """What was measured, the formula, and the same text with MHA and MQA; None without a cache."""
    if measured is None:
        return None
    number_bytes = model.model.dtype.itemsize

    def size(heads_of: Callable[[AttentionConfig], int]) -> int:
        """With other KV heads than there are, and everything else as it is."""
        kept = (n_tokens if w is None else min(n_tokens, w - 1) for w in model.windows)
        layers = zip(model.configs, kept, strict=True)
        return sum(
            int(
                cache_bytes(
                    n_kv_heads=heads_of(config),
                    head_dim=config.head_dim,
                    tokens=n,
                    number_bytes=number_bytes,
                )
            )
            for config, n in layers
        )

    formula = model.cache_formula(n_tokens)
    config = model.configs[0]
    product = cache_bytes(
        n_layers=model.n_layers,
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        tokens=n_tokens,
        number_bytes=number_bytes,
    )
    return Cache(
        measured=measured,
        formula=formula,
        number_bytes=number_bytes,
        mha=size(lambda config: config.n_heads),
        mqa=size(lambda config: 1),
        product=formula == product,
    )


def map_of(survey: Survey) -> ModelMap:
    def values(name: str) -> list[list[float | None]]:
        return [[getattr(scores, name) for scores in layer.scores] for layer in survey.layers]

    return ModelMap(
        entropy=values("spread"),
        distance=[layer.distance.tolist() for layer in survey.layers],
        first=values("first"),
        previous=values("previous"),
    )
