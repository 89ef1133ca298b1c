"""The pages as callers get them, over real sockets."""

import re

import pytest

from shared.terms.problem_catalogue import catalogue
from tests.gateway.conftest import RunEdge
from tests.gateway.support.running import Server


def test_discovery(edge: Server) -> None:
    answer = edge.ask("GET", "/api", token="")
    document = answer.json()
    assert document["token_endpoint"] == "/oauth/token"
    assert document["jwks"] == "/.well-known/jwks.json"
    assert [step["resource"] for step in document["load_order"]] == [
        "regions",
        "schools",
        "classes",
        "students",
        "staff",
        "enrollments",
        "exams",
        "mark sheets",
    ]
    (service,) = document["services"]
    assert (service["name"], service["version"], service["is_reachable"]) == ("sample", "1.2.0", True)
    assert document["method_versions"] == {"value_added": "2.0.0"}
    for address in (document["openapi"], document["documentation"], document["problems"], service["openapi"]):
        assert edge.ask("GET", address, token="").status == 200


@pytest.mark.parametrize("path", ["/api", "/api/openapi.json", "/api/docs", "/problems", "/api/docs/style.css"])
def test_pages_are_revalidated_by_etag(edge: Server, path: str) -> None:
    first = edge.ask("GET", path, token="")
    again = edge.ask("GET", path, token="", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert edge.ask("GET", path, token="", headers={"If-None-Match": '"other"'}).status == 200


def test_pages_ask_nothing_of_other_hosts_and_run_no_inline_code(edge: Server) -> None:
    for path in ("/api/docs", "/api/docs/sample", "/problems", "/problems/request.invalid"):
        answer = edge.ask("GET", path, token="", headers={"Accept": "text/html"})
        text = answer.body.decode()
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "'unsafe" not in answer.headers["content-security-policy"]
        loaded = re.findall(r'(?:src|href)="([^"]*)"', text)
        assert loaded
        assert all(address.startswith(("/", "#", "data:")) for address in loaded)
        assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", text)


def test_the_documentation_lists_every_operation(edge: Server) -> None:
    paths = edge.ask("GET", "/api/openapi.json", token="").json()["paths"]
    guide = edge.ask("GET", "/api/docs", token="").body.decode()
    assert all(path in guide for path in paths)
    section = edge.ask("GET", "/api/docs/sample", token="").body.decode()
    for words in ("/api/v1/sample/things", "thing.read", "things.read", "city_admin", 'id="sample_list_things"'):
        assert words in section


def test_root_leads_to_the_documentation(edge: Server) -> None:
    answer = edge.ask("GET", "/", token="")
    assert (answer.status, answer.headers["location"]) == (302, "/api/docs")


def test_every_problem_has_a_page_in_both_forms(dispatching: Server) -> None:
    for code, problem in catalogue().items():
        page = dispatching.ask("GET", f"/problems/{code}", token="", headers={"Accept": "text/html"})
        assert problem.title["zh"] in page.body.decode()
        entry = dispatching.ask("GET", f"/problems/{code}", token="", headers={"Accept": "application/json"}).json()
        assert (entry["code"], entry["remedy"]["en"]) == (code, problem.remedy["en"])
    index = dispatching.ask("GET", "/problems", token="", headers={"Accept": "application/json"}).json()
    assert len(index["items"]) == len(catalogue())


def test_unknown_pages(edge: Server) -> None:
    for path in ("/api/docs/none", "/api/openapi/none.json", "/problems/no.such", "/api/docs/../x", "/api/docsx"):
        assert edge.ask("GET", path, token="").status in (400, 404)


def test_a_service_that_is_down_is_left_out_and_named(run_edge: RunEdge) -> None:
    with run_edge({"sample": "memory", "gone": "http://127.0.0.1:9"}, public_base_url="https://data.example") as edge:
        document = edge.ask("GET", "/api", token="").json()
        reachable = {service["name"]: service["is_reachable"] for service in document["services"]}
        assert reachable == {"sample": True, "gone": False}
        guide = edge.ask("GET", "/api/docs", token="").body.decode()
        assert "暂时无法读取以下服务的接口：gone" in guide
        assert edge.ask("GET", "/api/docs/gone", token="").status == 404
        refused = edge.ask("GET", "/api/v1/none/x", token="").json()
        assert refused["type"] == "https://data.example/problems/auth.token_missing"
