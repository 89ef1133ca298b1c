"""How a unit of a scheme came to its points, as those it is about read it."""

from pydantic import BaseModel

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.explanation import ExplanationNode


class ExplanationNodeOut(BaseModel):
    """How a node came to its points."""

    code: str
    name: dict[str, str]
    status: str
    value: float | bool | str | None
    share: float | None
    weight: float
    nominal_points: float
    points_possible: float | None
    printed_points_possible: float | None
    printed_points: float | None
    sentence: dict[str, str] | None
    weight_sentence: dict[str, str] | None
    weight_from: list[str]
    children: list["ExplanationNodeOut"]


def words(sentence: Sentence | None) -> dict[str, str] | None:
    """A sentence in both languages."""
    return None if sentence is None else {"zh": sentence.zh, "en": sentence.en}


def explained_node(node: ExplanationNode) -> ExplanationNodeOut:
    """A node and everything beneath it."""
    return ExplanationNodeOut(
        code=node.code,
        name={"zh": node.name.zh, "en": node.name.en},
        status=node.status,
        value=node.value,
        share=node.share,
        weight=node.weight,
        nominal_points=node.nominal_points,
        points_possible=node.points_possible,
        printed_points_possible=node.printed_points_possible,
        printed_points=node.printed_points,
        sentence=words(node.sentence),
        weight_sentence=words(node.weight_sentence),
        weight_from=list(node.weight_from),
        children=[explained_node(child) for child in node.children],
    )
