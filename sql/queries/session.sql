-- name: search_path
-- Look in our schema, for this transaction only: a session setting would leak through a pooler.
select set_config('search_path', quote_ident(%(schema)s), true);
