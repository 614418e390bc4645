"""From a config.json, the catalog or a GGUF header to a shape.

wrappers.py    the decoder inside a config;  fields.py  its fields, by any of their names
families/      what single model types mean beyond their fields: one file a family
patterns.py    the type of each layer;  heads.py, states.py, cross.py  what a layer keeps
layers.py      types -> layers;  sharing.py  those that read another's cache
compressed.py  DeepSeek-V4's layers;  loops.py  layers passed again;  encoders.py  no cache
mixture.py     experts;  parameters.py  an estimate of the parameters
config_json.py a config.json -> shape;  catalog.py  known models;  gguf/  a file's header
"""
