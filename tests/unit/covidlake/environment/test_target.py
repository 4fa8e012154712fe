"""An environment file may pin the account and the region that it is for."""

from pathlib import Path

import pytest

from covidlake import aws
from covidlake.base.errors import CloudError
from covidlake.environment.environment_file import Environment
from covidlake.environment.target import check_target


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({}, None),
        ({"covidlake:account": "111122223333", "covidlake:region": "us-east-2"}, None),
        ({"covidlake:account": "444455556666 111122223333"}, None),
        ({"covidlake:account": "444455556666"}, "is for account 444455556666, but .* account 111122223333"),
        (
            {"covidlake:region": "eu-west-1"},
            "is for region eu-west-1, but .* region us-east-2.*AWS_DEFAULT_REGION",
        ),
    ],
)
def test_an_environment_may_pin_its_account_and_region(
    tags: dict[str, str], said: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    environment = Environment("dev", tmp_path / "dev.yaml", {}, tags)
    if said is None:
        check_target(environment)
        return
    with pytest.raises(CloudError, match=said):
        check_target(environment)
