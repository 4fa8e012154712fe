"""The objects of the source as judged rows: each is read once, whatever its format and header."""

from __future__ import annotations

import re
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import CSV, Column, DataSet
from ingestion.errors import ConcurrentRunError, SchemaChangedError, UnreadableObjectError
from ingestion.read import rows, schema_change
from ingestion.read.exact import DOUBTFUL
from ingestion.read.fields import Header, known
from ingestion.read.quotes import MALFORMED_CSV
from ingestion.read.scan import Scan
from ingestion.read.undescribed import lost
from ingestion.state.archive import Archive
from ingestion.state.storage import Prefix, Storage

HEADER_BYTES = 65_536
FEW_BYTES = 16_000_000  # so few are read twice in less time than the reading by digits is planned
LOOKED_AT_BYTES = 64_000_000  # listing the fields of a line is parsing it once more
THREADS = 8
NO_NAME = "a column without a name"


@dataclass(frozen=True)
class Reading:
    """What a read has found: the judged rows, cached (None if nothing was read), and their counts.

    `dataset` has undescribed fields that were found as columns; `lost` are those that no column can hold.
    """

    judged: DataFrame | None
    scan: Scan
    dataset: DataSet
    lost: tuple[str, ...] = ()


class SourceReader:
    """Reads objects by their keys at the source: there, or their copies in the archive."""

    def __init__(
        self, spark: SparkSession, storage: Storage, source: Prefix, archive: Archive | None = None
    ) -> None:
        self._spark = spark
        self._storage = storage
        self._source = source
        self._archive = archive
        self._bucket = archive.folder.bucket if archive else source.bucket
        self._headers: dict[str, Header] = {}
        self._every = 1
        self._by_digits = True

    def expect(self, size: int) -> None:
        """Say how many bytes will be read: of many, only some lines are searched for undescribed fields.

        Few are read by Spark's own rules first, and again by the digits of their numbers only if that may
        make a difference: to plan the reading by digits takes longer than to read them.
        """
        self._every = max(1, size // LOOKED_AT_BYTES)
        self._by_digits = size > FEW_BYTES

    def undescribed(self, keys: Iterable[str], dataset: DataSet) -> frozenset[str]:
        """Fields of CSV headers that the data set does not describe; for JSON only a read finds them.

        Raises SchemaChangedError.
        """
        if dataset.source.format != CSV:
            return frozenset()
        headers = self._headers_of(list(keys), dataset).items()
        found = [schema_change.check_header(key, header, dataset) for key, header in headers]
        return frozenset().union(*found)

    def scanned(
        self,
        keys: list[str],
        dataset: DataSet,
        areas: Collection[str],
        whole: bool,
        malformed: frozenset[str] = frozenset(),
    ) -> Reading:
        """Read the objects once, or again if they have fields that were not known, numbers that may have been
        altered, or lines that are no CSV.

        `whole` says that they are all objects of the source. In `malformed` ones, texts over several lines
        are looked for.

        Raises SchemaChangedError, UnreadableObjectError and ConcurrentRunError.
        """
        if not keys:
            return Reading(None, Scan(), dataset)
        judged, scan = self._counted(keys, dataset, areas, malformed, whole)
        if whole and not scan.objects <= set(keys):  # one came after the source was listed
            return self._forgetful().scanned(keys, dataset, areas, False, malformed)
        is_doubtful, broken = scan.rejected_as(DOUBTFUL), scan.rejected_as(MALFORMED_CSV)
        if is_doubtful or not broken <= malformed:
            self._by_digits |= bool(is_doubtful)
            return self._forgetful().scanned(keys, dataset, areas, whole, malformed | broken)
        schema_change.check_objects(scan, judged, dataset)
        unknown = scan.unknown_of_objects()
        schema_change.check_fields(unknown, judged, dataset)
        names = frozenset().union(*unknown.values())
        if added := schema_change.added_columns(names, dataset):
            return self._forgetful().scanned(keys, with_added(dataset, added), areas, whole, malformed)
        of_headers = {f"{name} in {key}" for key in keys for name in _lost_columns(self._names_of(key))}
        return Reading(judged, scan, dataset, (*lost(names, dataset.source.format), *sorted(of_headers)))

    def _forgetful(self) -> SourceReader:
        """Itself, without what is kept of the time before."""
        self._spark.catalog.clearCache()
        return self

    def _counted(
        self,
        keys: list[str],
        dataset: DataSet,
        areas: Collection[str],
        malformed: Collection[str],
        whole: bool,
    ) -> tuple[DataFrame, Scan]:
        try:
            judged = _kept(self.judged(keys, dataset, areas, malformed, self._by_digits, whole))
            return judged, Scan.of(judged)
        except (AnalysisException, Py4JJavaError) as error:
            self._blame(keys, error)
            raise

    def judged(
        self,
        keys: list[str],
        dataset: DataSet,
        areas: Collection[str],
        malformed: Collection[str] = (),
        by_digits: bool = True,
        whole: bool = False,
    ) -> DataFrame:
        """All lines of the objects, each with its OUTCOME. A CSV that may be `malformed` is read in order."""
        frames = []
        for header, texts_over_lines, lines in self._lines(keys, dataset, malformed, whole):
            parsed = rows.parse(lines, dataset, header, self._every, by_digits)
            if texts_over_lines:
                parsed = rows.without_texts_over_lines(parsed, dataset)
            frames.append(rows.judge(parsed, dataset, areas, header))
        return reduce(DataFrame.unionByName, frames)

    def _lines(
        self, keys: list[str], dataset: DataSet, malformed: Collection[str], whole: bool
    ) -> Iterator[tuple[Header | None, bool, DataFrame]]:
        """The lines of the objects, grouped by their header and whether they are among the `malformed`."""
        if dataset.source.format != CSV:
            yield None, False, self._folder() if whole and not self._archive else self._text(keys)
            return
        grouped: dict[tuple[Header, bool], list[str]] = {}
        for key, header in self._headers_of(keys, dataset).items():
            grouped.setdefault((header, key in malformed), []).append(key)
        for (header, is_malformed), members in grouped.items():
            yield header, is_malformed, self._text(members)

    def _folder(self) -> DataFrame:
        """The lines of all objects: one listing of the folder instead of a look at each of thousands.

        Those of an object that has just come are among them. `scanned` finds that by the counts: to look at
        the name in every line takes longer.
        """
        return rows.lines(self._spark.read.option("recursiveFileLookup", "true").text(str(self._source)))

    def _text(self, keys: Iterable[str]) -> DataFrame:
        paths = [f"s3://{self._bucket}/{_without_globs(self._placed(key))}" for key in keys]
        moved = (self._archive.folder.key, self._source.key) if self._archive else None
        return rows.lines(self._spark.read.text(paths), moved)

    def _blame(self, keys: Iterable[str], error: Exception) -> None:
        """Raise an error that names the object, if one object is the reason why Spark could not read."""
        if re.search("FileNotFoundException|PATH_NOT_FOUND", str(error)):
            raise ConcurrentRunError(
                f"{self._source}: an object has gone since the source was listed; run again"
            ) from error
        for key in keys:
            if key.endswith(".gz") and (damage := self._storage.damage(self._bucket, self._placed(key))):
                raise _damaged(key, damage) from error

    def _names_of(self, key: str) -> tuple[str, ...]:
        """The names in the header of a CSV."""
        return self._headers[key].names if key in self._headers else ()

    def _placed(self, key: str) -> str:
        return self._archive.placed(key) if self._archive else key

    def _headers_of(self, keys: list[str], dataset: DataSet) -> dict[str, Header]:
        missing = [key for key in keys if key not in self._headers]
        with ThreadPoolExecutor(THREADS) as pool:
            found = pool.map(lambda key: self._header(key, dataset.source.delimiter), missing)
            self._headers.update(zip(missing, found, strict=True))
        return {key: self._headers[key] for key in keys}

    def _header(self, key: str, delimiter: str) -> Header:
        start = self._storage.read_start(self._bucket, self._placed(key), HEADER_BYTES)
        if key.endswith(".gz"):
            try:
                start = zlib.decompressobj(wbits=31).decompress(start)
            except zlib.error as error:
                raise _damaged(key, str(error)) from error
        lines = re.split(rb"\r\n|\n|\r", start.removeprefix(BOM_UTF8))
        found = next((one for one in lines if one.strip()), b"")
        try:
            line = found.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SchemaChangedError(
                f"{key}: its header is not UTF-8: {found[:40]!r}; have it published as UTF-8 or remove it, "
                "nothing was published"
            ) from error
        if not line or len(line) >= HEADER_BYTES:
            raise SchemaChangedError(f"{key}: its first {HEADER_BYTES} bytes hold no header line; correct it")
        return Header.parse(line, delimiter)


def _lost_columns(names: tuple[str, ...]) -> Iterator[str]:
    """The columns of a CSV that cannot be kept, for they have no name or share it."""
    for name, count in Counter(names).items():
        if not name:
            yield NO_NAME
        elif count > 1:
            yield f"{name}, {count} times"


def _damaged(key: str, damage: str) -> UnreadableObjectError:
    return UnreadableObjectError(
        f"{key}: is not a whole gzip object: {damage}; have it published again or remove it, nothing was "
        "published"
    )


def _kept(judged: DataFrame) -> DataFrame:
    """Cached as one column of whole rows: cheaper to write and read than 20 columns."""
    row = judged.select(F.struct("*").alias("row")).persist(StorageLevel.MEMORY_AND_DISK)
    return row.select("row.*")


def with_added(dataset: DataSet, names: Iterable[str]) -> DataSet:
    """The data set with undescribed fields as columns of text."""
    new = [Column(name, "string") for name in names if name not in known(dataset)]
    return replace(dataset, columns=(*dataset.columns, *new)) if new else dataset


def _without_globs(key: str) -> str:
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", key)
