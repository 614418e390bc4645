"""Which heads of a language model to show first, and what is told of it. No Streamlit."""

from app.explore.offer import ModelFacts
from attention.models.huggingface.model import LanguageModel
from attention.models.look import Look
from attention.models.store import inventory
from attention.models.store.names import NAMED
from attention.scores import MOSTLY, HeadScores


def telling_heads(look: Look) -> tuple[tuple[int, ...], int]:
    """A head for each layer and a layer to open with: where a head has a clear job on a text.

    Of a layer the head with the largest induction or previous-token score; of all layers that with
    the largest induction score, or where none is clear, previous-token score.
    """

    def value(scores: HeadScores, *names: str) -> float:
        return max(scores[name] or 0.0 for name in names)

    layers = [layer.scores for layer in look.layers]
    jobs = [[value(scores, "induction", "previous") for scores in heads] for heads in layers]
    telling = tuple(values.index(max(values)) for values in jobs)

    def best(name: str) -> tuple[float, int]:
        top = [max(value(scores, name) for scores in heads) for heads in layers]
        return max(top), top.index(max(top))

    strength, layer = best("induction")
    return telling, layer if strength >= MOSTLY else best("previous")[1]


def facts_of(name: str, model: LanguageModel, probe: str) -> ModelFacts:
    """What is told of a model.

    Args:
        probe: a text with words that come again; the telling heads are taken on it.
    """
    telling, default_layer = telling_heads(model.look(model.encode(probe)[: model.max_tokens]))
    known = NAMED.get(name)
    held = inventory.held(name) if known else None
    return ModelFacts(
        name=name,
        title=model.title,
        source=(held.source if held else None) or model.source,
        weights=(held.weights if held else None) or "",
        licence=known.licence if known else "",
        configs=model.configs,
        windows=model.windows,
        telling=telling,
        default_layer=default_layer,
        causal=model.causal,
        predicts=model.predicts,
        generates=model.predicts,
    )
