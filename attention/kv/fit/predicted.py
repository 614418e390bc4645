"""What an engine's log would print of its cache on the devices that are asked about."""

from attention.kv import engines
from attention.kv.allocation import AllocationError
from attention.kv.engines.engine import Stage
from attention.kv.fit.budget import Deployment
from attention.kv.fit.share import shares
from attention.kv.fit.total import Fit, fits


def predicted_log(asked: Deployment) -> tuple[str, ...]:
    """The lines, with all memory for the cache that weights and overhead leave; none of an engine
    whose log is not known here. Raises as :func:`~attention.kv.fit.total.fits`."""
    predict = engines.ENGINES[engines.find(asked.engine)].predict_log
    if predict is None:
        return ()
    fit = fits(asked)
    try:
        return predict(asked.shape, fit.workload, _stages(asked, fit))
    except AllocationError:  # fits() counted it: no line then says more
        return ()


def _stages(asked: Deployment, fit: Fit) -> tuple[Stage, ...]:
    """What a device of each stage has for the cache; the overhead is the same on all."""
    found = shares(asked.shape, fit.weights, fit.allocation, fit.division, asked.engine)
    overhead = sum(term.n_bytes for term in fit.terms if term.name == "overhead")
    return tuple(
        Stage(share.layers, int(fit.budget.usable_bytes - share.weights - overhead))
        for share in found
    )
