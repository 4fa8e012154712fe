"""cdc_pfizer_vaccine_distribution: what each jurisdiction was allocated, week by week."""

from datasets._vaccine_allocations import allocations

DATASET = allocations("pfizer", "Pfizer-BioNTech")
