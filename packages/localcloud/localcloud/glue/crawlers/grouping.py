"""Which files make one table: AWS Glue's grouping of a folder tree into tables and partitions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from localcloud.glue.catalog.partition_paths import unescape
from localcloud.glue.catalog.types import STRING, merge
from localcloud.glue.crawlers.schema import Columns, DataFile, merge_columns

SIMILARITY = 0.7
"""The share of equal columns above which AWS Glue calls two schemas similar."""


@dataclass
class Folder:
    """A folder of the tree, or the virtual root above the include path."""

    files: list[DataFile] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    def descend(self, names: Iterable[str]) -> Folder:
        folder = self
        for name in names:
            folder = folder.folders.setdefault(name, Folder())
        return folder


@dataclass
class CrawledTable:
    """Files that make one table: `root` is the key of a folder (empty, or ending with a slash) or of a file.

    `partitions` maps the folder names between the root and the files to those files; a table
    without partitions has the one entry `()`.
    """

    root: str
    partitions: dict[tuple[str, ...], list[DataFile]]

    @property
    def files(self) -> list[DataFile]:
        return [file for files in self.partitions.values() for file in files]

    @property
    def depth(self) -> int:
        return len(next(iter(self.partitions)))

    @property
    def columns(self) -> Columns:
        return merge_columns([file.schema.columns for file in self.files])

    @property
    def partition_keys(self) -> list[str]:
        """Hive's names for `name=value` folders, `partition_<n>` for plain ones."""
        sample = next(iter(self.partitions))
        names = [key_name(folder) or f"partition_{index}" for index, folder in enumerate(sample)]
        return [name.lower() for name in names]

    def partition_values(self, folders: tuple[str, ...]) -> list[str]:
        """The value behind each `name=`, as it was inserted; a plain folder is a value as it is."""
        return [unescape(folder.split("=", 1)[1]) if key_name(folder) else folder for folder in folders]


def key_name(folder: str) -> str | None:
    """`month` of a folder `month=2022-12`; None for a folder that names no key."""
    match = re.match(r"([^=]+)=", folder)
    return unescape(match[1]) if match else None


def similar(left: Columns, right: Columns, evolving: bool) -> bool:
    """Whether two schemas share enough columns of compatible types.

    The measure is taken against the wider schema; between folders of one partition key
    (`evolving`) against the narrower one, so that added columns do not split a table.
    """
    types = dict(right)
    shared = sum(
        name in types and (merge(kind, types[name]) != STRING or STRING in (kind, types[name]))
        for name, kind in left
    )
    size = (min if evolving else max)(len(left), len(right))
    return shared >= SIMILARITY * size


def group_files(root: str, files: Iterable[DataFile], combine: bool) -> list[CrawledTable]:
    """The tables under the folder `root`; `combine` is the policy CombineCompatibleSchemas."""
    top = Folder()
    for file in files:
        *folders, _ = file.item.key[len(root) :].split("/")
        top.descend(folders).files.append(file)
    return _tables(root, top, combine)


def group_at_level(
    bucket_level: int, root: str, files: Iterable[DataFile], combine: bool
) -> list[CrawledTable]:
    """The tables of TableLevelConfiguration: one per folder of that absolute level (the bucket is 1)."""
    groups: dict[str, list[DataFile]] = {}
    for file in files:
        parts = file.item.key.split("/")[:-1]
        folder = "".join(part + "/" for part in parts[: bucket_level - 1])
        groups.setdefault(folder if len(folder) >= len(root) else root, []).append(file)
    return [table for folder, group in groups.items() for table in group_files(folder, group, combine)]


def _tables(root: str, folder: Folder, combine: bool) -> list[CrawledTable]:
    below = {
        name: _tables(f"{root}{name}/", child, combine) for name, child in sorted(folder.folders.items())
    }
    here = _tables_of_files(root, folder.files, combine, alone=not below)
    if not here and (merged := _merge(root, below, combine)):
        return [merged]
    return here + [table for tables in below.values() for table in tables]


def _tables_of_files(root: str, files: list[DataFile], combine: bool, alone: bool) -> list[CrawledTable]:
    """One table of all the files of a folder; one per file when they differ or stand beside folders."""
    if not files:
        return []
    if alone and _compatible(files, [file.schema.columns for file in files], combine, evolving=True):
        return [CrawledTable(root, {(): files})]
    return [CrawledTable(file.item.key, {(): [file]}) for file in files]


def _merge(root: str, below: dict[str, list[CrawledTable]], combine: bool) -> CrawledTable | None:
    """The one table whose partitions are these folders, unless they differ in shape, format or schema."""
    tables = [tables[0] for tables in below.values() if len(tables) == 1]
    rooted = all(table.root == f"{root}{name}/" for name, (table, *_) in below.items())
    shapes = {
        (key_name(name), *(key_name(folder) for folder in next(iter(table.partitions))))
        for name, (table, *_) in below.items()
    }
    if not tables or len(tables) < len(below) or not rooted or len(shapes) > 1:
        return None
    evolving = all(key_name(name) for name in below)
    files = [file for table in tables for file in table.files]
    if not _compatible(files, [table.columns for table in tables], combine, evolving):
        return None
    return CrawledTable(
        root,
        {
            (name, *folders): files
            for name, (table, *_) in below.items()
            for folders, files in table.partitions.items()
        },
    )


def _compatible(files: list[DataFile], schemas: list[Columns], combine: bool, evolving: bool) -> bool:
    """Whether files are of one data format and, unless combined, schemas similar to the commonest one."""
    if len({file.schema.data_format for file in files}) > 1:
        return False
    if combine:
        return True
    counted = Counter(schemas)
    commonest = counted.most_common(1)[0][0]
    return all(similar(commonest, columns, evolving) for columns in counted)
