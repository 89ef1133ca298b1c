"""The chain tells every change; the state follows from it; rules say who may say what."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.student_eval.archive_terms.rules import TERM_LIFE, TermState
from services.student_eval.archives.chain import GENESIS, Entry, EntryKind, breaks_of, linked, with_hash
from services.student_eval.archives.rules import require_author, require_choice, require_time
from services.student_eval.archives.state import RecordStatus, replayed
from shared.policy.student_archives import EnteredBy, archive_policy, field_faults
from shared.terms.actor import Role
from shared.terms.errors import DomainError
from tests.support.settings import actor

STUDENT = "a" * 26
TERM = "2026-2027-1"
POLICY = archive_policy()
SCHOOL = "99/9900/990001/2199000001/"


def chain(*sayings: tuple[EntryKind, dict[str, Any], uuid.UUID | None]) -> list[Entry]:
    entries: list[Entry] = []
    for kind, payload, record_id in sayings:
        last = entries[-1] if entries else None
        told = {
            "student_key": STUDENT,
            "by": "me",
            "by_role": "student",
            "at": f"2026-11-25T08:00:{len(entries):02}+00:00",
        }
        entries.append(linked(last, kind=kind, payload=payload, record_id=record_id, term=TERM, **told))
    return entries


def written(record_id: uuid.UUID, text: str = "帮助低年级同学") -> tuple[EntryKind, dict[str, Any], uuid.UUID]:
    fields = {"began_on": "2026-10-01", "minutes": 120, "place": "社区", "certifier": "居委会"}
    return EntryKind.RECORD_WRITTEN, {"type": "volunteering", "fields": fields, "text": text}, record_id


def test_a_sound_chain() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    entries = chain(written(one), written(two), (EntryKind.RECORD_WITHDRAWN, {"reason": "重复"}, one))
    assert breaks_of(entries) == []
    assert entries[0].previous_sha256 == GENESIS
    state = replayed(entries)
    assert (state.records[one].status, state.records[two].status) == (RecordStatus.WITHDRAWN, RecordStatus.STANDING)


@given(st.data())
def test_any_change_is_told(data: st.DataObject) -> None:
    entries = chain(*(written(uuid.UUID(int=n), f"第{n}次") for n in range(5)))
    place = data.draw(st.integers(0, 4))
    what = data.draw(
        st.sampled_from(["text", "by", "by_role", "at", "number", "term", "student_key", "remove", "swap", "again"])
    )
    changed = list(entries)
    match what:
        case "remove":
            del changed[place if place < 4 else 0]
        case "swap":
            other = (place + 1) % 5
            changed[place], changed[other] = changed[other], changed[place]
        case "again":
            changed.insert(place, entries[place])
        case "number":
            changed[place] = dataclasses.replace(entries[place], number=99)
        case name:
            text = getattr(entries[place], name)
            at = data.draw(st.integers(0, len(text) - 1))
            letter = data.draw(st.characters(codec="ascii", exclude_characters=text[at]))
            changed[place] = dataclasses.replace(entries[place], **{name: text[:at] + letter + text[at + 1 :]})
    assert breaks_of(changed)


def test_a_blank_in_what_was_said_is_told_too() -> None:
    entries = chain(written(uuid.uuid4()))
    spaced = dataclasses.replace(entries[0], text=entries[0].text.replace(":", ": ", 1))
    assert spaced.payload == entries[0].payload
    assert [found.reason for found in breaks_of([spaced])] == ["content"]


def test_a_rewritten_tail_breaks_where_it_begins() -> None:
    entries = chain(*(written(uuid.UUID(int=n)) for n in range(3)))
    forged = with_hash(dataclasses.replace(entries[1], by="somebody"))
    assert [(found.number, found.reason) for found in breaks_of([entries[0], forged, entries[2]])] == [(3, "previous")]


def test_a_choice_is_signed_as_it_stands() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    chosen = (EntryKind.SELECTION_MADE, {"records": [str(one), str(two)]}, None)
    entries = chain(written(one), written(two), chosen)
    state = replayed(entries)
    assert not state.is_signed(TERM)
    signature = (EntryKind.SELECTION_SIGNED, {"content_sha256": state.selection_sha256(TERM)}, None)
    assert replayed(chain(written(one), written(two), chosen, signature)).is_signed(TERM)
    anew = (EntryKind.RECORD_CORRECTED, {"fields": {}, "text": "另一种说法"}, one)
    assert not replayed(chain(written(one), written(two), chosen, signature, anew)).is_signed(TERM)
    cancelled = (EntryKind.RECORD_CANCELLED, {"reason": "失实"}, one)
    state = replayed(
        chain(written(one), written(two), chosen, signature, (EntryKind.TERM_VERIFIED, {}, None), cancelled)
    )
    assert [record.id for record in state.by_dimension(POLICY)["morality"]] == [two]
    assert state.by_dimension(POLICY)["arts"] == []


def test_choices_have_limits() -> None:
    ids = [uuid.UUID(int=n) for n in range(7)]
    state = replayed(chain(*(written(each) for each in ids)))
    require_choice(state, TERM, ids[: POLICY.most_selected], POLICY)
    require_choice(state, TERM, [], POLICY)
    for chosen, code in (
        (ids[: POLICY.most_selected + 1], "archive.too_many_chosen"),
        ([ids[0], ids[0]], "archive.chosen_twice"),
        ([uuid.uuid4()], "resource.not_found"),
    ):
        with pytest.raises(DomainError) as caught:
            require_choice(state, TERM, chosen, POLICY)
        assert caught.value.code == code


TIMES = {
    EntryKind.RECORD_WRITTEN: {TermState.RECORDING},
    EntryKind.RECORD_CORRECTED: {TermState.RECORDING, TermState.SELECTING},
    EntryKind.SELECTION_MADE: {TermState.SELECTING},
    EntryKind.SELECTION_SIGNED: {TermState.SELECTING},
    EntryKind.GUIDANCE_GIVEN: {TermState.RECORDING, TermState.SELECTING},
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("state", TermState)
def test_when(kind: EntryKind, state: TermState) -> None:
    if state in TIMES[kind]:
        require_time(kind, state)
        return
    with pytest.raises(DomainError) as caught:
        require_time(kind, state)
    assert caught.value.code == ("archive.frozen" if state is TermState.IN_PUBLICITY else "archive.not_now")


def test_nobody_writes_in_a_pupils_place() -> None:
    student = actor(Role.STUDENT, SCHOOL, person=STUDENT)
    assert require_author(student, STUDENT, EnteredBy.STUDENT) is Role.STUDENT
    assert require_author(actor(Role.SCHOOL_OPERATOR, SCHOOL), STUDENT, EnteredBy.SCHOOL) is Role.SCHOOL_OPERATOR
    for who, by, code in (
        (actor(Role.TEACHER, SCHOOL), EnteredBy.STUDENT, "archive.students_write"),
        (actor(Role.SCHOOL_ADMIN, SCHOOL), EnteredBy.STUDENT, "archive.students_write"),
        (actor(Role.INTEGRATION, "99/9900/"), EnteredBy.STUDENT, "archive.students_write"),
        (actor(Role.STUDENT, SCHOOL, person="b" * 26), EnteredBy.STUDENT, "archive.students_write"),
        (student, EnteredBy.SCHOOL, "archive.school_imports"),
        (actor(Role.TEACHER, SCHOOL), EnteredBy.SCHOOL, "archive.school_imports"),
    ):
        with pytest.raises(DomainError) as caught:
            require_author(who, STUDENT, by)
        assert caught.value.code == code


def test_life() -> None:
    assert {state: TERM_LIFE.actions(state) for state in TermState} == {
        TermState.RECORDING: ("begin_selection",),
        TermState.SELECTING: ("return_to_recording", "begin_publicity"),
        TermState.IN_PUBLICITY: ("withdraw_publicity", "verify"),
        TermState.VERIFIED: (),
    }


def test_every_kind_of_record_is_whole() -> None:
    assert len(POLICY.dimensions) == 5
    for kind in POLICY.record_types.values():
        assert kind.dimension in POLICY.dimensions
        assert kind.required <= set(kind.fields)
        assert set(kind.name) == {"zh", "en"}
        assert set(kind.fields) <= set(POLICY.field_names)
    covered = {kind.dimension for kind in POLICY.record_types.values()}
    assert covered == set(POLICY.dimensions)


FAULTY: list[tuple[dict[str, object], set[tuple[str, str]]]] = [
    (
        {},
        {
            ("began_on", "field.missing"),
            ("minutes", "field.missing"),
            ("place", "field.missing"),
            ("certifier", "field.missing"),
        },
    ),
    ({"minutes": 0}, {("minutes", "archive.not_a_minutes")}),
    ({"minutes": True}, {("minutes", "archive.not_a_minutes")}),
    ({"count": "3"}, {("count", "archive.not_a_count")}),
    ({"began_on": "2026-13-01"}, {("began_on", "archive.not_a_date")}),
    ({"began_on": "20261001"}, {("began_on", "archive.not_a_date")}),
    ({"began_on": "2026-11-26"}, {("began_on", "archive.not_yet")}),
    ({"ended_on": "2026-09-30"}, {("ended_on", "archive.ends_before_it_begins")}),
    ({"place": 5}, {("place", "archive.not_a_text")}),
    ({"points": 5}, {("points", "archive.field_unknown")}),
]


@pytest.mark.parametrize(("changes", "wanted"), FAULTY)
def test_fields(changes: dict[str, object], wanted: set[tuple[str, str]]) -> None:
    whole: dict[str, object] = {"began_on": "2026-10-01", "minutes": 120, "place": "社区", "certifier": "居委会"}
    fields = {} if not changes else whole | changes
    found = field_faults(POLICY.record_types["volunteering"], fields, dt.date(2026, 11, 25))
    assert set(found) == wanted
