"""What pruning refuses."""

from attention.errors import HeadcountError


class PruningError(HeadcountError):
    """Heads that cannot be ranked so, or a share that is none. The message says what would do."""
