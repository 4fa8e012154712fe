"""Each error ends a command with one line and its own exit code."""

import inspect

import pytest
from botocore import exceptions

from covidlake import __main__ as cli
from covidlake import _errors
from covidlake._errors import CloudError, CovidLakeError, CredentialsError, from_aws


def family() -> list[type[CovidLakeError]]:
    return [
        item for _, item in inspect.getmembers(_errors, inspect.isclass) if issubclass(item, CovidLakeError)
    ]


def test_every_error_is_drawn_in_the_tree_with_its_exit_code() -> None:
    drawing = _errors.__doc__ or ""
    for error in family():
        assert error.__name__ in drawing
        assert error.__doc__
    assert {error.exit_code for error in family()} == {1, 3, 4, 5, 6, 7, 8}


def client_error(code: str) -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": "not\nthis  way"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "expected", "said"),
    [
        (client_error("ExpiredToken"), CredentialsError, "DescribeStacks: ExpiredToken: not this way"),
        (client_error("ThrottlingException"), CloudError, "ThrottlingException"),
        (exceptions.NoRegionError(), CredentialsError, "set AWS_DEFAULT_REGION"),
        (exceptions.NoCredentialsError(), CredentialsError, "make up"),
        (exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), CloudError, "127.0.0.1:1"),
        (exceptions.BotoCoreError(), CloudError, "unspecified error"),
    ],
)
def test_what_botocore_raises_becomes_one_line(
    error: Exception, expected: type[Exception], said: str
) -> None:
    translated = from_aws(error)
    assert type(translated) is expected
    assert said in str(translated)
    assert "\n" not in str(translated)


def test_a_bug_is_not_translated() -> None:
    assert from_aws(ValueError("x")) is None


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (_errors.DeployError("stack x ended ROLLBACK_COMPLETE"), 6, "error: stack x ended ROLLBACK_COMPLETE"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (SystemExit(130), 130, "interrupted"),
        (exceptions.NoCredentialsError(), 4, "no AWS credentials"),
    ],
)
def test_main_prints_one_line_and_exits(
    raised: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def app(standalone_mode: bool) -> None:
        raise raised

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_main_does_not_hide_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def app(standalone_mode: bool) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(ZeroDivisionError):
        cli.main()
