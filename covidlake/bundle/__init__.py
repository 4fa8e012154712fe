"""Build: templates, checks, and the one bundle that is promoted through the environments."""
