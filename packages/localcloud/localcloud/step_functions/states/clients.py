"""API clients that act as a state machine's role; made once per service, role and region."""

from __future__ import annotations

from threading import Lock
from typing import Any

from localcloud import plugin

SESSION_NAME = "StepFunctions"
_clients: dict[tuple[str, str, str], Any] = {}
_lock = Lock()


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """The client of a Task. The signature is that of moto's `boto_client_for`, which this stands in for."""
    if state_credentials is None:
        raise ValueError(f"no role to call {service} with")
    # Registered for every Task: a wiped cloud has forgotten its sessions, the client has not.
    credentials = plugin.role_credentials(state_credentials.role_arn, SESSION_NAME)
    key = (service, region, credentials["aws_access_key_id"])
    with _lock:
        if key not in _clients:
            _clients[key] = plugin.client(service, credentials, region)
        return _clients[key]
