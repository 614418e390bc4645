"""From a ``config.json`` to a shape, one file for each kind of thing that a layer keeps."""
