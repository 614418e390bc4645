"""Loading a language model: by a short name, from a folder, from the Hub, or one in memory."""

from functools import partial
from pathlib import Path
from typing import Any, cast

from transformers import (
    BaseImageProcessor,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    ProcessorMixin,
)

from attention.devices import DeviceError
from attention.errors import sentence_of
from attention.models.huggingface import reader, towers
from attention.models.huggingface.adapter import (
    adapter_of,
    read_adapter,
    read_matrices,
    switched_off,
    under_adapter,
)
from attention.models.huggingface.anatomy import n_embedded
from attention.models.huggingface.encoder_decoder import EncoderDecoder
from attention.models.huggingface.errors import BypassError, CheckpointError, one_line
from attention.models.huggingface.folder import (
    check_weights,
    find_folder,
    is_adapter,
    is_hub_id,
    looks_like_path,
    read_config,
)
from attention.models.huggingface.foreign import refuse_foreign_code
from attention.models.huggingface.lora import with_lora
from attention.models.huggingface.model import LanguageModel
from attention.models.huggingface.placement import place
from attention.models.huggingface.quiet import quiet
from attention.models.huggingface.stacks import is_pair
from attention.models.huggingface.text_part import text_part
from attention.models.huggingface.towers import Readers
from attention.models.huggingface.vision import VisionModel
from attention.models.huggingface.vocabulary import own_tokenizer
from attention.models.huggingface.weights_only import WeightsOnly
from attention.models.store import inventory
from attention.models.store.hub import download
from attention.models.store.names import NAMED

__all__ = ["CheckpointError", "load", "wrap"]


def load(name_or_path: str, *, device: str = "auto", dtype: str = "auto") -> LanguageModel:
    """A language model, ready to be asked.

    Args:
        name_or_path: a short name of the catalog ("smollm2"), a folder, or a Hub id
            ("Qwen/Qwen3-0.6B"). A folder that exists comes before a Hub id of the same spelling.
            Where that holds an adapter, it is put onto its base, which is loaded as well.
        device: "auto" takes CUDA, MPS or the CPU, whichever is there first; a model too large for
            it is spread over every device, the CPU's memory and the disk.
        dtype: "auto" is half precision on a GPU (the checkpoint's own kind, if it has one) and
            float32 on the CPU; or "float32", "float16", "bfloat16".

    Raises:
        CheckpointError: the model cannot be had, must not be loaded (pickled weights, code of its
            own) or cannot be shown as it is. The message says why in a sentence.
        DeviceError: there is no such device or number format.
    """
    folder, title, source = _resolve(name_or_path)
    make = _with_base if is_adapter(folder) else _load
    found = make(folder, device, dtype, title=title, source=source)
    found.again = partial(load, name_or_path, device=device, dtype=dtype)
    return found


def _load(folder: Path, device: str, dtype: str, *, title: str, source: str) -> LanguageModel:
    config = read_config(folder / "config.json")
    refuse_foreign_code(config)
    placement = place(check_weights(folder), device, dtype)
    with quiet():
        try:
            model, readers = reader.read(folder, config, placement)
        except (CheckpointError, DeviceError):
            raise
        except Exception as error:  # a foreign file can fail in any way, and gets a sentence
            raise CheckpointError(
                "{title} cannot be loaded: {error}", title=title, error=one_line(error)
            ) from error
        return _as_language_model(model, readers, title=title, source=source)


def _with_base(folder: Path, device: str, dtype: str, *, title: str, source: str) -> LanguageModel:
    """An adapter on its base, with a tokenizer of its own where that fits, else the base's."""
    adapter, matrices = read_adapter(folder), read_matrices(folder)
    try:
        below, base_title, base_source = _resolve(adapter.base)
        if is_adapter(below):
            raise CheckpointError("It is an adapter as well.")
        base = _load(below, device, dtype, title=base_title, source=base_source)
    except CheckpointError as error:
        raise CheckpointError(
            "{title} is an adapter for {base} (base_model_name_or_path in adapter_config.json), "
            "which cannot be had: {error}",
            title=title,
            base=adapter.base[:120],
            error=sentence_of(error),
        ) from error
    base.again = partial(load, adapter.base, device=device, dtype=dtype)
    with quiet():
        model = with_lora(base.model, adapter, matrices)
        tokenizer = own_tokenizer(folder, n_embedded(model), reader.LOCAL) or base.tokenizer
        found = _as_language_model(model, Readers(tokenizer=tokenizer), title=title, source=source)
    found.adapter, found.base = adapter, base
    return found


