"""The whole loop on this machine, on the local cloud."""
