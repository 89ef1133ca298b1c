"""Untrusted tables in, error files out: CSV, XLSX, Parquet and NDJSON, as plumbing that knows nothing of schools.

Where to look: ``columns`` (what a caller expects), ``read`` (``read_table``), ``faults`` (``FaultTable``), ``error_files``
(what a vendor gets back), ``safe_csv`` (any CSV leaving the platform). Files are parsed only in a confined child process
(``sandbox``, ``child``, ``readers``); this package's ``__init__`` stays empty so that the child starts quickly.
"""
