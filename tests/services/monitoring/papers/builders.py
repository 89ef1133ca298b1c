"""Papers for the tests."""

from __future__ import annotations

from typing import Any

from services.monitoring.papers.schemas import PaperIn

SUBJECT = {"code": "maths", "full_mark": "20", "step": "0.5"}


def paper_body(**changes: Any) -> dict[str, Any]:
    """Three choices, one of them with several right letters, and one constructed response: 20 marks."""
    return {
        "marks_from_options": False,
        "items": [
            {
                "code": "1",
                "kind": "choice",
                "full_mark": "3",
                "step": "1",
                "options": ["A", "B", "C", "D"],
                "key": "B",
                "knowledge_points": ["函数"],
                "competencies": ["运算能力"],
                "cognitive_level": "理解",
                "question_type": "选择题",
            },
            {
                "code": "2",
                "kind": "choice",
                "full_mark": "3",
                "step": "1",
                "options": ["A", "B", "C", "D"],
                "key": "D",
                "knowledge_points": ["几何"],
                "competencies": ["推理能力"],
            },
            {
                "code": "3",
                "kind": "multiple_choice",
                "full_mark": "6",
                "step": "1",
                "options": ["A", "B", "C", "D"],
                "key": "AC",
                "partial_credit": "proportional",
                "knowledge_points": ["函数", "几何"],
            },
            {"code": "4", "kind": "constructed", "full_mark": "8", "knowledge_points": ["统计"]},
        ],
        **changes,
    }


def paper_content(**changes: Any) -> dict[str, Any]:
    """The same paper as it is stored."""
    content = PaperIn.model_validate(paper_body(**changes)).model_dump(mode="json")
    for item in content["items"]:
        item["step"] = item["step"] or SUBJECT["step"]
    return content
