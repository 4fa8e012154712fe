"""The plug-in API: what a module of this cloud uses to change what ministack does, and nothing else of ours.

A plug-in is a module with `install(app)`; the README says how one is written. Lowest room: imports no other.
"""

from localcloud.plugin.api import (
    JSON_CONTENT_TYPE,
    Action,
    AwsError,
    Headers,
    Response,
    UnsupportedMinistackError,
    caller_credentials,
    client,
    current_account,
    current_region,
    endpoint_url,
    in_thread,
    note_caller,
    require,
    role_credentials,
    role_trusts,
    root_credentials,
    route,
    to_json,
)

__all__ = [
    "JSON_CONTENT_TYPE",
    "Action",
    "AwsError",
    "Headers",
    "Response",
    "UnsupportedMinistackError",
    "caller_credentials",
    "client",
    "current_account",
    "current_region",
    "endpoint_url",
    "in_thread",
    "note_caller",
    "require",
    "role_credentials",
    "role_trusts",
    "root_credentials",
    "route",
    "to_json",
]
