"""Moodle as a source: `client` talks, the other modules decide, `source` puts a pull together."""
