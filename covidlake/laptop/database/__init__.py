"""The database of the second pipeline on the laptop: made rows, real purchases, or the user's own."""
