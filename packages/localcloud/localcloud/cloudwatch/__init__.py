"""CloudWatch: alarms judged as AWS documents it, missing data included."""
