"""Every error of the ingestion that its user can do something about.

IngestionError
 ├─ InvalidArgumentError
 ├─ InvalidDescriptionError
 ├─ UnknownDataSetError
 ├─ SourceNotFoundError
 ├─ UnreadablePrefixError
 ├─ UnreadableStateError
 ├─ UnreadableObjectError
 ├─ ConcurrentRunError
 ├─ SchemaChangedError
 ├─ TooManyRejectedError
 ├─ RuleBrokenError
 ├─ EmptyTableError
 └─ InconsistentCountError
"""


class IngestionError(Exception):
    """Ends the job run with a message of one line: what, which value, and the cure."""


class InvalidArgumentError(IngestionError):
    """A job argument has a value that the job cannot work with."""


class InvalidDescriptionError(IngestionError):
    """A file of `datasets` contradicts itself."""


class UnknownDataSetError(IngestionError):
    """No file of `datasets` has the name that was asked for."""


class SourceNotFoundError(IngestionError):
    """The source has no object at all under the prefix of the data set."""


class UnreadablePrefixError(IngestionError):
    """S3 does not list a prefix: there is no such bucket, or the job's role may not."""


class UnreadableStateError(IngestionError):
    """A state object of the lake is not the JSON that this release writes."""


class UnreadableObjectError(IngestionError):
    """An object of the source is damaged: not the gzip that its name says; nothing was published."""


class ConcurrentRunError(IngestionError):
    """Another run of the data set has published since this one began; what both touched is rebuilt next."""


class SchemaChangedError(IngestionError):
    """An object is not what the description says of it; nothing was published."""


class TooManyRejectedError(IngestionError):
    """More rows than the data set's share were rejected; nothing was published."""


class RuleBrokenError(IngestionError):
    """A rule of severity `fail` is broken; nothing was published."""


class EmptyTableError(IngestionError):
    """The run would have left the table without rows; the last good data stay published."""


class InconsistentCountError(IngestionError):
    """The staged files do not hold the rows that were counted on their way; nothing was published."""
