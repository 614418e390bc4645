"""Sizes that engines printed in public logs, as shapes and workloads: ``engine_cases.json``.

Each case gives the layers that the log (or its model) has, how the engine was set up, what it
printed to the last digit, and where. Cases whose id begins with ``more`` were found besides.
"""

import json
from pathlib import Path

from attention.kv.engines import ENGINES
from attention.kv.layer import Layer, LayerKind, State
from attention.kv.shape import ModelShape

CASES = json.loads((Path(__file__).parent / "engine_cases.json").read_text(encoding="utf-8"))


def of_engine(name):
    """The cases of one engine, for ``parametrize``."""
    return [case for case in CASES if case["engine"] == name]


def shape_of(case):
    layers = [layer for row in case["layers"] for layer in _layers(row)]
    return ModelShape(
        name=case["model"],
        model_type=case.get("model_type", ""),
        layers=tuple(layers),
        n_heads=0,
    )


def workload_of(case):
    # vLLM V0 is another version of the engine, with the same settings.
    engine = ENGINES[case["engine"].removesuffix(" v0")]
    return engine.workload(**case["workload"])


def _layers(row):
    fields = {name: value for name, value in row.items() if name not in ("count", "kind")}
    kind = LayerKind(row["kind"])
    if "n_kv_heads" in fields:
        fields["n_heads"] = fields["n_kv_heads"]  # no log of a cache says it, and nothing needs it
    states = fields.pop("states", ())
    made = tuple(State(**{**state, "shape": tuple(state["shape"])}) for state in states)
    return [Layer(kind=kind, states=made, **fields)] * row["count"]
