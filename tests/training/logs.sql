-- name: train_on_no_levels
-- Programs that declare nothing.
update log_entries set level = null;

-- name: train_on_one_level
-- Programs for which all is the same.
update log_entries set level = 'info';

-- name: train_on_one_source
-- One program alone.
update log_entries set source = 'shop';

-- name: train_on_one_text
-- Programs that repeat themselves.
update log_entries set message = 'all is well';

-- name: train_on_no_words
-- Programs that write numbers.
update log_entries set message = id::text;

-- name: train_on_few_levels
-- Few that declare a level among many.
update log_entries set level = case when message like 'request%%' then level end;
