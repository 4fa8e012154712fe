"""The database that the second pipeline reads on the laptop: a made one, real purchases, or the user's own."""