def wrap(
    model: PreTrainedModel,
    reader: PreTrainedTokenizerBase | BaseImageProcessor | ProcessorMixin | None,
    *,
    title: str | None = None,
) -> LanguageModel:
    """A model that is in memory already, as in a notebook. It stays its owner's.

    Our attention is put in only while we let something through it; its mode and attention are put
    back.

    Args:
        reader: its tokenizer; of a model that reads pictures its image processor, or what holds
            both.

    Raises:
        CheckpointError: it is none of transformers' models, or cannot be shown as it is.
    """
    named = title or Path(str(getattr(model, "name_or_path", ""))).name
    above, model = model, under_adapter(model)
    if not isinstance(model, PreTrainedModel):
        raise CheckpointError(
            "{name} is no model of transformers: give one that from_pretrained returned.",
            name=type(model).__name__,
        )
    readers = towers.readers_of(reader)
    towers.require_readers(model, readers, reader)
    named = named or Path(str(model.name_or_path)).name or type(model).__name__
    with quiet():
        found = _as_language_model(model, readers, title=named, source="memory", borrowed=True)
    if above is model:
        return found
    return found.switched(adapter_of(above), partial(switched_off, above))


def _resolve(name: str) -> tuple[Path, str, str]:
    """(folder, title, source) of what a name means."""
    if name in NAMED:
        try:
            return inventory.path(name), NAMED[name].title, name
        except inventory.StoreError as error:
            raise CheckpointError(sentence_of(error)) from None
    if looks_like_path(name) or not is_hub_id(name) or Path(name).is_dir():
        folder = find_folder(name)
        return folder, folder.name, str(folder)
    return download(name), name.rsplit("/", 1)[-1], name


def _as_language_model(
    model: PreTrainedModel,
    readers: Readers,
    *,
    title: str,
    source: str,
    borrowed: bool = False,
) -> LanguageModel:
    """Its tower for texts, with that for pictures beside it; or the one of them that it has."""
    given: dict[str, Any] = {"title": title, "source": source, "borrowed": borrowed}
    pictures, texts = towers.split(model)
    try:
        vision = None
        if pictures is not None and readers.image_processor is not None:
            vision = VisionModel(pictures, readers.image_processor, **given)
        if vision is not None and (texts is None or readers.tokenizer is None):
            return vision
        texts = cast(PreTrainedModel, texts)  # what reads neither, towers have refused
        found = _shown(texts, cast(PreTrainedTokenizerBase, readers.tokenizer), **given)
        found.tower = vision
        return found
    except CheckpointError:
        raise
    except Exception as error:  # code of any architecture, with any config
        try:
            if readers.tokenizer is not None and (part := text_part(model)) is not None:
                return _shown(part, readers.tokenizer, **given)
        except Exception:  # what failed first says more
            pass
        raise CheckpointError(
            "{name} does not run here: {error}", name=type(model).__name__, error=one_line(error)
        ) from error


def _shown(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, **given: Any
) -> LanguageModel:
    """Whole where its attention is seen, else its weights alone."""
    kind = EncoderDecoder if is_pair(model) else LanguageModel
    try:
        return kind(model, tokenizer, **given)
    except BypassError as refused:
        return _weights_only(model, tokenizer, refused, **given)


def _weights_only(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, refused: BypassError, **given: Any
) -> WeightsOnly:
    """What can be shown of a model whose attention was not seen; raises ``refused`` if nothing."""
    try:
        return WeightsOnly(model, tokenizer, **given)
    except BypassError:
        raise refused from None
