"""What each extra of ``pip install 'headcount[...]'`` brings, and the sentence where it is missing.

The cache arithmetic needs nothing but Python; models and the page do.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from attention.errors import HeadcountError

# By the name that is imported; a test compares them with pyproject.toml.
EXTRAS = {
    "models": (
        *("torch", "tokenizers", "safetensors", "transformers", "huggingface_hub", "gguf"),
        *("accelerate", "platformdirs", "filelock", "numpy", "PIL", "regex", "joblib"),
        *("py_mini_racer", "resvg_py"),
    ),
    "app": ("streamlit", "plotly", "pandas", "segno"),
}


class ExtraError(HeadcountError, ImportError):
    """A package that is not installed. The message says how to get it."""


@contextmanager
def named_if_missing() -> Iterator[None]:
    """Inside, a package of an extra that cannot be found is an error of one sentence.

    Raises:
        ExtraError: such a package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = next((extra for extra, held in EXTRAS.items() if package in held), None)
        if extra is None:
            raise
        raise ExtraError(
            "this needs {package}: pip install 'headcount[{extra}]'", package=package, extra=extra
        ) from None
