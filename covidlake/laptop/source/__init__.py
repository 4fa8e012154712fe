"""Where the source objects on the laptop come from: the made sample, a folder, or the public bucket."""

from __future__ import annotations

from pathlib import Path

from covidlake.base.errors import SourceError
from covidlake.base.progress import Progress

SAMPLE = "sample"
PUBLIC = "public"


def folder_of(source: str, progress: Progress) -> Path:
    """The folder, laid out like the public bucket, that holds a source's objects.

    Raises `SourceError` when there is no such folder, no object in it, or no network for `public`.
    """
    if source in (SAMPLE, PUBLIC):
        from covidlake.base import project
        from covidlake.laptop.source.alone import alone
        from covidlake.laptop.source.public import download

        with alone(project.BUILD / "source", "prepares the source", progress):
            return _sample(progress) if source == SAMPLE else download(progress)
    from covidlake.laptop.source.objects import found_in

    folder = _folder(source)
    if not found_in(folder).files:
        raise SourceError(
            f"SOURCE={source}: the folder holds no object; lay it out like the bucket, e.g. uk_covid/json/"
        )
    return folder


def _folder(source: str) -> Path:
    try:
        folder = Path(source).expanduser().resolve()
        there = folder.is_dir()
    except (OSError, RuntimeError, ValueError):  # too long, no such user, a NUL in it
        there = False
    if not there:
        raise SourceError(
            f"SOURCE={source}: no such folder; give {SAMPLE}, {PUBLIC}, or a folder laid out like the bucket"
        )
    return folder


def _sample(progress: Progress) -> Path:
    """The generated sample, made again only when its generator has changed."""
    import hashlib
    import shutil

    from covidlake.base import project
    from covidlake.dataset import descriptions

    files = [*Path(__file__).parent.glob("*.py"), *descriptions.FOLDER.glob("*.py")]
    code = b"".join(path.read_bytes() for path in sorted(files))
    digest = hashlib.sha256(code).hexdigest()[:16]
    folder = project.BUILD / "source" / f"sample-{digest}"
    if not folder.is_dir():
        scratch = folder.with_suffix(".part")
        shutil.rmtree(scratch, ignore_errors=True)
        make_sample(scratch)
        scratch.rename(folder)
        progress(f"sample generated (made-up numbers, real shapes): {project.relative(folder)}")
    return folder


def make_sample(destination: Path) -> None:
    """Write objects of every described data set, laid out like the bucket.

    They come from a module of its own, if a data set has one, else from its description.
    """
    from covidlake.dataset import descriptions
    from covidlake.laptop.source import from_description, uk_sample

    own = {"uk_covid": uk_sample.generate}
    for name in descriptions.names():
        if name in own:
            own[name](destination)
        else:
            from_description.generate(descriptions.load(name), destination)
