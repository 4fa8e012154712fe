"""Where the code of a template is: beside it on a disk, or packaged in the artifact bucket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, Sub, awslambda

from infra.common.names import ARTIFACT_BUCKET, ARTIFACTS

FUNCTIONS = ("start_crawler", "check_crawler", "find_work")  # folders of `lambdas/`
SCRIPTS = ("ingest.py",)


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

    All pipelines share them: each takes what is its own.
    """

    functions: Mapping[str, Any]
    scripts: Mapping[str, Any]
    library: Any

    @classmethod
    def local(
        cls,
        root: str = "..",
        library: str | None = None,
        functions: Iterable[str] = FUNCTIONS,
        scripts: Iterable[str] = SCRIPTS,
        gathered: Mapping[str, str] | None = None,
    ) -> CodeLocations:
        """The folders and files of the repository; `root` leads to it from the folder of the template.

        `gathered` are the paths of functions whose code does not lie in one folder of the repository.

        `aws cloudformation package` uploads the functions and the scripts. It does not know job arguments
        (https://github.com/aws/aws-cli/issues/7013) and would leave a path that no job can read, so
        `library` is the key (`artifact_key`) under which the artifact bucket has to hold the library, behind
        the stack's name.
        """
        return cls(
            {
                folder: LocalPath((gathered or {}).get(folder, f"{root}/lambdas/{folder}"))
                for folder in functions
            },
            {name: f"{root}/jobs/{name}" for name in scripts},
            _artifact_uri(library) if library else f"{root}/jobs",
        )

    @classmethod
    def packaged(
        cls, functions: Mapping[str, str], scripts: Mapping[str, str], library: str
    ) -> CodeLocations:
        """Keys (`artifact_key`) behind the stack's name in the artifact bucket of its account and region.

        The template names its own stack's objects, whichever stack that is.
        """
        if missing := sorted(set(FUNCTIONS) - set(functions)):
            raise ValueError(f"code locations: {', '.join(missing)} missing; expected {', '.join(FUNCTIONS)}")
        return cls(
            {
                folder: awslambda.Code(S3Bucket=Sub(ARTIFACT_BUCKET), S3Key=Sub(f"${{AWS::StackName}}/{key}"))
                for folder, key in functions.items()
            },
            {name: _artifact_uri(key) for name, key in scripts.items()},
            _artifact_uri(library),
        )


def _artifact_uri(key: str) -> Sub:
    return Sub(f"s3://{ARTIFACTS}/{key}")
