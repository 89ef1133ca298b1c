"""One exam of a whole city, from the first file of its roster to a corrected sheet, through the gateway and timed."""
