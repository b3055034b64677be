"""Read a folder of CSV rosters into a Snapshot."""
