"""What a stack says of itself: its template's description, and the drift of a bucket's tags."""

from __future__ import annotations

from typing import Any

from localcloud import plugin


def install() -> None:
    """ministack forgets the description of a stack that a change set makes, and looks at no bucket's tags."""
    from ministack.services.cloudformation import _stacks, drift, handlers

    describe = plugin.require(handlers, "_describe_stacks", ["params"])
    read_bucket = plugin.require(drift, "_read_s3_bucket", ["physical_id", "props"])

    def described(params: Any) -> Any:
        for stack in list(_stacks.values()):
            if template := stack.get("_template"):
                stack["Description"] = str(template.get("Description") or "")
        return describe(params)

    def read(physical_id: str, properties: Any) -> Any:
        from ministack.services import s3

        found = read_bucket(physical_id, properties)
        return found if found is None else {**found, "Tags": dict(s3._bucket_tags.get(physical_id) or {})}

    handlers._ACTION_HANDLERS["DescribeStacks"] = described
    _, properties = drift._DRIFT_READERS["AWS::S3::Bucket"]
    drift._DRIFT_READERS["AWS::S3::Bucket"] = (read, properties | {"Tags"})
