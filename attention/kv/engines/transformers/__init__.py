"""transformers: tensors that grow, or are made in advance."""

from attention.kv.engines.engine import Engine
from attention.kv.engines.transformers import allocate, settings

ENGINE = Engine(name="transformers", allocate=allocate.allocate, settings=settings.SETTINGS)
