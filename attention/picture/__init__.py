"""The attention picture: a scene encoded by :mod:`.payload`, drawn by the scripts beside it."""
