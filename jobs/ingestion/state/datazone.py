"""Sends events of OpenLineage on to a domain of Amazon DataZone, where the stack names one.

An event is in the lake before. What cannot be sent is in the log, and the run goes on: the data must not wait
for what is told about it.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.exceptions import HTTPClientError

from ingestion.state.openlineage import Event

_logger = logging.getLogger(__name__)

ARGUMENT = "lineage_domain"  # the template gives it where there is a domain
LIMIT_BYTES = 300_000  # of PostLineageEvent
# In a network without a way to DataZone each address of its name takes the time to connect.
_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
_unreached: set[str] = set()  # domains that a job run cannot get to, of which one event is enough


@functools.cache
def _client() -> Any:
    return boto3.client("datazone", config=_CONFIG)


def given(argv: Sequence[str]) -> list[str]:
    """The argument's name, if the job has it: `getResolvedOptions` fails for one that it has not."""
    return [ARGUMENT] if f"--{ARGUMENT}" in argv else []


def send(domain: str, event: Event) -> None:
    """Post the event to the domain; without one do nothing. The token keeps DataZone from taking it twice."""
    if not domain or domain in _unreached:
        return
    body = json.dumps(event, separators=(",", ":")).encode()
    name = f"{event['run']['runId']}.{event['eventType']}"
    try:
        if len(body) > LIMIT_BYTES:
            raise ValueError(f"it has {len(body):,} bytes, and DataZone takes {LIMIT_BYTES:,}")
        _client().post_lineage_event(domainIdentifier=domain, event=body, clientToken=name)
    except (NoConnectionError, HTTPClientError) as error:
        _unreached.add(domain)
        _logger.warning("no event is sent to domain %s any more, nor was %s: %s", domain, name, error)
    except Exception as error:  # also of a version of boto3 that does not know the operation
        _logger.warning("the event %s was not sent to domain %s: %s", name, domain, error)
