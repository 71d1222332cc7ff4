"""Every refusal is explained: to the operator in English, to the school in words of the catalogue."""

from __future__ import annotations

import pytest

from sheets_sync.google import refusals
from sheets_sync.google.refusals import GoogleRefused, GoogleUnavailable, Trouble, refusal, trouble_of_answer
from sheets_sync.issues import At
from sheets_sync.messages import Messages
from tests.google_script import ROBOT

AT = At("school-21", "Книга")
REASONS = sorted(refusals._TOLD)


@pytest.mark.parametrize("kind", [GoogleRefused, GoogleUnavailable])
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_school_reads_words_of_its_own_for_each(reason: str, kind: type[GoogleRefused], language: str) -> None:
    issue = kind(reason, email=ROBOT).issue(AT)
    entry = Messages.load(language).entries[issue.code]
    told = dict(issue.params)["reason"]
    assert told in entry.cases
    text = Messages.load(language).render(issue)
    assert "…" not in text.message + text.hint


def test_the_address_to_share_with_is_in_the_hint() -> None:
    assert ROBOT in Messages.load("ru").render(GoogleRefused("no-access", email=ROBOT).issue(AT)).hint
    hint = Messages.load("ru").render(GoogleRefused("no-access").issue(AT)).hint
    assert "добавьте «Редактора»" in hint


@pytest.mark.parametrize("reason", REASONS)
def test_the_operator_reads_what_and_what_to_do(reason: str) -> None:
    told = refusal(Trouble("refused", 403, reason, "Google's words"), what="“Книга”", email=ROBOT)
    assert str(told).startswith("Google “Книга”: ")
    assert str(told).endswith("(403 Google's words)")
    assert "{" not in str(told)


def test_a_refusal_can_cross_to_another_process() -> None:
    import pickle

    told = pickle.loads(pickle.dumps(GoogleUnavailable("quota", status=429, what="x", email=ROBOT)))
    assert (str(told), told.reason, told.transient) == (
        str(GoogleUnavailable("quota", status=429, what="x", email=ROBOT)),
        "quota",
        True,
    )


def test_words_of_google_are_cut_and_bare_of_quotes() -> None:
    body = '{"error": {"code": 400, "message": "Bad \\"Иванов\\" and «Петров» ' + "x" * 500 + '"}}'
    said = trouble_of_answer(400, {}, body).said
    assert said.startswith("Bad … and … xxx")
    assert len(said) <= 200


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"error": "invalid_grant"}', '{"error": {"errors": 5, "details": [1]}}', "null"]
)
def test_any_body_is_an_answer(body: str) -> None:
    assert trouble_of_answer(403, {}, body).reason == "no-access"
