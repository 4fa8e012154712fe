"""`python -m localcloud.glue.jobs.warm`: make the class-data archive now instead of never."""

from __future__ import annotations

import sys

from localcloud.glue.jobs import class_data, java


def main() -> int:
    """Exit code 0 also where no archive can be made: Spark only starts more slowly then."""
    try:
        class_data.make_archive(report=_say)
    except class_data.ArchiveError as error:
        _say(f"{error}; Spark starts without it, more slowly")
    except java.JavaNotFoundError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("localcloud: interrupted; the next call makes the archive")
        return 130
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
