"""One handler per kind of Discord resource."""
