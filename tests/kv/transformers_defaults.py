"""The defaults of transformers' config classes, as ``assets/config_defaults.json`` keeps them.

``python -m tests.kv.transformers_defaults`` writes the file anew after an update of transformers.
"""

import dataclasses
import json

from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention.kv.read.defaults import TABLE
from attention.kv.read.names import every_name

FAMILIES = (
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES",
    "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES",
)


def model_types():
    """Every model type with a decoder that transformers knows, in order."""
    names = set()
    for family in FAMILIES:
        names |= set(getattr(modeling_auto, family, {}))
    return sorted(names & set(CONFIG_MAPPING.keys()))


def compute():
    """The table: defaults of each decoder's class, and the decoder's type of each wrapper."""
    defaults, text_types, own = {}, {}, {}
    for model_type in model_types():
        try:
            decoder = CONFIG_MAPPING[model_type]().get_text_config(decoder=True)
        except Exception:  # classes that cannot be made without arguments have no defaults
            continue
        if decoder.model_type != model_type:
            text_types[model_type] = decoder.model_type
            if changed := wrapper_defaults(model_type, type(decoder)):
                own[model_type] = changed
        defaults[decoder.model_type] = class_defaults(type(decoder))
    return {
        "defaults": dict(sorted(defaults.items())),
        "text_types": text_types,
        "wrapper_defaults": own,
    }


def wrapper_defaults(model_type, config_class):
    """What a wrapper takes for its decoder's absent fields, where its class would not."""
    fields = class_defaults(config_class).keys()
    try:
        wrapped = CONFIG_MAPPING[model_type](text_config={"model_type": config_class.model_type})
    except Exception:  # it wants more in its text_config
        return {}
    wrapped, plain = wrapped.get_text_config(decoder=True), config_class().to_dict()
    if not isinstance(wrapped, config_class):  # it has no text_config, but a decoder or the like
        return {}
    wrapped = wrapped.to_dict()
    return {
        name: wrapped[name]
        for name in sorted(every_name() & wrapped.keys())
        if wrapped[name] != plain.get(name) and (name in fields or wrapped[name] is not None)
    }


def class_defaults(config_class):
    """The fields that decide a cache, with what the class takes where they are absent."""
    found = {}
    names = every_name()
    nested = {name.split(".")[0] for name in names if "." in name}
    for field in dataclasses.fields(config_class):
        value = field.default
        if field.name in names and is_plain(value):
            found[field.name] = list(value) if isinstance(value, tuple) else value
        if field.name in nested and field.name in getattr(config_class, "sub_configs", {}):
            inner = class_defaults(config_class.sub_configs[field.name])
            found |= {f"{field.name}.{key}": value for key, value in inner.items()}
    return {name: value for name, value in found.items() if name in names}


def is_plain(value):
    return isinstance(value, int | str | bool) or (isinstance(value, tuple) and len(value) < 9)


def write():
    table = compute()
    rows = [f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in table["defaults"].items()]
    parts = ['"defaults": {\n' + ",\n".join(rows) + "\n}"]
    parts += [f'"{name}": {json.dumps(table[name])}' for name in ("text_types", "wrapper_defaults")]
    TABLE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
