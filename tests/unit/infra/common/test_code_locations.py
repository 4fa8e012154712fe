"""Where code lies: beside the template on this machine, or by its content in the bucket of artifacts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.common.code_locations import CodeLocations, MissingCodeError
from infra.common.pipeline import template_json
from infra.ingestion.template import build_template
from tests.unit.infra.conftest import DESCRIBED, ROOT


def test_local_paths_lead_to_the_code_from_the_folder_of_the_template() -> None:
    resources = json.loads(template_json(build_template(CodeLocations.local(), DESCRIBED)))["Resources"]
    paths = [
        *(
            resources[title]["Properties"]["Code"]
            for title in ("StartCrawlerFunction", "CheckCrawlerFunction")
        ),
        resources["Job"]["Properties"]["DefaultArguments"]["--extra-py-files"],
    ]
    assert [path for path in paths if not (ROOT / "build" / path).resolve().is_dir()] == []
    assert resources["Job"]["Properties"]["Command"]["ScriptLocation"] == "../jobs/ingest.py"


def test_packaged_code_is_found_by_content_in_the_bucket_of_any_account_and_region(
    template: dict[str, Any],
) -> None:
    bucket = "covid-lake-artifacts-${AWS::AccountId}-${AWS::Region}"
    own = f"${{AWS::StackName}}/artifacts/{'0' * 64}"
    code = template["Resources"]["StartCrawlerFunction"]["Properties"]["Code"]
    job = template["Resources"]["Job"]["Properties"]
    assert code == {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": {"Fn::Sub": f"{own}/start_crawler.zip"}}
    assert job["Command"]["ScriptLocation"] == {"Fn::Sub": f"s3://{bucket}/{own}/ingest.py"}
    library = job["DefaultArguments"]["--extra-py-files"]
    assert library == {"Fn::Sub": f"s3://{bucket}/{own}/library.zip"}


@pytest.mark.parametrize("functions", [{}, {"start_crawler": "a"}, {"start_crawler": "a", "other": "b"}])
def test_code_that_is_missing_is_refused_by_name(functions: dict[str, str]) -> None:
    code = CodeLocations.packaged(functions, {"ingest.py": "script"}, "library")
    with pytest.raises(MissingCodeError, match=r"there is no folder of lambdas/ .* check_crawler; there are"):
        code.functions["check_crawler"]
    with pytest.raises(ValueError, match=r"handler\.py named (start|check)_crawler"):
        build_template(code, DESCRIBED)


def test_a_script_that_is_missing_is_refused_by_name() -> None:
    code = CodeLocations.local(scripts=["ingest.py"])
    with pytest.raises(MissingCodeError, match=r"no file of jobs/ named other\.py; there are ingest\.py"):
        code.scripts["other.py"]
