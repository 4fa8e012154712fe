"""Amazon S3: conditional writes, which policies can demand. ministack does the rest."""
