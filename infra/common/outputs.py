"""Outputs of stacks, and those that every pipeline has."""

from __future__ import annotations

from typing import Any

from troposphere import Output, Ref

from infra.common import parameters


def output(title: str, description: str, value: Any) -> Output:
    return Output(title, Description=description, Value=value)


def bundle() -> list[Output]:
    """From which bundle the stack was deployed: every pipeline says so."""
    described = {
        parameters.BUNDLE_DIGEST: "Digest of the bundle that the stack was deployed from",
        parameters.BUNDLE_COMMIT: "Commit that the bundle was packaged from",
    }
    return [
        Output(name, Condition=parameters.BUNDLE_CONDITION, Description=text, Value=Ref(name))
        for name, text in described.items()
    ]
