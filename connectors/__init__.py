"""Turn the outside (CSV folders, Moodle) into Snapshots for `sync`."""
