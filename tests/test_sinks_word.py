"""Notes as Word documents: sound, as an office expects them, the same bytes every time, never written over by us."""

from __future__ import annotations

import io
import re
import runpy
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sinks import office
from sheets_sync.sinks.files import Outputs, mark_of, undo
from sheets_sync.sinks.markup import Table, parse
from sheets_sync.sinks.word import TURNED, UPRIGHT, _layout, free_name, render_note, was_edited

faults = runpy.run_path(str(Path(__file__).with_name("docx_order.py")))["faults"]
DAY = datetime(2023, 12, 20)


def written(markdown: str, title: str = "Справка") -> io.BytesIO:
    file = io.BytesIO()
    render_note(markdown, file, title=title, created=DAY)
    file.seek(0)
    return file


def opened(markdown: str) -> Document:
    return docx.Document(written(markdown))


@pytest.fixture(scope="module")
def sample(project: Path) -> str:
    return (project / "tests" / "note_school.md").read_text(encoding="utf-8")


# --- the document -----------------------------------------------------------------------------------------------------


def test_the_sample_is_sound_and_the_same_every_time(sample: str) -> None:
    """Word has nothing to repair; no clock, no random number, no trace of another program's template."""
    first = written(sample)
    assert faults(first) == []
    assert first.getvalue() == written(sample).getvalue()
    with zipfile.ZipFile(first) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"python-docx" not in everything
    assert set(re.findall(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}T", everything)) == {b"2023-12-20T"}


def test_properties() -> None:
    """Title and date as given, the language Russian; a title may hold anything."""
    about = opened("# А").core_properties
    assert (about.title, about.created, about.modified) == ("Справка", about.modified, about.created)
    assert (about.author, about.language) == ("sheets-sync", "ru-RU")
    assert docx.Document(written("а", title="\x0bИмя" * 100)).core_properties.title == ("Имя" * 100)[:255]


def test_the_page_and_the_letters(sample: str) -> None:
    """A4 with 3, 1.5, 2, 2 cm; Times New Roman 14 in every script; 1.5 spacing, 1.25 cm, justified; Russian."""
    document = opened(sample)
    page = document.sections[0]
    measures = (
        page.page_width,
        page.page_height,
        page.left_margin,
        page.right_margin,
        page.top_margin,
        page.bottom_margin,
    )
    for measure, wanted in zip(measures, (21, 29.7, 3, 1.5, 2, 2), strict=True):
        assert measure is not None
        assert abs(measure - Cm(wanted)) < Cm(0.01)
    normal = document.styles["Normal"].paragraph_format
    assert (normal.line_spacing, normal.alignment) == (1.5, WD_ALIGN_PARAGRAPH.JUSTIFY)
    assert normal.first_line_indent is not None
    assert abs(normal.first_line_indent - Cm(1.25)) < Cm(0.01)
    defaults = document.styles.element.find(qn("w:docDefaults")).find(".//" + qn("w:rPr"))
    faces = defaults.find(qn("w:rFonts"))
    assert {faces.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    assert defaults.find(qn("w:sz")).get(qn("w:val")) == "28"
    assert defaults.find(qn("w:lang")).get(qn("w:val")) == "ru-RU"


def test_styles_are_real_ones(sample: str) -> None:
    """Title, headings with levels to navigate by, captions, lists, drafts: each paragraph by its style."""
    document = opened(sample)
    by_style: dict[str, list[str]] = {}
    for paragraph in document.paragraphs:
        assert paragraph.style is not None
        by_style.setdefault(str(paragraph.style.name), []).append(paragraph.text)
    assert by_style["Title"] == ["ИНФОРМАЦИОННО-АНАЛИТИЧЕСКАЯ СПРАВКА"]
    assert len(by_style["Heading 1"]) == 13
    assert by_style["Heading 2"] == ["6.1. Что помогает и что мешает"]
    assert [text.partition(".")[0] for text in by_style["Caption"]] == [f"Таблица\u00a0{n}" for n in range(1, 9)]
    assert by_style["List Bullet"][0] == "одарённые дети – 5;"
    assert len(by_style["List Number"]) == 3
    drafts = by_style["Черновик"]
    assert sum(text.startswith("Черновик, отредактируйте:") for text in drafts) == 3
    for level in (1, 2, 3):
        outline = document.styles[f"Heading {level}"].element.pPr.find(qn("w:outlineLvl"))
        assert outline.get(qn("w:val")) == str(level - 1)
    assert "####" not in "".join(paragraph.text for paragraph in document.paragraphs)


def test_tables_repeat_their_headings_and_keep_their_rows_whole(sample: str) -> None:
    """As wide as the page, single-spaced 12 points, numbers to the right."""
    document = opened(sample)
    forms = document.tables[1]
    assert [cell.text for cell in forms.rows[0].cells][:2] == ["Форма наставничества", "Всего"]
    for index, row in enumerate(forms.rows):
        properties = row._tr.trPr
        assert properties is not None
        assert properties.find(qn("w:cantSplit")) is not None
        assert (properties.find(qn("w:tblHeader")) is not None) == (index == 0)
    words, number = (forms.rows[1].cells[column].paragraphs[0] for column in (0, 1))
    assert (words.alignment, number.alignment) == (None, WD_ALIGN_PARAGRAPH.RIGHT)
    assert words.style is not None
    assert words.style.font.size == Pt(12)  # type: ignore[attr-defined]
    assert words.style.paragraph_format.line_spacing == 1  # type: ignore[attr-defined]


def test_a_wide_table_stands_on_a_turned_page() -> None:
    """With its headings and its caption; what follows stands upright again, and no page is empty."""
    wide = "|".join(f" {n} " for n in range(10))
    rows = f"|{wide}|\n|{'|'.join(['---'] * 10)}|\n" + f"|{wide}|\n" * 12
    text = f"начало\n\n\\newpage\n\n## Б\n\nТаблица: широкая\n\n{rows}\n\\newpage\n\nконец"
    document = opened(text)
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    inside = [
        [block.text for block in section.iter_inner_content() if hasattr(block, "runs")]
        for section in document.sections
    ]
    assert [[text for text in texts if text] for texts in inside] == [
        ["начало"],
        ["Б", "Таблица\u00a01. широкая"],
        ["конец"],
    ]
    assert faults(written(text)) == []
    assert not document.element.findall(".//" + qn("w:pageBreakBefore"))
    alone = opened(text[text.index("Таблица") : text.index("\\newpage\n\nконец")])
    assert [section.orientation for section in alone.sections] == [WD_ORIENT.LANDSCAPE]


def test_a_short_table_is_not_worth_a_turned_page() -> None:
    """However many columns it has, as long as its words fit; and it is not parted between pages."""
    cells = "|" + "да|" * 10
    document = opened(f"{cells}\n|{'---|' * 10}\n{cells}\n{cells}")
    assert [section.orientation for section in document.sections] == [WD_ORIENT.PORTRAIT]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in document.tables[0].rows]
    assert kept == [None, True, None]  # the heading has it from its style


def test_a_table_of_long_words_takes_smaller_letters_or_a_turned_page() -> None:
    """Every word fits its column as long as letters of 8 points allow."""

    def layout(columns: int, word: str) -> tuple[bool, int]:
        row = f"|{'|'.join([word] * columns)}|"
        (table,) = parse(f"{row}\n|{'|'.join(['---'] * columns)}|\n{row}")
        assert isinstance(table, Table)
        page, size, widths = _layout(table)
        assert sum(widths) == page.room
        return page is TURNED, size

    assert layout(3, "слово") == (False, 12)
    assert layout(6, "наставляемые") == (False, 10)
    assert layout(7, "удовлетворённость") == (True, 10)
    assert layout(16, "удовлетворённость") == (True, 8)
    assert layout(60, "слово") == (True, 8)
    assert UPRIGHT.room < TURNED.room


def test_lists_count_from_where_they_begin() -> None:
    """Every numbered list counts by itself, an inner one on its own level."""
    document = opened("3. а\n4. б\n    1. в\n\nмежду\n\n1. г")
    starts = [
        (override.get(qn("w:ilvl")), override[0].get(qn("w:val")))
        for override in document.part.numbering_part.element.iter(qn("w:lvlOverride"))
    ]
    assert starts == [("0", "3"), ("1", "1"), ("0", "1")]


def test_the_signature_stays_with_the_words_above_it() -> None:
    """A table without lines: post, room to sign, name; a missing name has a line to write it on."""
    document = opened("Выводы.\n\nПодпись: Директор | Е.В. Соколова\nПодпись: Куратор |")
    (table,) = document.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert [row[0] for row in rows] == ["Директор", "Куратор"]
    assert set(rows[0][1]) == set(rows[1][2]) == {"_"}
    assert rows[0][2] == "Е.В. Соколова"
    assert document.paragraphs[0].paragraph_format.keep_with_next
    assert table.style is not None
    assert table.style.name == "Normal Table"


def test_the_footer_counts_pages(sample: str) -> None:
    """«Страница X из Y», counted by Word, on every section's pages."""
    document = opened(sample)
    assert {section.footer.paragraphs[0].text for section in document.sections} == {"Страница 1 из 1"}
    told = document.sections[0].footer._element.xml
    assert re.findall(r"instrText[^>]*> (\w+) <", told) == ["PAGE", "NUMPAGES"]


def test_links_lead_somewhere() -> None:
    """An address of a site is a link; one within the note is its text."""
    file = written("[сайт](https://school-21.example/раздел) и [выше](#а) и [ещё](https://school-21.example/раздел)")
    assert faults(file) == []
    (paragraph,) = docx.Document(file).paragraphs
    assert [(link.text, link.address) for link in paragraph.hyperlinks] == [
        ("сайт", "https://school-21.example/%D1%80%D0%B0%D0%B7%D0%B4%D0%B5%D0%BB"),
        ("ещё", "https://school-21.example/%D1%80%D0%B0%D0%B7%D0%B4%D0%B5%D0%BB"),
    ]
    assert paragraph.text == "сайт и выше и ещё"


PIECES = [
    "# А\n\n", "## Б\n\n", "слова\n\n", "| а | б |\n|---|---|\n| 1 | |\n\n", "Таблица: имя\n\n", "> **Черновик:** я\n\n",
    "> цитата\n\n", "- а\n- б\n  1. в\n\n     г\n\n", "7. ж\n\n", "\\newpage\n\n", "---\n\n", "Подпись: Директор | И\n\n",
    "|" + "и|" * 9 + "\n|" + "---|" * 9 + "\n|" + "1|" * 9 + "\n\n", "> - а\n>   - б\n>     - в\n>       - г\n\n",
    "<!-- x -->\n\n", "\x00\x0b&<>\"'\n\n", "```\nкод\n```\n\n", "- > я\n\n  | т |\n  |---|\n\n",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=9))
