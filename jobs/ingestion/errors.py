"""Every error of the ingestion that its user can do something about.

IngestionError
 ├─ InvalidArgumentError
 ├─ InvalidDescriptionError
 ├─ UnknownDataSetError
 ├─ SourceNotFoundError
 ├─ UnreadablePrefixError
 ├─ UnreadableStateError
 ├─ UnreadableObjectError
 ├─ UnknownJobRunError
 ├─ ConcurrentRunError
 ├─ DataSetsFailedError
 ├─ SchemaChangedError
 ├─ TooManyRejectedError
 ├─ TooManyRemovedError
 ├─ RuleBrokenError
 ├─ EmptyTableError
 └─ InconsistentCountError
"""


class IngestionError(Exception):
    """Ends the job run with a message of one line: what is wrong, with which value, and a hint."""


class InvalidArgumentError(IngestionError):
    """A job argument has a value that the job cannot work with."""


class InvalidDescriptionError(IngestionError):
    """A file of `datasets` contradicts itself."""


class UnknownDataSetError(IngestionError):
    """No file of `datasets` has the name that was asked for."""


class SourceNotFoundError(IngestionError):
    """The source has no object at all under the prefix of the data set."""


class UnreadablePrefixError(IngestionError):
    """S3 does not list a prefix: the bucket does not exist, or the job's role may not list it."""


class UnreadableStateError(IngestionError):
    """A state object of the lake is not the JSON that this release writes."""


class UnreadableObjectError(IngestionError):
    """An object of the source is no gzip although named `.gz`, or has a name that Spark cannot read."""


class UnknownJobRunError(IngestionError):
    """Glue does not know the job run, so nobody could tell whether it still goes."""


class ConcurrentRunError(IngestionError):
    """Another run has the data set, or has published since this one began."""


class DataSetsFailedError(IngestionError):
    """Several data sets of a job run failed; each has a run record that says why."""


class SchemaChangedError(IngestionError):
    """An object does not fit its description; nothing was published."""


class TooManyRejectedError(IngestionError):
    """More rows than the data set's share were rejected; nothing was published."""


class TooManyRemovedError(IngestionError):
    """More rows than the data set's share would leave the table; nothing was published."""


class RuleBrokenError(IngestionError):
    """A rule of severity `fail` is broken; nothing was published."""


class EmptyTableError(IngestionError):
    """The table would have no rows; the last good data stay published."""


class InconsistentCountError(IngestionError):
    """The staged files do not hold the rows that were counted while writing; nothing was published."""
