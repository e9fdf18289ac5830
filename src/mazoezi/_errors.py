"""The exceptions that mazoezi raises on purpose. Their messages are written for the reader."""


class MazoeziError(Exception):
    """Base of every error that mazoezi raises on purpose: one clear sentence, no traceback needed."""