def test_any_note_is_sound(pieces: list[str]) -> None:
    """Whatever follows whatever, Word has nothing to repair, and the words are those that were written."""
    text = "".join(pieces)
    file = written(text)
    assert faults(file) == []
    with zipfile.ZipFile(file) as archive:
        words = office.words_hash(archive.read("word/document.xml"))
        assert words.encode() in archive.read("docProps/custom.xml")


# --- what people do to it ---------------------------------------------------------------------------------------------


def edit(path: Path, change: Callable[[Document], object]) -> None:
    document = docx.Document(str(path))
    change(document)
    document.save(str(path))


def type_in(words: str) -> Callable[[Document], object]:
    return lambda document: document.paragraphs[-1].add_run(words)


def save_again(path: Path) -> None:
    """As another program does: its own name, words cut into other runs, empty paragraphs, proofing marks."""
    content = io.BytesIO(path.read_bytes())

    def change(name: str, part: bytes) -> bytes:
        if name == "docProps/app.xml":
            return part.replace(b"sheets-sync", b"LibreOffice/24")
        if name == "word/document.xml":
            text = re.sub(r"(<w:t [^>]*>)([^<&])", r"\1\2</w:t></w:r><w:proofErr/><w:r>\1", part.decode())
            return text.replace("<w:p>", "<w:p/><w:p>").encode()
        return part

    with path.open("wb") as file:
        office.repack(content, file, change)


