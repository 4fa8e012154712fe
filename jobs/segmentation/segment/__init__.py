"""From customers to segments of customers. Another model is another `clusters.fit`."""
