"""Every error of the segmentation that its user can do something about.

SegmentationError
 ├─ InvalidArgumentError
 ├─ InvalidDescriptionError
 ├─ UnknownTableError
 ├─ ConnectionUnreadableError
 ├─ SecretUnreadableError
 ├─ DriverMissingError
 ├─ DatabaseError
 │   ├─ DatabaseUnreachableError
 │   ├─ DatabaseLoginError
 │   └─ DatabasePermissionError
 ├─ TableVanishedError
 ├─ ColumnChangedError
 ├─ UnsupportedColumnError
 ├─ MissingInputError
 ├─ TooManyRemovedError
 ├─ InconsistentCountError
 ├─ ConcurrentRunError
 ├─ TargetChangedError
 ├─ DuplicateKeyError
 └─ TablesFailedError
"""


class SegmentationError(Exception):
    """Ends the job run with a message of one line: what is wrong, with which value, and a hint."""


class InvalidArgumentError(SegmentationError):
    """A job argument has a value that the job cannot work with."""


class InvalidDescriptionError(SegmentationError):
    """A file of `tables` contradicts itself."""


class UnknownTableError(SegmentationError):
    """No file of `tables` has the name that was asked for."""


class ConnectionUnreadableError(SegmentationError):
    """Glue does not say what the connection is, or it is none to a PostgreSQL with a secret."""


class SecretUnreadableError(SegmentationError):
    """The job's role may not read the secret, or the secret holds no user and password."""


class DriverMissingError(SegmentationError):
    """The class path of the job has no PostgreSQL driver."""


class DatabaseError(SegmentationError):
    """The database refused a statement; `state` is its five-character SQLSTATE."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


class DatabaseUnreachableError(DatabaseError):
    """Nobody answers at the address of the connection, or not for long enough."""


class DatabaseLoginError(DatabaseError):
    """The database refuses the user or the password of the secret."""


class DatabasePermissionError(DatabaseError):
    """The role of the secret lacks a right."""


class TableVanishedError(SegmentationError):
    """A described table is not in the database."""


class ColumnChangedError(SegmentationError):
    """A column is gone or has another type than the lake has; nothing was published."""


class UnsupportedColumnError(SegmentationError):
    """A column has a type that the lake cannot keep."""


class MissingInputError(SegmentationError):
    """A table that a step reads is not in the lake, or lacks a column."""


class TooManyRemovedError(SegmentationError):
    """More rows than the description allows would leave the table; nothing was published."""


class InconsistentCountError(SegmentationError):
    """Two counts that must be equal are not; nothing was published."""


class ConcurrentRunError(SegmentationError):
    """Another run has the table, or has published since this one began."""


class TargetChangedError(SegmentationError):
    """The target of the write-back has other columns than the job writes."""


class DuplicateKeyError(SegmentationError):
    """Two rows to write back have one key; nothing was written."""


class TablesFailedError(SegmentationError):
    """Several tables of a job run failed; each has a run record that says why."""
