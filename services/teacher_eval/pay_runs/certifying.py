"""TEMPORARY"""

import json

import polars as pl


def certificate_frame(pool, amount_fen, document, inputs, shared):
    text = json.dumps({"pool": pool, "pool_fen": amount_fen, "paid_fen": int(shared.outcomes["amount_fen"].sum())})
    return pl.DataFrame({"certificate": [text]})


def checker_files(certificate, inputs, outcomes):
    return {"certificate.json": certificate}


def steps_of(pool, amount_fen, document, inputs, staff_key):
    return [{"part": "x"}]
