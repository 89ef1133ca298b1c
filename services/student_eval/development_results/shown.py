"""Terms of a pupil as they are shown: grades in the scheme's words, never a total, a share or a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.student_eval.development_results.rules import Advice
from services.student_eval.development_results.schemas import (
    AdviceOut,
    CheckpointOut,
    GradeOut,
    GrowthOut,
    SourceOut,
    TermGradeOut,
    TermGradesOut,
)
from services.student_eval.development_results.service.reading import Told
from services.student_eval.development_results.words import words_of
from shared.kernel.web.organizations import code_of
from shared.policy.student_development import development_policy
from shared.scoring.scheme.tree import Branch, Evaluator, Leaf, Name, Scheme

#: Depth of indicators; what lies beneath is a checkpoint.
_INDICATORS = 2


def two(name: Name) -> dict[str, str]:
    """A name in both languages."""
    return {"zh": name.zh, "en": name.en}


def grade_words(scheme: Scheme) -> dict[str, dict[str, str]]:
    """By grade what it is called."""
    return {band.grade: two(band.name) for band in scheme.grades}


def term_out(told: Told) -> TermGradesOut:
    """A term: dimensions and indicators."""
    return TermGradesOut(
        term_id=told.term.id,
        organization=code_of(told.term.org_path),
        class_code=told.term.class_code,
        grade_level=told.term.grade_level,
        school_year=told.term.school_year,
        semester=told.term.semester,
        grades=[_grade(told, above, node) for above, node in _branches(told.scheme)],
        comment=told.comment,
    )


def checkpoints_out(told: Told, sources: Mapping[str, Sequence[tuple[str, str]]]) -> list[CheckpointOut]:
    """Checkpoints with what each rests on."""
    named, order = development_policy().sources, list(development_policy().sources)
    found = []
    for above, node in told.scheme.nodes():
        if isinstance(node, Leaf):
            said = sorted(sources.get(node.code, ()), key=lambda each: order.index(each[0]))
            found.append(
                CheckpointOut(
                    **_grade(told, above, node).model_dump(),
                    is_computed=Evaluator.PLATFORM in node.evaluators,
                    sources=[
                        SourceOut(source=source, name=dict(named[source].name), level=level) for source, level in said
                    ],
                )
            )
    return found


def advice_out(advice: Advice, scheme: Scheme) -> AdviceOut:
    """A piece of advice in words."""
    name = next(node.name for _, node in scheme.nodes() if node.code == advice.node)
    return AdviceOut(kind=advice.kind, indicator=advice.node, name=two(name), words=words_of(advice, name))


def growth_out(terms: Sequence[Told]) -> list[GrowthOut]:
    """Every dimension and indicator of the last term's scheme over the terms under that scheme."""
    alike = [told for told in terms if told.term.scheme_code == terms[-1].term.scheme_code]
    return [
        GrowthOut(
            node=node.code,
            parent=above[-1] if above else None,
            name=two(node.name),
            terms=[
                TermGradeOut(
                    school_year=told.term.school_year,
                    semester=told.term.semester,
                    grade=told.row.grades.get(node.code),
                    change=told.changes.get(node.code),
                )
                for told in alike
            ],
        )
        for above, node in _branches(alike[-1].scheme)
    ]


def _branches(scheme: Scheme) -> list[tuple[tuple[str, ...], Branch]]:
    """Dimensions and indicators with the codes above them."""
    return [(above, node) for above, node in scheme.nodes() if isinstance(node, Branch) and len(above) < _INDICATORS]


def _grade(told: Told, above: Sequence[str], node: Branch | Leaf) -> GradeOut:
    grade = told.row.grades.get(node.code)
    beneath = _leaves(node)
    return GradeOut(
        node=node.code,
        parent=above[-1] if above else None,
        name=two(node.name),
        grade=grade,
        words=grade_words(told.scheme).get(grade) if grade is not None else None,
        change=told.changes.get(node.code),
        checkpoint_count=len(beneath),
        described_count=sum(code in told.row.grades for code in beneath),
    )


def _leaves(node: Branch | Leaf) -> list[str]:
    if isinstance(node, Leaf):
        return [node.code]
    return [code for child in node.children for code in _leaves(child)]
