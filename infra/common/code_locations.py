"""Where the code of a template is: beside it on a disk, or packaged in the artifact bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, Sub, awslambda

from infra.common.names import ARTIFACT_BUCKET, ARTIFACTS

FUNCTION = "folder of lambdas/ with a handler.py named"
SCRIPT = "file of jobs/ named"


class MissingCodeError(ValueError):
    """A template refers to code that there is not."""


class Places(dict[str, Any]):
    """By name, where code of one kind is; what is not there is refused by its name."""

    def __init__(self, kind: str, places: Mapping[str, Any]) -> None:
        super().__init__(places)
        self.kind = kind

    def __missing__(self, name: str) -> Any:
        raise MissingCodeError(f"there is no {self.kind} {name}; there are {', '.join(sorted(self))}")


class _Any(dict[str, Any]):
    """Places of any name: where it is not known what there is."""

    def __init__(self, place: Callable[[str], Any]) -> None:
        super().__init__()
        self.place = place

    def __missing__(self, name: str) -> Any:
        return self.place(name)


def _local(kind: str, place: Callable[[str], Any], names: Iterable[str] | None) -> dict[str, Any]:
    return _Any(place) if names is None else Places(kind, {name: place(name) for name in names})


class LocalPath(AWSHelperFn):  # type: ignore[misc]
    """A path where CloudFormation wants an object of S3: `aws cloudformation package` replaces it."""

    def __init__(self, path: str) -> None:
        self.data = path


def artifact_key(sha256: str, file_name: str) -> str:
    """The name of an artifact in a bundle, and its key behind the stack's name in the artifact bucket.

    Its content decides where it is, and Glue sees the file's own name.
    """
    return f"artifacts/{sha256}/{file_name}"


@dataclass(frozen=True)
class CodeLocations:
    """What templates' Lambda functions (by folder), job scripts (by file) and the job library refer to.

    All pipelines share them: each names what is its own, and is refused what is not there.
    """

    functions: Mapping[str, Any]
    scripts: Mapping[str, Any]
    library: Any

    @classmethod
    def local(
        cls,
        root: str = "..",
        library: str | None = None,
        functions: Iterable[str] | None = None,
        scripts: Iterable[str] | None = None,
        gathered: Mapping[str, str] | None = None,
    ) -> CodeLocations:
        """The folders and files of the repository; `root` leads to it from the folder of the template.

        `functions` and `scripts` are those that there are; None takes any name for one. `gathered` are the
        paths of functions whose code does not lie in one folder of the repository.

        `aws cloudformation package` uploads the functions and the scripts. It does not know job arguments
        (https://github.com/aws/aws-cli/issues/7013) and would leave a path that no job can read, so
        `library` is the key (`artifact_key`) under which the artifact bucket has to hold the library, behind
        the stack's name.
        """

        def function(folder: str) -> LocalPath:
            return LocalPath((gathered or {}).get(folder, f"{root}/lambdas/{folder}"))

        def script(name: str) -> str:
            return f"{root}/jobs/{name}"

        return cls(
            _local(FUNCTION, function, functions),
            _local(SCRIPT, script, scripts),
            _artifact_uri(library) if library else f"{root}/jobs",
        )

    @classmethod
    def packaged(
        cls, functions: Mapping[str, str], scripts: Mapping[str, str], library: str
    ) -> CodeLocations:
        """Keys (`artifact_key`) behind the stack's name in the artifact bucket of its account and region.

        The template names its own stack's objects, whichever stack that is.
        """
        code = {
            folder: awslambda.Code(S3Bucket=Sub(ARTIFACT_BUCKET), S3Key=Sub(f"${{AWS::StackName}}/{key}"))
            for folder, key in functions.items()
        }
        uris = {name: _artifact_uri(key) for name, key in scripts.items()}
        return cls(Places(FUNCTION, code), Places(SCRIPT, uris), _artifact_uri(library))


def _artifact_uri(key: str) -> Sub:
    return Sub(f"s3://{ARTIFACTS}/{key}")
