"""What an engine's log would print of its cache on the devices that are asked about."""

from attention.kv import engines
from attention.kv.allocation import AllocationError
from attention.kv.fit.budget import Deployment
from attention.kv.fit.total import fits


def predicted_log(asked: Deployment) -> tuple[str, ...]:
    """The lines, with all memory for the cache that weights and overhead leave; none of an engine
    whose log is not known here. Raises as :func:`~attention.kv.fit.total.fits`."""
    predict = engines.ENGINES[engines.find(asked.engine)].predict_log
    if predict is None:
        return ()
    fit = fits(asked)
    others = sum(term.n_bytes for term in fit.terms if term.name != "cache")
    try:
        return predict(asked.shape, fit.workload, int(fit.budget.usable_bytes - others))
    except AllocationError:  # fits() counted it: no line then says more
        return ()
