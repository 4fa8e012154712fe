"""An environment: its deployment file, its target, what differs between two, which drift is ignored."""
