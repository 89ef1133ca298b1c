"""What the province does: pull the published results, check that the copy is whole, read them."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import polars as pl

from demo.errors import DemoError
from demo.exam import MODELS
from demo.gateway import Session
from demo.narration import Narration
from demo.report import city_table, effect_tables, model_line
from demo.sheet_steps import exam_url

CHECKED_TABLE = "value-added-schools"


def show_results(narration: Narration, province: Session) -> None:
    """Pulls, verifies and prints the published results, with the province's read-only client."""
    results = pull_manifest(narration, province)
    effects = verified_effects(narration, province, results["manifest"])
    with narration.step("读取全市结果与增值", "Reading the city's figures and value added") as step:
        summary = list(province.pages(f"{exam_url(province)}/results/summary", level="city"))
        pages = _value_added(province)
        areas = _areas(province)
        step.came_to(f"{len(summary)} 行汇总，{len(pages)} 个增值模型", f"{len(summary)} rows, {len(pages)} models")
    schools = pages[MODELS[0]]["items"]
    _require_agreement(schools, effects.filter(pl.col("model") == pages[MODELS[0]]["model"]["code"]))
    narration.line()
    narration.table(city_table(summary))
    for table in effect_tables(schools, areas):
        narration.table(table)
    narration.line("增值模型  Value-added models", style="italic")
    for page in pages.values():
        narration.line(f"  {model_line(page['model'])}")
    narration.line()
    narration.line(f"接口文档  API documentation:  {province.gateway.address('documentation')}", style="bold")


def pull_manifest(narration: Narration, province: Session) -> dict[str, Any]:
    """Versions of the results and the manifest of the one in force.

    Raises:
        DemoError: nothing is published.
    """
    with narration.step("以省级客户端拉取结果清单", "Pulling the manifest as the province") as step:
        results: dict[str, Any] = province.read(f"{exam_url(province)}/results")
        manifest = results["manifest"]
        if manifest is None:
            raise DemoError("演示结果已被撤回。", "The demonstration's results have been withdrawn.")
        counts = manifest["counts"]
        shown = "、".join(f"{entry['id']} {entry['version']}" for entry in manifest["methods"])
        narration.line(f"    方法 methods: {shown}")
        step.came_to(
            f"版本 {results['in_force']}，输入 {manifest['inputs_sha256'][:12]}…，{len(manifest['frames'])} 张表",
            f"version {results['in_force']}, {counts['schools']} schools, {counts['candidates']} candidates",
        )
    return results


def verified_effects(narration: Narration, province: Session, manifest: dict[str, Any]) -> pl.DataFrame:
    """Downloads a table and holds it against the manifest.

    Raises:
        DemoError: it is not the file the manifest names.
    """
    with narration.step("下载一张表并核对校验和", f"Downloading {CHECKED_TABLE} and verifying its checksum") as step:
        answer = province.request("GET", f"{exam_url(province)}/results/{CHECKED_TABLE}:download")
        expected = manifest["frames"][CHECKED_TABLE.replace("-", "_")]["sha256"]
        found = hashlib.sha256(answer.content).hexdigest()
        if found != expected:
            raise DemoError(
                f"下载的 {CHECKED_TABLE} 校验和 {found} 与清单 {expected} 不符。",
                f"The checksum of {CHECKED_TABLE} is {found}, the manifest says {expected}.",
            )
        frame = pl.read_parquet(io.BytesIO(answer.content))
        step.came_to(
            f"{len(answer.content)} 字节，SHA-256 {found[:12]}… 与清单一致",
            f"{frame.height} rows, equal to the manifest",
        )
    return frame


def _value_added(province: Session) -> dict[tuple[str, str], dict[str, Any]]:
    """Model and schools of every value-added model, by outcome and intake; the platform names its models itself.

    Raises:
        DemoError: a model that was asked for is not among them.
    """
    url = f"{exam_url(province)}/results/value-added"
    pages = {}
    for row in province.pages(f"{exam_url(province)}/results/value-added-models"):
        code = row["model"]
        model = province.read(url, model=code, page_size=1)["model"]
        pages[(model["outcome"], *model["intakes"])] = {"model": model, "items": list(province.pages(url, model=code))}
    if absent := [pair for pair in MODELS if pair not in pages]:
        raise DemoError(f"结果中没有增值模型 {absent}。", f"The results have no value-added model {absent}.")
    return {pair: pages[pair] for pair in MODELS}


def _areas(province: Session) -> dict[str, str]:
    regions = province.read(f"{province.gateway.service('roster')}/regions")["items"]
    return {region["code"]: region["name"]["zh"] for region in regions}


def _require_agreement(items: list[dict[str, Any]], file: pl.DataFrame) -> None:
    """The figures of the API are those of the file, to the last bit; raises DemoError."""
    shown = {item["school_code"]: item["effect"]["value"] for item in items}
    if shown != dict(file.select("school_code", "effect").iter_rows()):
        raise DemoError("接口与下载文件的增值不一致。", "The API and the downloaded file give different effects.")
