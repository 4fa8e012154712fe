"""Amazon S3: conditional writes, sizes of parts, encryption headers, a full disk. ministack does the rest."""
