"""Python's garbage collector, kept from walking over what stays for good."""

import gc


def settle() -> None:
    """Collect garbage now, and take everything that is left out of all later collections.

    Streamlit collects after every run, and nothing is sent meanwhile: 100 ms with torch loaded,
    350 ms with transformers, of which nearly all is modules and models that stay. Call it again
    whenever something large was loaded or let go: it begins by looking at everything once more.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
