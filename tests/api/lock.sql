-- Keeps every reader waiting until the transaction ends.
refresh materialized view stats_overview;
