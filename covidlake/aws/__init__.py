"""The caller's own AWS account: clients, identity, region, retries and errors.

Knows nothing of this project but the errors of `base`. Every room above it may import it: all but `base`.
"""

from covidlake.aws.clients import (
    CONFIG,
    account,
    caller,
    client,
    dns_suffix,
    forget,
    is_denied,
    message,
    partition,
    poll_interval,
    region,
    session,
)

__all__ = [
    "CONFIG",
    "account",
    "caller",
    "client",
    "dns_suffix",
    "forget",
    "is_denied",
    "message",
    "partition",
    "poll_interval",
    "region",
    "session",
]
