"""The migrations of the database, run by `sync.schema` when a database is opened."""
