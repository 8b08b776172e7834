"""Log files and streams into the table `log_entries`.

On the command line, `python -m ingest FILE… | -`. From Python:

    from ingest.load import load

    loaded = load(database, [Path("web.log.gz"), Path("db.log")], shift=timedelta(days=3))
    loaded.count_entries, loaded.count_unparsed, loaded.by_format, loaded.by_source
    loaded.failures  # file to the sentence that says why nothing of it was loaded

From a Python program's own logging, without a file between:

    logging.getLogger().addHandler(LogHandler(source="shop"))  # of ingest.handler

A log passes through these modules, each of one purpose:

    lines      bytes to lines: decompressed, decoded, of bounded length
    detect     the first lines to the format that reads most of them
    formats/   a line to an entry, one module a family of programs
    multiline  lines that belong together to one entry; what no format reads is kept as well
    read       the file's whole way, settling time and source of each entry
    redact     secrets and persons masked, where that is asked for
    rows       an entry to a row of COPY; `clean` makes what PostgreSQL cannot hold so that it can
    writer     rows to the table, chunk by chunk
    load       files, a transaction each, and what to report of them
    follow     logs that are being written: `tail` reads on through rotation and truncation,
               `positions` remembers how far, so that each line is loaded once
    handler    records of Python's logging; `spill` is for what no database takes

Nothing is dropped: a line that no format reads is an entry with the line as its message and
`ingest_error` among its attributes; whatever had to be altered is said in `ingest_notes`.
"""