@pytest.fixture
def outputs(tmp_path: Path) -> Callable[[], Outputs]:
    return lambda: Outputs(tmp_path / "outbox", tmp_path / ".sheets-sync")


@pytest.fixture
def put(outputs: Callable[[], Outputs]) -> Callable[[str], tuple[str, str, str]]:
    """Write a note with these words; name, state and notice come back."""

    def write(words: str) -> tuple[str, str, str]:
        with outputs() as run:
            done = run.write("ш/Справка.docx", partial(render_note, words, title="С", created=DAY))
        return done.path.name, done.state, done.notice

    return write


Put = Callable[[str], tuple[str, str, str]]


def test_an_edited_document_stays_and_the_new_version_stands_beside_it(tmp_path: Path, put: Put) -> None:
    """It is said every time; the version beside it is ours and is replaced."""
    path = tmp_path / "outbox/ш/Справка.docx"
    assert put("раз") == ("Справка.docx", "created", "")
    assert put("раз") == ("Справка.docx", "unchanged", "")
    edit(path, type_in(", мои слова"))
    assert was_edited(path)
    edited = path.read_bytes()
    name, state, notice = put("два")
    assert (name, state) == ("Справка (2).docx", "created")
    assert "has been edited and was left as it is" in notice
    assert "Справка (2).docx" in notice
    assert put("два")[:2] == ("Справка (2).docx", "unchanged")
    assert put("три")[:2] == ("Справка (2).docx", "replaced")
    assert put("раз")[:2] == ("Справка (2).docx", "replaced")  # or an older version would look the newest
    edit(path.with_name("Справка (2).docx"), type_in(" и ещё"))
    assert put("четыре")[:2] == ("Справка (3).docx", "created")
    assert path.read_bytes() == edited
    assert {item.name for item in path.parent.iterdir()} == {f"Справка{n}.docx" for n in ("", " (2)", " (3)")}


