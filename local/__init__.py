"""What runs on a person's own machine: an embedded PostgreSQL, the demo, the local web server."""
