"""Discord's REST endpoints, one module per resource; each has a ROUTES table that `server` mounts."""
