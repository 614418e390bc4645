"""An atlas made by hand, of a layout with two layers of four heads and two KV heads."""

from app.explore.offer import ModelFacts
from app.heads.settings import HeadsSettings
from attention.atlas.heads import Atlas, Head, Measured
from attention.config import AttentionConfig
from attention.models.roles import Role

CONFIG = AttentionConfig(d_model=32, n_heads=4, n_kv_heads=2)
FACTS = ModelFacts(
    name="hand/made",
    title="Hand <made>",
    configs=(CONFIG, CONFIG),
    windows=(None, None),
    default_layer=0,
    causal=True,
    predicts=True,
    pairs=False,
    generates=True,
)
SETTINGS = HeadsSettings(n_heads=8, n_kv_heads=2, lang="en", model="hand/made", layer=0, head=1)


def measured(value: float, chance: float = 0.1, spread: float | None = 0.01) -> Measured:
    return Measured(value, spread, chance, 0.12, 75)


def head(previous: float, induction: float, role: str, *, agrees: bool | None = True) -> Head:
    score = max(previous, induction)
    scores = {
        "previous": measured(previous),
        "induction": measured(induction, 0.03),
        "subject_en": measured(0.5, 0.56),
        "copying": measured(-0.001, 0.0, None),
    }
    ordinary = Role(role if agrees else "first", 0.5, 20)
    return Head(
        Role(role, score, 75), ordinary, agrees, scores, {"previous": measured(previous / 2)}
    )


ATLAS = Atlas(
    model="Hand <made>",
    source="",
    seed=0,
    seeds=3,
    heads=(
        (
            head(0.9, 0.0, "previous"),
            head(0.7, 0.1, "previous", agrees=False),
            head(0.1, 0.2, "mixed"),
            head(0.1, 0.1, "mixed", agrees=None),
        ),
        (
            head(0.0, 0.95, "induction", agrees=False),
            head(0.1, 0.6, "induction"),
            head(0.2, 0.1, "mixed"),
            head(0.1, 0.3, "mixed"),
        ),
    ),
    strongest={"previous": 0.2, "induction": 0.05, "subject_en": 0.4, "copying": 0.06},
    missing={"next": "The model sees no later token."},
)
