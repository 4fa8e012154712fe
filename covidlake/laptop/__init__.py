"""The whole loop on this machine, on the local cloud. No other room sees `localcloud`.

Only `commands`, above it, may import it.
"""
