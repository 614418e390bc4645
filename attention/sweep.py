"""The same work for many models or seeds, beside each other: on this machine or on a cluster."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed

Item = TypeVar("Item")
Result = TypeVar("Result")


def sweep(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int | None = None
) -> Iterator[Result]:
    """What the work makes of each item, in their order, each as soon as it and those before are.

    Where it runs is what joblib is told (``joblib.parallel_config``): without that in this process
    or in ``jobs`` processes of this machine; with ``backend="dask"`` or Ray's, on a cluster. What
    work and items hold travels there: a layout with its weights, a language model by its name, by
    which each process loads it.

    >>> list(sweep(abs, [-1, 2]))
    [1, 2]

    Args:
        jobs: at a time; None for as many as joblib was told, which is one where nobody did.
    """
    found: Any = Parallel(n_jobs=jobs, return_as="generator")(delayed(work)(item) for item in items)
    return found
