"""Whether this Python can run the project: prints its version, or ends with a line on what refuses it.

Written so that any Python reads it, an old one too: it runs before anything else.
"""

import sys

OLDEST, NEWEST = (3, 11), (3, 14)


def refusal(version):
    """Why a Python `(major, minor)` does not do; None where it does."""
    name = "Python " + ".".join(map(str, version))
    if version < OLDEST:
        return name + " is too old: annotated-doc, which typer needs, and AWS Glue 5.1 start at 3.11"
    if version > NEWEST:
        return name + " is too new: PyYAML has no wheel for it, pyspark 3.5.6 was not tried after 3.14"
    return None


if __name__ == "__main__":
    reason = refusal(sys.version_info[:2])
    if reason:
        sys.exit(reason)
    sys.stdout.write("Python " + ".".join(map(str, sys.version_info[:2])) + "\n")
