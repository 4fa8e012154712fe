"""Two templates compared without an account."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle, manifest_bytes, template_name
from covidlake.ship.plan import plan_markdown, plan_risks
from covidlake.ship.plan.compare import compare

BUCKET = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "lake"}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "Policies": [
            {
                "PolicyName": "P",
                "PolicyDocument": {
                    "Statement": [
                        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${Bucket}/*"}}
                    ]
                },
            }
        ]
    },
}


def base(folder: Path, **resources: Any) -> Path:
    path = folder / "base.json"
    path.write_text(json.dumps({"Resources": resources, "Outputs": {"A": {"Value": "1"}}}))
    return path


def bundle(folder: Path, **resources: Any) -> Bundle:
    (folder / "template.json").write_text(json.dumps({"Resources": resources}))
    return Bundle(folder, {"template.json": "0" * 64})


def with_property(resource: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def test_each_kind_of_change_is_reported(tmp_path: Path) -> None:
    found = compare(
        base(tmp_path, Bucket=BUCKET, Queue=QUEUE, Same=QUEUE, Gone=BUCKET),
        bundle(
            tmp_path,
            Bucket=with_property(BUCKET, BucketName="other"),
            Queue=with_property(QUEUE, DelaySeconds=2),
            Same=QUEUE,
            New=QUEUE,
        ),
    )
    assert {one.logical_id: one.verb for one in found.resources} == {
        "Bucket": "replace",
        "Gone": "remove",
        "New": "add",
        "Queue": "modify",
    }
    (change,) = next(one for one in found.resources if one.logical_id == "Queue").properties
    assert (change.path, change.before, change.after) == ("DelaySeconds", 1, 2)
    assert [(one.name, one.after) for one in found.parameters] == [("Output A", None)]


def test_what_holds_data_is_called_out(tmp_path: Path) -> None:
    found = compare(
        base(tmp_path, Kept=BUCKET, Lost={**BUCKET, "DeletionPolicy": "Delete"}),
        bundle(tmp_path, Other=QUEUE),
    )
    texts = {risk.logical_id: risk.text for risk in plan_risks.destructive(found)}
    assert "its data stay" in texts["Kept"]
    assert "deleted with what it holds" in texts["Lost"]


def test_rights_are_called_out_though_they_hold_functions(tmp_path: Path) -> None:
    wider = json.loads(json.dumps(ROLE).replace("s3:GetObject", "s3:*"))
    found = compare(base(tmp_path, Role=ROLE), bundle(tmp_path, Role=wider))
    text = plan_markdown.markdown(found)
    assert "IAM" in text
    assert "s3:" in text


def test_a_deletion_policy_that_goes_is_a_change(tmp_path: Path) -> None:
    loose = {**BUCKET, "DeletionPolicy": "Delete"}
    (change,) = compare(base(tmp_path, Bucket=BUCKET), bundle(tmp_path, Bucket=loose)).resources
    assert [(one.path, one.before, one.after) for one in change.properties] == [
        ("DeletionPolicy", "Retain", "Delete")
    ]


def test_another_type_under_a_name_is_removed_and_added(tmp_path: Path) -> None:
    found = compare(base(tmp_path, A=BUCKET), bundle(tmp_path, A=QUEUE))
    assert [one.verb for one in found.resources] == ["remove", "add"]


def test_the_same_is_no_change(tmp_path: Path) -> None:
    given = bundle(tmp_path, A=BUCKET)
    assert compare(tmp_path / "template.json", given).is_empty


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"Resources": []}'])
def test_what_is_no_template_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(content)
    with pytest.raises(BundleError, match=r"base\.json"):
        compare(path, bundle(tmp_path, A=BUCKET))


def packaged(folder: Path, **templates: dict[str, Any]) -> Bundle:
    """A bundle with the templates of pipelines, each with these resources."""
    files = {template_name(pipeline): {"Resources": resources} for pipeline, resources in templates.items()}
    manifest: dict[str, str] = {}
    for name, template in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(template))
        manifest[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest, "unknown"))
    return Bundle(folder, manifest)


def test_each_pipeline_is_compared_with_its_own_template(tmp_path: Path) -> None:
    old = packaged(tmp_path / "1", ingestion={"Queue": QUEUE}, tiny={"Bucket": BUCKET}, gone={"Queue": QUEUE})
    new = packaged(tmp_path / "2", ingestion={"Queue": QUEUE}, tiny={"Queue": QUEUE}, added={"Role": ROLE})
    found = compare(old.folder, new)
    assert {one.logical_id: one.action for one in found.resources} == {
        "tiny/Bucket": "Remove",
        "tiny/Queue": "Add",
        "gone/Queue": "Remove",
        "added/Role": "Add",
    }
    assert [risk.logical_id for risk in plan_risks.destructive(found)] == ["gone/Queue", "tiny/Bucket"]


def test_a_bare_template_is_the_main_pipelines(tmp_path: Path) -> None:
    new = packaged(tmp_path / "2", ingestion={"Bucket": BUCKET}, tiny={"Queue": QUEUE})
    assert [one.logical_id for one in compare(base(tmp_path, Bucket=BUCKET), new).resources] == []


def test_a_template_of_a_build_shows_no_changes_that_are_none(tmp_path: Path) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}

    def function(code: Any, timeout: int) -> dict[str, Any]:
        return {"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Timeout": timeout}}

    def job(script: str) -> dict[str, Any]:
        properties = {"Command": {"Name": "etl", "ScriptLocation": script}, "DefaultArguments": {}}
        return {"Type": "AWS::Glue::Job", "Properties": properties}

    built = base(tmp_path, F=function("../lambdas/f", 1), Job=job("../jobs/ingest.py"), Bucket=bucket)
    packaged = bundle(
        tmp_path, F=function({"S3Key": "k"}, 2), Job=job("s3://artifacts/ingest.py"), Bucket=bucket
    )
    found = compare(built, packaged)
    (changed,) = found.resources
    assert [one.path for one in changed.properties] == ["Timeout"]
    assert found.unknown == (f"changes of code: {built} has paths in a checkout; compare with a bundle",)


@pytest.mark.parametrize(
    "content",
    [{"Resources": {"A": []}}, {"Resources": {"A": {"Properties": 1}}}, {"Resources": {}, "Outputs": []}],
)
def test_what_only_looks_like_a_template_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "base.json"
    path.write_text(json.dumps(content))
    with pytest.raises(BundleError, match="no CloudFormation template: "):
        compare(path, bundle(tmp_path))
