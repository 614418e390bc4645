"""A model that belongs to someone else, given back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from transformers import PreTrainedConfig, PreTrainedModel


@contextmanager
def as_found(model: PreTrainedModel) -> Iterator[None]:
    """In eval mode inside; its attention and its mode are afterwards what they were before."""
    found = _implementations(model.config)
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        model.set_attn_implementation(found)
        for module, was in training:
            module.training = was


def _implementations(config: PreTrainedConfig) -> dict:
    """A config's attention implementations, in the form that ``set_attn_implementation`` takes."""
    own = {} if config._attn_implementation is None else {"": config._attn_implementation}
    for key in config.sub_configs:
        below = getattr(config, key, None)
        if below is not None and (found := _implementations(below)):
            own[key] = found
    return own
