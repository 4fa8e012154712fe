"""What a Task state knows of services: how calls are answered, how they fail, what they add to an output."""
