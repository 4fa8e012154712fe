"""Build, ship, run and report: the command line of the Covid lake."""