@pytest.mark.parametrize("lost", [False, True])
def test_an_edited_document_stays_alone_while_we_have_nothing_new_to_say(tmp_path: Path, put: Put, lost: bool) -> None:
    """The same words again are no new version; also when the record of what we wrote is lost."""
    path = tmp_path / "outbox/ш/Справка.docx"
    put("раз")
    edit(path, type_in(", мои слова"))
    if lost:
        shutil.rmtree(tmp_path / ".sheets-sync")
    assert put("раз") == ("Справка.docx", "unchanged", "")
    assert put("раз") == ("Справка.docx", "unchanged", "")
    assert put("два")[:2] == ("Справка (2).docx", "created")
    assert "мои слова" in docx.Document(str(path)).paragraphs[0].text


def test_a_document_merely_saved_again_is_ours(tmp_path: Path, put: Put, sample: str) -> None:
    """Opening and saving is no edit: it stays while the words are the same, and is replaced when they are not."""
    path = tmp_path / "outbox/ш/Справка.docx"
    put(sample)
    save_again(path)
    assert not was_edited(path)
    assert (office.saved(path), mark_of(path)) == ("saved again", "ours")
    before = path.read_bytes()
    assert put(sample) == ("Справка.docx", "unchanged", "")
    assert path.read_bytes() == before
    assert put("два") == ("Справка.docx", "replaced", "")


def test_an_earlier_version_put_back_is_replaced(tmp_path: Path, put: Put) -> None:
    """Bytes of ours are ours, whichever run wrote them."""
    path = tmp_path / "outbox/ш/Справка.docx"
    put("раз")
    before = path.read_bytes()
    put("два")
    path.write_bytes(before)
    assert put("два") == ("Справка.docx", "replaced", "")


@pytest.mark.parametrize(
    "change",
    [
        type_in("."),
        lambda document: document.add_paragraph("ещё"),
        lambda document: document.tables[0].rows[1].cells[0].paragraphs[0].runs[0].clear(),
        lambda document: document.add_comment(document.paragraphs[0].runs[0], text="почему?"),
        lambda document: document.paragraphs[0]._p.getparent().remove(document.paragraphs[0]._p),
    ],
)
def test_what_counts_as_an_edit(tmp_path: Path, change: Callable[[Document], object]) -> None:
    """Words, cells, remarks, something taken out."""
    path = tmp_path / "Справка.docx"
    path.write_bytes(written("начало\n\n| а |\n|---|\n| б |\n\nконец").getvalue())
    assert not was_edited(path)
    edit(path, change)
    assert was_edited(path)


def test_looks_are_no_edit(tmp_path: Path) -> None:
    """Bold letters and another style do not change what the document says."""
    path = tmp_path / "Справка.docx"
    path.write_bytes(written("начало\n\nконец").getvalue())

    def change(document: Document) -> None:
        document.paragraphs[0].runs[0].bold = True
        document.paragraphs[1].style = document.styles["Heading 1"]

    edit(path, change)
    assert not was_edited(path)


