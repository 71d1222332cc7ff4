"""What `doctor` finds out about the Google side: the account, what it may see and write, quotas, personal data.

Nothing is written, and of files only what Drive tells of them is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.google.credentials import SCOPES
from sheets_sync.google.files import FOLDER, SPREADSHEET, file_id, list_drive
from sheets_sync.google.limiter import minutes
from sheets_sync.google.refusals import GoogleRefused, GoogleStopped, GoogleUnavailable
from sheets_sync.run import google

if TYPE_CHECKING:
    from sheets_sync.config import Config, GoogleSource
    from sheets_sync.google.client import GoogleClient
    from sheets_sync.google.credentials import Access
    from sheets_sync.google.files import DriveListing

Level = Literal["ok", "warning", "problem"]
Language = Literal["ru", "en"]
NAMED = 5  # of a long list
PARENTS_ASKED = 50  # folders in one query
_OF_FILE = "id,name,mimeType,trashed,capabilities(canEdit)"
_NOWHERE = "sheets-sync-doctor"  # no spreadsheet has this id: asking for it tells whether the API is switched on


class Finding(NamedTuple):
    """One thing looked at: what is so, and what to do ("" when nothing)."""

    level: Level
    what: str
    mend: str = ""


def google_findings(config: Config, language: Language = "ru") -> list[Finding]:
    """What is right and wrong with the Google side of a set-up; [] when nothing at Google is configured.

    Asks Google, with the waits of any run; trouble is a finding, never raised.
    """
    if google.writing_source(config) is None:
        return []
    return list(_Check(config, language).findings())


class _Check:
    """One look at everything, account by account."""

    def __init__(self, config: Config, language: Language) -> None:
        self.config, self.words = config, _WORDS[language]
        self.language = language
        self.spreadsheets = self.workbooks = 0

    def findings(self) -> Iterator[Finding]:
        own_source = google.writing_source(self.config)
        assert own_source is not None
        sources: list[GoogleSource] = [one for one in self.config.sources if one.kind == "google_sheets"]
        accounts: dict[tuple[str, str], tuple[GoogleClient, Access] | None] = {}
        for source in sources or [own_source]:
            key = (str(source.credentials or ""), source.base_url)
            if key not in accounts:
                accounts[key] = None
                try:
                    access = google.account(source)
                    client = google.connect(source, access)
                except ConfigError as error:
                    yield self._credentials(error)
                    continue
                yield from self._account(access)
                try:
                    yield from self._services(client, access, source)
                    accounts[key] = client, access
                except SourceError as error:
                    yield self._trouble(error)
            able = accounts[key]
            if able is None:
                continue
            try:
                if source in sources:
                    yield from self._source(able[0], source)
                if source is own_source and self.config.outputs.google_spreadsheet:
                    yield from self._own(able[0])
            except SourceError as error:
                yield self._trouble(error)
        if self.workbooks:
            yield self._quota()
        if sources:
            yield from self._personal()

    def say(self, level: Level, case: str, **params: Any) -> Finding:
        what, mend = self.words[case]
        return Finding(level, what.format(**params), mend.format(**params))

    # the account

    def _credentials(self, error: ConfigError) -> Finding:
        where = f"{error.path}: " if error.path else ""
        return self.say("problem", "credentials", why=f"{where}{error.message}", mend=error.mend)

    def _account(self, access: Access) -> Iterator[Finding]:
        kind = self.words[access.kind][0]
        place = self.words["config"][0] if access.place == "the config" else access.place
        yield self.say("ok", "account", kind=kind, place=place)
        if access.email:
            yield self.say("ok", "share", email=access.email)
        for notice in access.notices:  # others can read the key
            path, _, rest = notice.partition(": ")
            yield self.say("warning", "key-open", path=path, command=rest.rpartition("run: ")[2])

    def _services(self, client: GoogleClient, access: Access, source: GoogleSource) -> Iterator[Finding]:
        """Both APIs answer, and the account was given what is needed. Raises SourceError."""
        next(client.pages("trashed=false", "id"), None)
        ids = [one for ids in source.spreadsheets.values() for one in ids] + [self.config.outputs.google_spreadsheet]
        try:
            client.spreadsheet(file_id(next(filter(None, ids), _NOWHERE)), "spreadsheetId")
        except (GoogleStopped, GoogleUnavailable):
            raise
        except GoogleRefused:
            pass  # it answers; what is not to be had is told below
        yield self.say("ok", "services")
        granted = getattr(access.credentials, "granted_scopes", None)
        lacking = [one.rpartition("/")[2] for one in SCOPES if granted and not _covers(granted, one)]
        if lacking:
            yield self.say("problem", "scopes-lacking", scopes=", ".join(lacking))

    # what is read

    def _source(self, client: GoogleClient, source: GoogleSource) -> Iterator[Finding]:
        reachable = []
        for one in map(file_id, source.folders):
            file = yield from self._reached(client, one, FOLDER, "not-a-folder")
            if file is not None:
                reachable.append(one)
        own = self.config.outputs.google_spreadsheet
        listing = list_drive(client, reachable, source.spreadsheets, {}, [own] if own else [])
        for unlisted in listing.unlisted:
            yield self._trouble(unlisted.why)
        organisations = {one.organisation for one in listing.workbooks}
        if reachable and not listing.workbooks:
            yield self.say("warning", "nothing-there")
            return
        spreadsheets = [one for one in listing.workbooks if not one.suffix]
        self.workbooks += len(listing.workbooks)
        self.spreadsheets += len(spreadsheets)
        files = len(listing.workbooks) - len(spreadsheets)
        if listing.workbooks:
            counts = {"organisations": len(organisations), "spreadsheets": len(spreadsheets), "files": files}
            yield self.say("ok", "listed", **counts)
        email = client.email or self.words["this-account"][0]
        read_only = sorted(_read_only(client, listing))
        if read_only:
            yield self.say("warning", "read-only", count=len(read_only), names=_named(read_only), email=email)
        if files and self.config.outputs.folder is None:
            yield self.say("warning", "files-only", files=files)

    def _own(self, client: GoogleClient) -> Iterator[Finding]:
        own = file_id(self.config.outputs.google_spreadsheet)
        file = yield from self._reached(client, own, SPREADSHEET, "not-a-spreadsheet")
        if file is None:
            return
        if file.get("capabilities", {}).get("canEdit"):
            yield self.say("ok", "own-writable", name=file.get("name", own))
        else:
            email = client.email or self.words["this-account"][0]
            yield self.say("problem", "own-read-only", name=file.get("name", own), email=email)

    def _reached(
        self, client: GoogleClient, one: str, kind: str, otherwise: str
    ) -> Iterator[Finding] | Any:  # a generator that gives the file
        try:
            file = client.file(one, _OF_FILE)
        except (GoogleStopped, GoogleUnavailable):
            raise
        except GoogleRefused as error:
            yield self._trouble(error)
            return None
        if file.get("trashed"):
            yield self.say("problem", "in-the-trash", name=file.get("name", one))
            return None
        if file.get("mimeType") != kind:
            yield self.say("problem", otherwise, name=file.get("name", one))
            return None
        return file

    def _trouble(self, error: SourceError) -> Finding:
        reason = error.reason if isinstance(error, GoogleRefused) else "rejected"
        level: Level = "warning" if isinstance(error, GoogleUnavailable) else "problem"
        if self.language == "en" or not isinstance(error, GoogleRefused):
            told, _, mend = str(error).partition("; ")
            return Finding(level, told, mend)
        email = error.email or self.words["this-account"][0]
        what, mend = _TROUBLES_RU.get(reason, _TROUBLES_RU["rejected"])
        about = f"Google, {error.what}: " if error.what else "Google: "
        said = " ".join(str(part) for part in (error.status, error.said) if part)
        return Finding(level, about + what + (f" ({said})" if said else ""), mend.format(email=email))

    # quotas, personal data

    def _quota(self) -> Finding:
        writes = self.spreadsheets + bool(self.config.outputs.google_spreadsheet)
        took = minutes(self.spreadsheets) + minutes(writes)
        listings = -(-self.workbooks // 1000)
        return self.say("ok", "quota", spreadsheets=self.spreadsheets, minutes=max(1, round(took)), listings=listings)

    def _personal(self) -> Iterator[Finding]:
        personal = _personal_columns(self.config)
        if personal is None:
            yield self.say("warning", "personal-unknown")
        elif personal:
            yield self.say(
                "warning", "personal", count=len({name for name, _ in personal}),
                names=_named(list(dict.fromkeys(title for _, title in personal))),
            )  # fmt: skip
        else:
            yield self.say("ok", "personal-none")


def _read_only(client: GoogleClient, listing: DriveListing) -> Iterator[str]:
    """Spreadsheets we may not write to, as «organisation/path»."""
    known: dict[str, bool] = {}
    spreadsheets = [one for one in listing.workbooks if not one.suffix]
    parents = sorted({parent for one in spreadsheets for parent in one.file.get("parents", ())})
    for first in range(0, len(parents), PARENTS_ASKED):
        within = " or ".join(f"'{one}' in parents" for one in parents[first : first + PARENTS_ASKED])
        for file in client.files(f"({within}) and mimeType='{SPREADSHEET}' and trashed=false", _OF_FILE):
            known[file["id"]] = bool(file.get("capabilities", {}).get("canEdit"))
    for one in spreadsheets:
        if one.file["id"] not in known:
            known[one.file["id"]] = bool(client.file(one.file["id"], _OF_FILE).get("capabilities", {}).get("canEdit"))
        if not known[one.file["id"]]:
            yield f"{one.organisation}/{one.path}"


def _personal_columns(config: Config) -> list[tuple[str, str]] | None:
    """(organisation, title) of the fields with personal data that the last sync read at Google; None if not known."""
    path = config.store / "store.duckdb"
    if not path.is_file():
        return None
    import json

    import duckdb

    from sheets_sync.catalog import Catalog
    from sheets_sync.run.reading import GOOGLE_SCHEME, definitions_of
    from sheets_sync.store import looking_into

    asked = (
        'SELECT DISTINCT t.organisation, t."table", t.columns FROM tables t JOIN workbooks w'
        " USING (organisation, workbook) WHERE starts_with(w.locator, ?) ORDER BY ALL"
    )
    try:
        with looking_into(path, config.key_of_store()) as store:
            found = store.execute(asked, [GOOGLE_SCHEME]).fetchall()
        schemas = definitions_of(config, Catalog(config.folder if config.path else None)).schemas
    except (duckdb.Error, ConfigError):
        return None  # a run is at work, or what is wrong with the store is told elsewhere
    return [
        (organisation, item.title)
        for organisation, table, columns in found
        if table in schemas
        for item in schemas[table].fields
        if item.personal != "none" and item.name in json.loads(columns)
    ]


def _covers(granted: Sequence[str], scope: str) -> bool:
    wider = {"drive.readonly": "drive"}.get(scope.rpartition("/")[2], "")
    return scope in granted or (bool(wider) and f"{scope.rpartition('/')[0]}/{wider}" in granted)


def _named(names: Sequence[str]) -> str:
    more = f" … (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


_STEPS = "docs/ru/google.md"

# case: what is so, what to do
_WORDS: dict[Language, dict[str, tuple[str, str]]] = {
    "ru": {
        "credentials": (
            "Нет доступа к Google: ключ не найден или не подходит ({why})",
            "положите ключ сервисного аккаунта рядом с config.toml и укажите его имя: credentials ="
            f' "service-account.json"; по шагам — {_STEPS}',
        ),
        "account": ("Google: {kind}, ключ взят отсюда: {place}", ""),
        "service-account": ("сервисный аккаунт", ""),
        "user": ("доступ от имени человека", ""),
        "config": ("config.toml", ""),
        "this-account": ("аккаунтом, от имени которого работает программа", ""),
        "share": ("Google: папки и таблицы открывайте для {email}", ""),
        "key-open": ("Ключ {path} могут прочитать другие пользователи компьютера", "выполните: {command}"),
        "services": ("Google: Sheets API и Drive API отвечают", ""),
        "scopes-lacking": (
            "Google: при разрешении доступа отмечены не все пункты ({scopes})",
            "разрешите доступ ещё раз, отметив все пункты: sheets-sync google-login",
        ),
        "listed": (
            "Google: видно организаций — {organisations}, таблиц — {spreadsheets}, файлов Excel на Диске — {files}",
            "",
        ),
        "nothing-there": (
            "Google: папка видна, но таблиц в ней нет",
            "заведите в ней по папке на организацию и положите туда таблицы",
        ),
        "read-only": (
            "Google: таблицы, которые можно только читать ({count}): {names}. «Проверка» в них не появится",
            "откройте таблицу или её папку для {email} с правом «Редактор»",
        ),
        "files-only": (
            "Google: файлы Excel на Диске ({files}) программа читает, но «Проверку» в них не записывает",
            'укажите папку для результатов: [outputs] folder = "outbox"',
        ),
        "own-writable": ("Google: таблица района «{name}» доступна для записи", ""),
        "own-read-only": (
            "Google: таблицу района «{name}» можно только читать",
            "откройте её для {email} с правом «Редактор»",
        ),
        "in-the-trash": ("Google: «{name}» в корзине", "верните из корзины или замените идентификатор в config.toml"),
        "not-a-folder": (
            "Google: «{name}» — не папка",
            "в folders указывают папки; отдельную таблицу запишите в spreadsheets",
        ),
        "not-a-spreadsheet": (
            "Google: «{name}» — не таблица Google",
            "создайте пустую таблицу на sheets.google.com и впишите её идентификатор в google_spreadsheet",
        ),
        "quota": (
            "Google: таблиц — {spreadsheets}; первый запуск займёт примерно {minutes} мин (Google разрешает по 60"
            " чтений и записей в минуту), запуск без изменений — запросов: {listings}",
            "",
        ),
        "personal": (
            "В таблицах Google есть персональные данные (организаций — {count}): {names}",
            "с 01.07.2025 закон (152-ФЗ, ст. 18, ч. 5) запрещает собирать и записывать персональные данные граждан"
            " России сразу в базы за рубежом; посоветуйтесь с ответственным за персональные данные. Работа с файлами"
            " Excel на своём компьютере умеет всё то же самое, и данные его не покидают",
        ),
        "personal-unknown": (
            "Есть ли в таблицах Google персональные данные, станет видно после sync",
            "прежде проверьте, разрешено ли хранить их там (152-ФЗ, ст. 18, ч. 5); работа с файлами Excel умеет всё"
            " то же самое",
        ),
        "personal-none": ("В таблицах Google столбцов с персональными данными не найдено", ""),
    },
    "en": {
        "credentials": ("no access to Google: {why}", "{mend}"),
        "account": ("Google: {kind}, credentials from {place}", ""),
        "service-account": ("a service account", ""),
        "user": ("in the name of a person", ""),
        "config": ("config.toml", ""),
        "this-account": ("the account in use", ""),
        "share": ("Google: share folders and spreadsheets with {email}", ""),
        "key-open": ("others on this machine can read the key {path}", "run: {command}"),
        "services": ("Google: Sheets API and Drive API answer", ""),
        "scopes-lacking": (
            "Google: the access that was allowed lacks {scopes}",
            "allow it once more, all of it: sheets-sync google-login",
        ),
        "listed": (
            "Google: {organisations} organisations, {spreadsheets} spreadsheets, {files} Excel files on Drive are seen",
            "",
        ),
        "nothing-there": (
            "Google: the folder is seen, but there are no spreadsheets in it",
            "make a folder per organisation in it and put the spreadsheets there",
        ),
        "read-only": (
            "Google: spreadsheets that can only be read ({count}): {names}; they get no «Проверка»",
            "share the spreadsheet or its folder with {email} as Editor",
        ),
        "files-only": (
            "Google: Excel files on Drive ({files}) are read, but no «Проверка» is written into them",
            'name a folder for the results: [outputs] folder = "outbox"',
        ),
        "own-writable": ("Google: the district's spreadsheet “{name}” can be written", ""),
        "own-read-only": (
            "Google: the district's spreadsheet “{name}” can only be read",
            "share it with {email} as Editor",
        ),
        "in-the-trash": ("Google: “{name}” is in the trash", "take it out, or change the id in config.toml"),
        "not-a-folder": ("Google: “{name}” is no folder", "folders names folders; a spreadsheet goes to spreadsheets"),
        "not-a-spreadsheet": (
            "Google: “{name}” is no Google spreadsheet",
            "make an empty one at sheets.google.com and write its id into google_spreadsheet",
        ),
        "quota": (
            "Google: {spreadsheets} spreadsheets; the first run takes about {minutes} min (Google allows 60 reads and"
            " 60 writes a minute), one without changes takes {listings} requests",
            "",
        ),
        "personal": (
            "Google spreadsheets hold personal data ({count} organisations): {names}",
            "Russian law (152-FZ, art. 18 part 5, since 01.07.2025) forbids to collect and record citizens' personal"
            " data straight into databases abroad; ask whoever answers for personal data. Excel files on your own"
            " computer do everything the same, and nothing leaves it",
        ),
        "personal-unknown": (
            "whether Google spreadsheets hold personal data will be seen after a sync",
            "check first whether the law allows it (152-FZ, art. 18 part 5); Excel files do everything the same",
        ),
        "personal-none": ("Google spreadsheets hold no columns of personal data", ""),
    },
}

# Google's refusals by reason, for the operator; {email}: whom to share with
_TROUBLES_RU = {
    "no-access": ("нет доступа", "откройте таблицу или папку для {email}: «Редактор», чтобы записывать «Проверку»"),
    "gone": (
        "такого нет, или доступ не открыт",
        "проверьте идентификатор в config.toml, загляните в корзину и откройте доступ для {email}",
    ),
    "office-file": ("это файл Excel на Диске, а не таблица Google", "его можно читать, но не дополнять"),
    "other-kind": ("это не таблица", "проверьте идентификатор в config.toml"),
    "not-downloadable": ("файл нельзя скачать", "разрешите скачивание в настройках доступа к файлу"),
    "incomplete": ("Диск показал не всё", "запустите ещё раз позже"),
    "rejected": ("Google отклонил запрос", f"посмотрите {_STEPS}"),
    "not-json": ("ответ не удалось разобрать", "запустите ещё раз позже"),
    "quota": (
        "исчерпана квота запросов",
        "подождите несколько минут; не запускайте две программы от имени одного аккаунта",
    ),
    "quota-day": ("исчерпана квота проекта на сегодня", "запустите завтра"),
    "unavailable": ("Google или сеть не отвечает", "проверьте подключение и запустите ещё раз"),
    "credentials": (
        "ключ больше не принимается",
        "сделайте новый ключ сервисного аккаунта или разрешите доступ заново (sheets-sync google-login); проверьте"
        " часы компьютера",
    ),
    "api-disabled": (
        "в проекте не включён Google Sheets API или Google Drive API",
        "включите оба в Google Cloud Console: «API и сервисы» → «Библиотека»",
    ),
    "scopes": ("не хватает разрешений", "разрешите доступ заново, отметив все пункты: sheets-sync google-login"),
}
