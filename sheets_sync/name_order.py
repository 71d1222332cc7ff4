"""Names whose parts stand in another order than «Фамилия Имя Отчество», told by how surnames and patronymics end."""

from __future__ import annotations

import re
from collections.abc import Collection

_PATRONYMIC = r"(?:[ое]вич|(?:иль|кузьм|лук|фом|никит|савв|фок)ич|[ое]вна|(?:ин|кузьм)ична|оглы|кызы)"
_SURNAME = (
    r"(?:[оеё]в|[иы]н|[сц]к(?:ий|ой)|[оеё]ва|[иы]на|[сц]кая|[а-я]{2}енко|[а-я]{2}чук|[а-я]{3}ян|[а-я]{2}дзе|[а-я]{2}швили"
    r"|[а-я]{3}(?:ых|их))"
)
IS_PATRONYMIC = rf"^[а-я-]{{2,}}{_PATRONYMIC}$"
IS_SURNAME = rf"^[а-я-]{{2,}}{_SURNAME}$"
_is_patronymic = re.compile(IS_PATRONYMIC).match
_has_surname_ending = re.compile(IS_SURNAME).match

# First names that end as surnames do.
LIKE_SURNAMES = frozenset(
    "марина ирина полина кристина алина екатерина катерина валентина арина карина ангелина каролина галина нина "
    "дарина сабина альбина антонина эвелина василина регина павлина фаина зарина мадина амина эльвина алевтина "
    "капитолина христина устина агриппина юстина сусанна иванна жозефина лина дина инна мина зина злата ева "
    "константин валентин мартин августин лев яков иаков юстин вадин севастьян касьян демьян лукьян емельян "
    "валерьян севериан марьян".split()
)
# The commonest first names: with endings alone «Лебедь Марина» and «Марина Лебедь» look alike.
_COMMON = frozenset(
    "александр алексей анатолий андрей антон аркадий арсений артем артур богдан борис вадим валентин валерий "
    "василий виктор виталий владимир владислав всеволод вячеслав геннадий георгий герман глеб григорий даниил "
    "данил данила денис дмитрий евгений егор захар иван игорь илья кирилл константин леонид макар максим марат "
    "марк матвей михаил назар никита николай олег павел петр платон роман руслан савелий семен сергей станислав "
    "степан тимофей тимур федор филипп эдуард юрий ярослав алена александра алина алиса алла альбина анастасия "
    "ангелина анна антонина арина валентина валерия варвара василиса вера вероника виктория галина дарья диана "
    "ева евгения екатерина елена елизавета жанна зинаида зоя инна ирина кира клавдия кристина ксения лариса лидия "
    "любовь людмила маргарита марина мария марьяна милана надежда наталия наталья нина оксана олеся ольга полина "
    "раиса светлана снежана софия софья таисия тамара татьяна ульяна эльвира юлия яна ярослава".split()
)


def usual_order(name_key: str, given_names: Collection[str] = ()) -> str | None:
    """The key with surname first where the parts plainly stand otherwise: «анна иванова петровна» → «иванова анна
    петровна», «иван петров» → «петров иван»; None where they do not, or may not.

    What is taken for a first name must be one of the commonest or of ``given_names`` (those of other people), and the
    rest must end as surnames do.
    """
    words = name_key.split(" ")
    if not 2 <= len(words) <= 3 or any(len(word) < 2 for word in words):
        return None
    patronymics = [word for word in words if _is_patronymic(word)]
    if len(words) == 3:
        if len(patronymics) != 1 or words[1] == patronymics[0]:
            return None  # «Анна Петровна Иванова» is put right by people.name_key already
        patronymic = patronymics[0]
        first, second = (word for word in words if word != patronymic)
    else:
        if patronymics:
            return None
        (first, second), patronymic = words, ""
    if patronymic == words[0] and _is_surname(first):
        first, second = second, first
    if not _is_surname(second) or second in given_names:
        return None
    if first not in _COMMON and (first not in given_names or _is_surname(first)):
        return None
    return " ".join(word for word in (second, first, patronymic) if word)


def _is_surname(word: str) -> bool:
    return _has_surname_ending(word) is not None and word not in LIKE_SURNAMES and word not in _COMMON


def reordered(name: str, key: str) -> str:
    """The name as typed, its words in the order of the key; words a key lacks (posts) are left out."""
    typed = {word.lower().replace("ё", "е"): word for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", name)}
    return " ".join(typed.get(word, word.title()) for word in key.split(" "))