def test_files_that_were_never_ours(tmp_path: Path, put: Put) -> None:
    """A stranger's document, no document, an archive with entities: left alone, and said."""
    path = tmp_path / "outbox/ш/Справка.docx"
    path.parent.mkdir(parents=True)
    docx.Document().save(str(path))
    assert (was_edited(path), mark_of(path)) == (True, "foreign")
    name, _, notice = put("раз")
    assert name == "Справка (2).docx"
    assert "was not written by sheets-sync" in notice
    path.write_bytes(b"not a document")
    assert was_edited(path)
    assert put("два")[0] == "Справка (2).docx"
    entities = tmp_path / "б.docx"
    with zipfile.ZipFile(entities, "w") as archive:
        archive.writestr("docProps/app.xml", "<Application>sheets-sync</Application>")
        archive.writestr("docProps/custom.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert office.saved(entities) == "foreign"


def test_a_document_that_lost_our_property_counts_as_edited(tmp_path: Path, put: Put) -> None:
    """A program that keeps only the author: nobody can tell whether the words are ours, so they stay."""
    path = tmp_path / "outbox/ш/Справка.docx"
    put("раз")
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as given, zipfile.ZipFile(path, "w") as archive:
        for name in given.namelist():
            if name != "docProps/custom.xml":
                archive.writestr(name, given.read(name))
    assert mark_of(path) == "edited"
    assert put("два")[0] == "Справка (2).docx"


def test_undo_takes_back_the_version_beside_an_edited_one(tmp_path: Path, put: Put) -> None:
    """The edited one is not touched."""
    path = tmp_path / "outbox/ш/Справка.docx"
    put("раз")
    edit(path, type_in("!"))
    put("два")
    assert [(item.path.name, item.state) for item in undo(tmp_path / ".sheets-sync")] == [
        ("Справка (2).docx", "removed")
    ]
    assert was_edited(path)


def test_free_names(tmp_path: Path) -> None:
    """The name asked for while it is free, else the next number."""
    assert free_name(tmp_path, "Справка.docx") == "Справка.docx"
    (tmp_path / "Справка.docx").touch()
    assert free_name(tmp_path, "Справка.docx") == "Справка (2).docx"
    (tmp_path / "Справка (2).docx").touch()
    assert free_name(tmp_path, "Справка.docx") == "Справка (3).docx"


# --- LibreOffice ------------------------------------------------------------------------------------------------------


def convert(path: Path, form: str, folder: Path) -> Path:
    assert shutil.which("soffice"), "LibreOffice is needed"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    return folder / f"{path.stem}.{form}"


@pytest.mark.system
def test_libreoffice_prints_it(tmp_path: Path, sample: str) -> None:
    """Seven pages, none of them empty; our letters; nothing that did not fit."""
    path = tmp_path / "Справка.docx"
    path.write_bytes(written(sample).getvalue())
    pdf = convert(path, "pdf", tmp_path)
    info = subprocess.run(["pdfinfo", "-l", "99", str(pdf)], check=True, capture_output=True, text=True).stdout
    sizes = re.findall(r"Page +\d+ size: +(\d+)\.?\d* x (\d+)", info)
    assert sizes == [("595", "841")] * 7
    fonts = subprocess.run(["pdffonts", str(pdf)], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert fonts
    for line in fonts:
        assert re.search(r"LiberationSerif|TimesNewRoman", line)
        assert line.split()[-5] == "yes"  # embedded
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    assert "####" not in text
    pages = text.split("\f")[:-1]
    assert [f"Страница {n} из 7" in page for n, page in enumerate(pages, 1)] == [True] * 7
    assert all(len(page.split()) > 12 for page in pages)
    pictures = subprocess.run(["pdftoppm", "-r", "20", "-gray", str(pdf), str(tmp_path / "p")], capture_output=True)
    assert pictures.returncode == 0
    for picture in sorted(tmp_path.glob("p-*.pgm")):
        assert nothing_in_the_margins(picture.read_bytes()), picture.name


def nothing_in_the_margins(picture: bytes) -> bool:
    """No ink within a centimetre of the edges: what does not fit the page runs over it."""
    _, size, _, rest = picture.split(b"\n", 3)
    width, height = map(int, size.split())
    edge = int(20 / 2.54 * 0.8)
    rows = [rest[y * width : (y + 1) * width] for y in range(height)]
    return all(min(row[:edge] + row[-edge:]) > 200 for row in rows)


@pytest.mark.system
@pytest.mark.parametrize("through", ["docx", "odt"])
def test_libreoffice_saving_it_is_no_edit(tmp_path: Path, sample: str, through: str) -> None:
    """Saved again as it is, or by way of an .odt: the words are ours still."""
    path = tmp_path / "Справка.docx"
    path.write_bytes(written(sample).getvalue())
    first, last = tmp_path / "а", tmp_path / "б"
    first.mkdir()
    last.mkdir()
    again = convert(convert(path, through, first), "docx", last)
    assert office.saved(again) == "saved again"
    edit(again, type_in("!"))
    assert was_edited(again)
