"""The words that remind of a due day, before it and after it: kind, short, without a name of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sheets_sync.reporting.wording import counted, day, form_of

_DAYS = ("день", "дня", "дней")


def stage(due: date, today: date, remind_days: Sequence[int]) -> int | None:
    """Which reminder is the latest one due: days before the day, 0 on it, negative after it; None outside the time of
    reminders. A day on which nobody worked loses none: the next one finds the same stage."""
    left = (due - today).days
    if left == 0:
        return 0
    if left > 0:
        return min((days for days in remind_days if days >= left), default=None)
    if -left > max(remind_days, default=0):
        return None
    passed = [-days for days in remind_days if days <= -left]
    return min(passed, default=0)  # the due day's own until the first one after it


def time_left(due: date, today: date) -> str:
    """«До сдачи отчёта осталось 7 дней: 20.12.2023.»"""
    left = (due - today).days
    if left > 1:
        remains = form_of(left, "остался", "осталось", "осталось")
        return f"До сдачи отчёта {remains} {counted(left, *_DAYS)}: {day(due)}."
    if left == 1:
        return f"Отчёт нужно сдать завтра: {day(due)}."
    if left == 0:
        return f"Отчёт нужно сдать сегодня: {day(due)}."
    return f"Отчёт нужно было сдать {day(due)}, {counted(-left, *_DAYS)} назад."


def reminder(due: date, today: date, remind_days: Sequence[int], *, handed_in: bool) -> str:
    """The line an organisation reads in «Проверка»; "" when there is nothing to remind of.

    Before the day everybody is told, for there may be more to add; after it those who have not handed in.
    """
    if stage(due, today, remind_days) is None:
        return ""
    if due >= today:
        return time_left(due, today)
    if handed_in:
        return ""
    return f"{time_left(due, today)} Внесите данные в таблицы, когда сможете: они сразу попадут в отчёт."


def subject(due: date, today: date) -> str:
    """Subject of a letter."""
    if due < today:
        return f"Отчёт о наставничестве: срок был {day(due)}"
    return f"Отчёт о наставничестве: срок {day(due)}"


def letter_to_organisation(title: str, due: date, today: date) -> str:
    """The letter to an organisation that has not handed in."""
    return "\n\n".join(
        (
            "Здравствуйте!",
            f"{time_left(due, today)} Организация: {title}.",
            "В ваших таблицах пока нет изменений за этот период. Внесите данные в те же файлы, что и обычно: "
            "программа прочитает их сама. Что стоит поправить, написано в файле «Проверка».",
            "Если данные уже внесены, проверьте, что файлы сохранены в общей папке.",
            "Это письмо составлено автоматически.",
        )
    )


def letter_to_district(titles: Sequence[str], of: int, due: date, today: date) -> str:
    """The letter to the district's coordinator: who has not handed in."""
    still = "Пока не сдали" if due >= today else "Не сдали"
    names = "\n".join(f"– {title}" for title in titles)
    number = counted(len(titles), "организация", "организации", "организаций")
    return "\n\n".join(
        (
            "Здравствуйте!",
            time_left(due, today),
            f"{still}: {number} из {of}.\n{names}",
            "Это письмо составлено автоматически.",
        )
    )
