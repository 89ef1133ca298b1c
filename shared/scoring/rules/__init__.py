"""Rules from raw values to shares of full marks. A new kind is one file here and one entry in ``RULES``."""
