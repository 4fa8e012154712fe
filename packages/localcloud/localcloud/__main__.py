"""`python -m localcloud`: run an AWS on this machine, in the foreground or in the background.

Exit status: 0 done (also when there was nothing to do), 1 the cloud could not be started, reached or
stopped, 2 the command line is wrong, 3 no cloud runs (`env` and `status`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from localcloud.cloud import DEFAULT_REGION, LocalCloud, await_other, await_ready, launch
from localcloud.errors import LocalCloudError
from localcloud.home import Home, Run

_NOT_RUNNING = 3
# Left over from a session on AWS, any of these would take precedence over what `env` exports.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CA_BUNDLE")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status that the module's text documents."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except LocalCloudError as error:
        print(f"localcloud: {error}", file=sys.stderr)  # noqa: T201 - the command line's own output
        return 1
    except OSError as error:
        place = error.filename or options.home
        print(f"localcloud: {place}: {error.strerror}: name another folder with --home", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, description in (
        ("up", _up, "start a cloud in the background that keeps its state"),
        ("down", _down, "stop it and keep its state"),
        ("reset", _reset, "forget everything that it holds, running or not"),
        ("env", _env, 'print the variables for a shell: eval "$(python -m localcloud env)"'),
        ("status", _status, "show whether it runs, and where"),
        ("serve", _serve, "serve in the foreground until Ctrl-C"),
    ):
        sub = commands.add_parser(name, help=description, description=description)
        sub.set_defaults(command=command)
        sub.add_argument("--home", type=Path, default=Path(".localcloud"), help="its folder [%(default)s]")
        if name in ("up", "serve"):
            sub.add_argument("--region", type=_region, help=f"its region [{DEFAULT_REGION}]")
            sub.add_argument("--port", type=_port, default=0, help="its port [the last one, else a free one]")
            sub.add_argument(
                "--wait-scale", type=_scale, default=1.0, help="factor on Step Functions waits, 0 to 1 [1]"
            )
            sub.add_argument(
                "--warm", action="store_true", help="keep a JVM ready for the next Glue job run: about 1 GB"
            )
        if name == "serve":
            sub.add_argument(
                "--little-data", action="store_true", help="Java compiles for some thousand rows"
            )
            sub.add_argument("--ephemeral", action="store_true", help="keep nothing, remove the folder")
            sub.add_argument("--port-may-differ", action="store_true", help="take a free port if it is taken")
            sub.add_argument("--until-stdin-closes", action="store_true", help="end with the parent process")
        if name == "status":
            sub.add_argument("--json", action="store_true", help="as a JSON object")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a region: give such as {DEFAULT_REGION}")
    return text


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a wait scale: give a number from 0 to 1")
    return scale


def _home(options: argparse.Namespace) -> Home:
    return Home(options.home.resolve())


def _say(text: str) -> None:
    print(text)  # noqa: T201 - the command line's own output


def _up(options: argparse.Namespace) -> int:
    home = _home(options)
    run = home.run()
    if run is None:
        home.require_own()
        home.check_state()
        run = _started(home, options)
    else:
        _refuse_other(run, options)
        _say(f"already running on {run.endpoint_url} (process {run.pid})")
    return 0


def _refuse_other(run: Run, options: argparse.Namespace) -> None:
    """A cloud that runs keeps its port and region."""
    asked = {
        "--port": (options.port or run.port, run.port),
        "--region": (options.region or run.region, run.region),
    }
    for option, (wanted, given) in asked.items():
        if wanted != given:
            raise LocalCloudError(
                f"it runs already, with {option} {given}, not {wanted}: stop it first with: down"
            )


def _started(home: Home, options: argparse.Namespace) -> Run:
    """Start it; where another start is faster, that one's cloud is as good."""
    last = home.last_port()
    port, region = options.port or last or 0, options.region or DEFAULT_REGION
    more = [*_fallback(options), *(["--warm"] if options.warm else [])]
    process = launch(home, "--port", str(port), *more, region=region, wait_scale=options.wait_scale)
    try:
        run = await_ready(home, process)
    except LocalCloudError:
        if (other := await_other(home)) is None:
            raise
        _refuse_other(other, options)
        _say(f"already running on {other.endpoint_url} (process {other.pid})")
        return other
    if last and not options.port and run.port != last:
        _say(f"port {last} of the last run is taken: queue URLs kept from that run will not resolve")
    _say(f"running on {run.endpoint_url} (process {run.pid}); state in {home.path}")
    return run


def _fallback(options: argparse.Namespace) -> list[str]:
    return [] if options.port else ["--port-may-differ"]


def _down(options: argparse.Namespace) -> int:
    home = _home(options)
    home.require_own()
    if home.run() is None:
        home.sweep() if home.path.exists() else None
        _say("not running")
        return 0
    LocalCloud.running(home.path).stop()
    _say("stopped; state kept")
    return 0


def _reset(options: argparse.Namespace) -> int:
    home = _home(options)
    home.require_own()
    run = home.run()
    if home.is_empty():
        _say(f"there is no cloud in {home.path}")
    elif run is None:
        home.sweep()
        home.forget_state()
        _say("state wiped")
    else:
        _post_reset(run.endpoint_url)
        home.note_state()
        _say("state wiped; it runs on, empty")
    return 0


def _post_reset(endpoint_url: str) -> None:
    import urllib.request

    request = urllib.request.Request(f"{endpoint_url}/_ministack/reset", method="POST")  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(request, timeout=60).close()


def _env(options: argparse.Namespace) -> int:
    home = _home(options)
    if home.run() is None:
        print(f"localcloud: no local cloud runs in {home.path}; start one with: up", file=sys.stderr)  # noqa: T201
        return _NOT_RUNNING
    _say("unset " + " ".join(_UNSET))
    for name, value in LocalCloud.running(home.path).environment().items():
        _say(f"export {name}={shlex.quote(value)}")
    return 0


def _status(options: argparse.Namespace) -> int:
    run = _home(options).run()
    if options.json:
        facts = {"running": False} if run is None else {"running": True, **run.facts()}
        _say(json.dumps(facts))
    else:
        _say("not running" if run is None else f"running on {run.endpoint_url} (process {run.pid})")
    return _NOT_RUNNING if run is None else 0


def _serve(options: argparse.Namespace) -> int:
    from localcloud.glue.jobs.settings import JAVA_OPTIONS, LITTLE_DATA
    from localcloud.server import Settings, serve

    if options.little_data:
        os.environ.setdefault(JAVA_OPTIONS, LITTLE_DATA)
    serve(
        Settings(
            home=_home(options),
            port=options.port,
            port_may_differ=options.port_may_differ,
            region=options.region or DEFAULT_REGION,
            wait_scale=options.wait_scale,
            ephemeral=options.ephemeral,
            warm=options.warm,
            until_stdin_closes=options.until_stdin_closes,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
