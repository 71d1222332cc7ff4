"""What the peers check and count: the same for all three, each writes it in its own library's words.

The workbooks are those of benchmarks/generate.py: five sheets, a title in row 1, headings in row 2.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

AS_OF = date(2024, 5, 20)
FIRST_ROW = 3  # of a sheet's data, as the spreadsheet shows it

MENTEES, MENTORS, PAIRS, MEETINGS, ANSWERS = "Наставляемые", "Наставники", "Пары", "Встречи", "Анкеты"
FORMS = ["ученик – ученик", "учитель – учитель", "студент – ученик", "работодатель – ученик", "учитель – ученик"]

# sheet → column → what a cell of it must be: "date", "text", ("number", from, to), a list of words, or whose name
COLUMNS: dict[str, dict[str, object]] = {
    MENTEES: {
        "Категория участника": ["обучающийся", "педагог", "молодой специалист"],
        "Дата рождения": "date",
        "Категория наставляемого": [
            "проявившие выдающиеся способности",
            "с ограниченными возможностями здоровья (ОВЗ)",
            "попавшие в трудную жизненную ситуацию (ТЖС)",
            "имеющие проблемы с поведением",
        ],
        "Основной запрос наставляемого": "text",
        "Дата вхождения в программу": "date",
        "Статус": ["в паре", "в поиске наставника", "выбыл"],
    },
    MENTORS: {
        "Категория наставника": ["педагог", "обучающийся", "выпускник", "работодатель"],
        "Дата рождения": "date",
        "Стаж": ("number", 0, 70),
        "Дата вхождения в программу": "date",
    },
    PAIRS: {
        "ФИО наставника": "mentor",
        "ФИО наставляемого": "mentee",
        "Форма наставничества": FORMS,
        "Дата приказа": "date",
        "Дата начала": "date",
        "Дата окончания": "date",
        "Планируемое количество встреч": ("number", 0, 1000),
        "Статус": ["действует", "приостановлена", "завершена", "прекращена"],
    },
    MEETINGS: {
        "Дата": "date",
        "ФИО наставника": "mentor",
        "ФИО наставляемого": "mentee",
        "Этап встречи": [
            "первая, организационная",
            "вторая, пробная рабочая",
            "встреча-планирование",
            "регулярные встречи",
            "заключительная",
        ],
        "Форма": ["очно", "дистанционно"],
        "Продолжительность, мин": ("number", 1, 600),
    },
    ANSWERS: {
        "ФИО": "person",
        "Роль": ["наставник", "наставляемый"],
        "Форма наставничества": FORMS,
        "Этап": ["до", "промежуточная", "после"],
        "Ожидаемый уровень комфорта": ("number", 1, 10),
        "Насколько полезными/интересными будут личные встречи": ("number", 1, 10),
        "Насколько полезными/интересными будут групповые встречи": ("number", 1, 10),
        "Какой уровень поддержки Вы ожидаете": ("number", 1, 10),
        "Насколько важна помощь наставника": ("number", 1, 10),
        "Насколько понятен план работы с наставником": ("number", 1, 10),
        "Ожидаемая эффективность программы": ("number", 1, 10),
        "Ожидаемое ощущение безопасности": ("number", 1, 10),
        "Ожидаемая включенность наставляемого в процесс": ("number", 1, 10),
        "Ожидаемый уровень удовлетворения": ("number", 1, 10),
    },
}

# A bad cell of these columns takes its row out of the figures, of the others it is a remark.
HEAVY: dict[str, list[str]] = {
    MENTEES: ["Дата рождения", "Дата вхождения в программу"],
    MENTORS: ["Дата рождения", "Дата вхождения в программу", "Стаж"],
    PAIRS: ["ФИО наставника", "ФИО наставляемого", "Дата приказа", "Дата начала", "Дата окончания",
            "Планируемое количество встреч"],
    MEETINGS: ["Дата"],
    ANSWERS: [],
}  # fmt: skip
# … and of these an error value such as #REF! does, words in place of a number do not.
HEAVY_IF_BLANK: dict[str, list[str]] = {MEETINGS: ["Продолжительность, мин"]}

# The figures of a school: accepted rows of the bases, pairs that count, accepted mentees in no pair, accepted meetings,
# distinct persons of counted pairs, and pupils of 10 to 18 years among them (numerator of I1).
INDICATORS = [
    "mentors",
    "mentees",
    "pairs_counted",
    "unmatched",
    "meetings",
    "mentees_entered",
    "mentors_entered",
    "I1",
]
ERRORS = ["sheet", "row", "column", "value"]


def workbooks() -> tuple[list[Path], Path]:
    """The workbooks of the inbox and the folder for what is made: the two arguments of every peer."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    return sorted(inbox.glob("*/*.xlsx")), out
