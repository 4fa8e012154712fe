"""What a script imports from `awsglue`, over Spark's DataFrames: contexts, DynamicFrames, sinks, transforms.

AWS publishes the Java behind its own package nowhere. What is not here is refused by its name.
"""
