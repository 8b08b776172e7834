"""The database: schema, views, named statements, and the Python that speaks to the driver."""
