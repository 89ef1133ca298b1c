"""Failed logins, counted so that guessing becomes slower with every guess."""
