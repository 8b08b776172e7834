#!/usr/bin/python3
"""The intranet's holiday calendar, a CGI program of the old kind."""

import datetime
import os
import sys
import urllib.parse

query = dict(urllib.parse.parse_qsl(os.environ.get("QUERY_STRING", "")))
year = int(query.get("year", "2026"))
if not 1990 < year < 2100:
    print(f"holidays: odd year {year} asked for", file=sys.stderr)
first = datetime.date(year, 1, 1)
print("Content-Type: text/plain\n")
print(f"{first:%A %d %B %Y}: new year")
