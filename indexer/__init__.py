"""Documents → chunks → vectors → Qdrant. Knows nothing of the front end."""
