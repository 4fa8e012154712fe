"""CloudFormation's limits of a template, checked before anything is sent.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle

MAX_BYTES = 1_048_576  # through S3, as deploy always sends it; 51,200 in the request itself
MAX_ENTRIES = {"Parameters": 200, "Resources": 500, "Outputs": 200, "Mappings": 200}


def check(bundle: Bundle) -> None:
    """Raise `BundleError` for the first limit that the template of a bundle breaks.

    Also where it looks for the bundle's artifacts elsewhere than in its own stack's part of the bucket.
    """
    template, path = bundle.template, bundle.folder / bundle.template_name
    _check_places(bundle)
    shown, size = project.relative(path), path.stat().st_size
    if size > MAX_BYTES:
        raise BundleError(
            f"{shown} has {size:,} bytes, CloudFormation takes {MAX_BYTES:,}: move resources to another stack"
        )
    for section, limit in MAX_ENTRIES.items():
        if (count := len(template.get(section, {}))) > limit:
            raise BundleError(
                f"{shown} has {count} {section.lower()}, CloudFormation takes {limit}: remove or merge some"
            )
    if transform := template.get("Transform"):
        raise BundleError(
            f"{shown} uses Transform {transform}, which needs CAPABILITY_AUTO_EXPAND; "
            "covidlake deploy grants CAPABILITY_NAMED_IAM only: write the resources out"
        )


def _check_places(bundle: Bundle) -> None:
    path = bundle.folder / bundle.template_name
    text, shown = path.read_text(encoding="utf-8"), project.relative(path)
    for name in bundle.artifacts():
        if text.count(name) != text.count(f"${{AWS::StackName}}/{name}"):
            raise BundleError(
                f"{shown} looks for {name} outside of the stack's part of the artifact bucket: an older "
                "version packaged it: package that commit again with this one"
            )
