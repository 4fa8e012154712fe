"""What every test of the local cloud has: no setting of whoever runs it, and a Java that starts fast."""

from __future__ import annotations

import os

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Little data and many short jobs: Java is to start fast rather than to compute fast.
os.environ.setdefault("LOCALCLOUD_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
