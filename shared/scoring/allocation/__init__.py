"""Performance pay: a fixed pool shared to the fen (SCORING §11).

``plan.py`` says how a pool is shared, ``allocate.py`` shares every pool at once, ``sharing.py`` is the kernel both levels
stand on; ``steps.py`` explains one person's pay, ``levels.py`` shares a county's pool to schools and on to staff,
``comparison.py`` holds a scenario against a baseline, ``ledger.py`` books what is put right afterwards,
``certificate.py`` writes what a separate program checks.
"""
