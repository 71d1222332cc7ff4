"""Letters, sent to a real server on loopback: secured as asked, refused kindly, without a password in a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sheets_sync import mail, state
from sheets_sync.config import Mail
from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.mail import letter, post
from sheets_sync.reporting import reminding
from tests.simulated import Simulation
from tests.small_district import set_up
from tests.smtp_server import certificate, smtp_server

NOW = datetime(2023, 12, 13, 6, 0, tzinfo=UTC)


def settings(port: int, security: str, pem: Path | None = None, user: str = "") -> Mail:
    return Mail("localhost", port, security, user, sender="robot@example.org", to=("k@example.org",), ca_file=pem)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_letter_arrives_as_written(tmp_path: Path, security: str) -> None:
    """Russian subject and text, the sender, the day; secured as the config says."""
    pem = None if security == "none" else certificate(tmp_path)
    words = reminding.letter_to_district(["СОШ № 2"], 5, date(2023, 12, 20), date(2023, 12, 13))
    users = {} if security == "none" else {"robot": "secret"}
    user, environment = ("", {}) if security == "none" else ("robot", {"SHEETS_SYNC_MAIL_PASSWORD": "secret"})
    with smtp_server(security, pem, users) as server:
        mine = settings(server.port, security, pem, user)
        with post(mine, environment) as open_post:
            subject = reminding.subject(date(2023, 12, 20), date(2023, 12, 13))
            open_post.send(letter(mine, ["k@example.org", "z@example.org"], subject, words, NOW))
    [(sender, recipients, message, secure, who)] = server.letters
    assert (sender, recipients) == ("robot@example.org", ["k@example.org", "z@example.org"])
    assert (secure, who) == (security != "none", user)
    assert message["Subject"] == "Отчёт о наставничестве: срок 20.12.2023"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    text = message.get_content().replace("\r\n", "\n")
    assert text.strip() == words
    assert "До сдачи отчёта осталось 7\u00a0дней: 20.12.2023." in text
    assert "Пока не сдали: 1\u00a0организация из 5.\n– СОШ № 2" in text


def test_a_server_that_is_somebody_else_gets_no_password(tmp_path: Path) -> None:
    """A certificate nobody vouches for, or of another name, ends it before anything is told."""
    for pem, trusted in (
        (certificate(tmp_path), None),
        (certificate(tmp_path, "elsewhere"), tmp_path / "elsewhere.pem"),
    ):
        with smtp_server("starttls", pem, {"robot": "secret"}) as server:
            mine = settings(server.port, "starttls", trusted, "robot")
            with pytest.raises(SourceError, match="certificate"), post(mine, {"SHEETS_SYNC_MAIL_PASSWORD": "secret"}):
                pass
            assert server.letters == []


def test_troubles_are_told_in_one_line(tmp_path: Path) -> None:
    """No password, a wrong one, nobody there, a recipient unknown: what and where."""
    pem = certificate(tmp_path)
    with smtp_server("starttls", pem, {"robot": "secret"}) as server:
        mine = settings(server.port, "starttls", pem, "robot")
        with pytest.raises(ConfigError, match="SHEETS_SYNC_MAIL_PASSWORD is not set"), post(mine, {}):
            pass
        with pytest.raises(SourceError, match="535"), post(mine, {"SHEETS_SYNC_MAIL_PASSWORD": "no"}):
            pass
        server.refused = {"k@example.org"}
        with post(mine, {"SHEETS_SYNC_MAIL_PASSWORD": "secret"}) as open_post:
            with pytest.raises(SourceError, match=r"k@example\.org"):
                open_post.send(letter(mine, ["k@example.org"], "s", "t", NOW))
            open_post.send(letter(mine, ["z@example.org"], "s", "t", NOW))
        assert [recipients for _, recipients, *_ in server.letters] == [["z@example.org"]]
    with pytest.raises(SourceError, match=f"localhost:{server.port}"), post(settings(server.port, "none"), {}):
        pass


def test_the_service_reminds_by_mail(tmp_path: Path) -> None:
    """Whoever has not handed in, and the district: once, however often the service is begun anew."""
    with smtp_server() as server:
        config = set_up(
            tmp_path,
            more=(
                '[schedule]\ntime_zone = "Asia/Irkutsk"\n'
                f'[mail]\nhost = "localhost"\nport = {server.port}\n'
                'security = "none"\nsender = "robot@example.org"\nto = ["k@example.org"]\n'
                '[[organisations]]\nid = "school-b"\nname = "СОШ № 2"\nmail = "b@example.org"\n'
            ),
        )
        changed = int(datetime(2023, 10, 1, tzinfo=UTC).timestamp() * 1e9)
        config.store.mkdir()
        state.save(
            state.State(workbooks={"school-a": {"a.xlsx": state.Fingerprint(1, changed, "", "")}}),
            config.store / "state.json",
        )
        week = Simulation(config, NOW, NOW + timedelta(hours=1))
        week.work.post = mail.post  # type: ignore[method-assign]
        for _ in range(3):
            assert week.service().once(), week.said
    told = {recipients[0]: message.get_content() for _, recipients, message, *_ in server.letters}
    assert len(server.letters) == 2
    assert "Организация: СОШ № 2." in told["b@example.org"]
    assert "1\u00a0организация из 2." in told["k@example.org"]
    assert "school-a" not in told["k@example.org"]
    log = (config.store / "logs/sheets-sync.jsonl").read_text(encoding="utf-8")
    assert '"letters-sent"' in log
    assert "@" not in log


def test_a_mail_server_that_is_away_stops_nothing(tmp_path: Path) -> None:
    """It is told, the sync has been made, and the letters follow when it is back."""
    with smtp_server() as gone:
        port = gone.port
    more = f'[mail]\nhost = "localhost"\nport = {port}\nsecurity = "none"\nsender = "r@example.org"\nto = "k@example.org"\n'
    week = Simulation(set_up(tmp_path, more=more), NOW, NOW + timedelta(hours=1))
    week.work.post = mail.post  # type: ignore[method-assign]
    assert not week.service().once()
    assert len(week.work.syncs) == 1
    assert any(f"localhost:{port}" in line for line in week.said)
