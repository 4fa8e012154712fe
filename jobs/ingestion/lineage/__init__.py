"""Where each value comes from, by the description, and events of OpenLineage that say it for every run."""
