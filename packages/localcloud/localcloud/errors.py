"""The exceptions that users of the local cloud meet."""

from __future__ import annotations


class LocalCloudError(Exception):
    """The local cloud cannot start, is not running or cannot be reached: one line, with a hint."""


class NotRunningError(LocalCloudError):
    """There is no cloud in a home."""
