"""What AWS looks at before an operation: ARNs, names, limits, pages."""

from __future__ import annotations

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control import requests
from localcloud.step_functions.control.machines import check_logging


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("nonsense", "Invalid Arn: 'Invalid ARN prefix: nonsense'"),
        (
            "arn:aws:states:us-east-1:000000000000:express:m:n:u",
            "Invalid Arn: 'Resource type not valid in this context: express'",
        ),
    ],
)
def test_an_arn_that_is_none_is_refused(arn: str, message: str) -> None:
    with pytest.raises(AwsError) as error:
        requests.check_arn(arn, "execution")
    assert (error.value.code, error.value.message) == ("InvalidArn", message)


@pytest.mark.parametrize("letter", [*'<>{}[]?*"#%\\^|~`$&,;:/ ', "\x00", "\x1f", "\x7f", "\x9f"])
def test_a_name_with_a_letter_that_aws_refuses_is_refused(letter: str) -> None:
    with pytest.raises(AwsError, match="InvalidName"):
        requests.check_name(f"a{letter}b")
    requests.check_name("a-b_c.d!@'()+=é")


def test_pages_follow_each_other_and_limits_are_refused() -> None:
    shown, more = requests.page(range(5), {"maxResults": 2})
    assert shown == [0, 1]
    assert requests.page(range(5), {"maxResults": 3, **more}) == ([2, 3, 4], {})
    with pytest.raises(AwsError, match="Value '1001' at 'maxResults' failed to satisfy constraint"):
        requests.page([], {"maxResults": 1001})
    with pytest.raises(AwsError, match="Member must have length less than or equal to 1024"):
        requests.page([], {"nextToken": "x" * 1025})
    with pytest.raises(AwsError, match="Invalid Token: 'Invalid token'"):
        requests.page([], {"nextToken": "nonsense"})


@pytest.mark.parametrize("destinations", [[], [{}], [{"cloudWatchLogsLogGroup": {}}]])
def test_a_log_level_needs_one_destination(destinations: list[dict[str, object]]) -> None:
    check_logging({"level": "OFF"})
    with pytest.raises(AwsError, match="Must specify exactly one Log Destination"):
        check_logging({"level": "ALL", "destinations": destinations})


@pytest.mark.parametrize(("name", "most"), [("error", 256), ("cause", 32768)])
def test_an_error_and_a_cause_have_their_longest(name: str, most: int) -> None:
    requests.check_failure({name: "é" * most})
    with pytest.raises(AwsError, match=f"Value at '{name}' failed to satisfy constraint: .* {most}$"):
        requests.check_failure({name: "a" * (most + 1)})


def test_the_size_of_a_text_is_that_of_its_bytes() -> None:
    requests.check_size("é" * 131_072, "input")
    with pytest.raises(AwsError, match=r"Value at 'input' .* less than or equal to 262144"):
        requests.check_size("é" * 131_073, "input")


@pytest.mark.parametrize("token", ["", "a b", "é", "a" * 65, "a\n"])
def test_a_client_token_that_aws_does_not_take_is_refused(token: str) -> None:
    with pytest.raises(AwsError, match="at 'clientToken' failed to satisfy constraint"):
        requests.check_token(token)


@pytest.mark.parametrize("token", [None, "!", "~" * 64])
def test_a_client_token_that_aws_takes_is_taken(token: str | None) -> None:
    requests.check_token(token)
