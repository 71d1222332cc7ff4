"""A note as one HTML page without script or network: on a phone, and on A4 when printed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sheets_sync.sinks.markup import (
    Block,
    Heading,
    Listing,
    PageBreak,
    Paragraph,
    Quote,
    Rule,
    Signature,
    Spans,
    Table,
    parse,
    plain,
)
from sheets_sync.sinks.office import APPLICATION
from sheets_sync.sinks.word import is_turned

_STYLE = """
:root { color-scheme: light }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 3rem; background: #fff; color: #111;
  font: 1.06rem/1.5 "Times New Roman", "Liberation Serif", Tinos, serif; overflow-wrap: break-word }
h1, .subtitle { text-align: center; margin: 0 0 .8em; line-height: 1.25 }
h1 { font-size: 1.3rem }
.subtitle { font-weight: bold }
h2, h3, h4 { font-size: 1.1rem; line-height: 1.25; margin: 1.4em 0 .5em; break-after: avoid }
h4 { font-weight: normal; font-style: italic }
p { margin: 0 0 .6em }
ul, ol { margin: 0 0 .8em; padding-left: 1.8em }
ul { list-style: "–  " }
li > ul, li > ol { margin: 0 }
a { color: #0b4f9e }
blockquote { margin: 0 0 1em; padding: .6em .9em; border-left: 3px solid #7f7f7f }
blockquote.draft { border-left: 6px solid #595959; background: #efefef }
blockquote > :last-child { margin-bottom: 0 }
.scroll { overflow-x: auto; margin: 0 0 1.2em }
table { border-collapse: collapse; width: 100%; font-size: .94rem; line-height: 1.25 }
caption { text-align: left; padding-bottom: .3em }
th, td { border: 1px solid #333; padding: .25em .45em; vertical-align: top; text-align: left; overflow-wrap: normal }
th { background: #ededed; text-align: center; vertical-align: middle }
.right { text-align: right }
.center { text-align: center }
.signature { margin: 2em 0 1em; break-inside: avoid }
.signature p { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .2em 1.2em; margin: 0 0 1.4em }
.signature .post { flex: 1 1 16rem }
.signature .line { flex: 0 0 9rem; border-bottom: 1px solid #111 }
.signature .name { flex: 0 0 12rem; min-height: 1.5em }
.signature .name:empty { border-bottom: 1px solid #111 }
@page { size: A4; margin: 2cm 1.5cm 2cm 3cm;
  @bottom-center { content: "Страница " counter(page) " из " counter(pages); font: 12pt "Times New Roman", serif } }
@page wide { size: A4 landscape; margin: 3cm 2cm 1.5cm 2cm }
@media print {
  body { max-width: none; padding: 0; font-size: 14pt }
  h1, h2, h3, h4 { font-size: 14pt }
  p, li { text-align: justify; orphans: 2; widows: 2 }
  .subtitle, th, .signature p { text-align: center }
  .signature p { text-align: left; flex-wrap: nowrap }
  body > p { text-indent: 1.25cm }
  body > p.subtitle { text-indent: 0 }
  .scroll { overflow: visible }
  .wide { page: wide }
  table { font-size: 12pt }
  caption { break-after: avoid }
  thead { display: table-header-group }
  tr { break-inside: avoid }
  .page { break-before: page }
  a { color: inherit }
}
"""


def note_html(markdown: str, title: str) -> str:
    """The note as a whole page; its blocks are those of :mod:`sheets_sync.sinks.markup`."""
    blocks = _several(parse(markdown))
    return (
        '<!DOCTYPE html>\n<html lang="ru">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="generator" content="{APPLICATION}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{blocks}</body>\n</html>\n"
    )


def _several(blocks: Sequence[Block]) -> str:
    return "".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Heading(level, spans):
            return f"<h{level + 1}>{_text(spans)}</h{level + 1}>\n"
        case Paragraph(spans, subtitle):
            return f"<p{_class('subtitle' if subtitle else '')}>{_text(spans)}</p>\n"
        case Listing(ordered, start, items):
            tag = "ol" if ordered else "ul"
            begins = f' start="{start}"' if start != 1 else ""
            inside = "".join(f"<li>{_item(item)}</li>\n" for item in items)
            return f"<{tag}{begins}>\n{inside}</{tag}>\n"
        case Quote(draft, inside_blocks):
            return f"<blockquote{_class('draft' if draft else '')}>\n{_several(inside_blocks)}</blockquote>\n"
        case Table():
            return _table(block)
        case Signature(lines):
            people = "".join(
                f'<p><span class="post">{escape(post)}</span><span class="line"></span>'
                f'<span class="name">{escape(name)}</span></p>\n'
                for post, name in lines
            )
            return f'<div class="signature">\n{people}</div>\n'
        case PageBreak():
            return '<div class="page"></div>\n'
        case Rule():
            return "<hr>\n"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _item(blocks: Sequence[Block]) -> str:
    """An item of one paragraph needs none around its text."""
    if blocks and isinstance(blocks[0], Paragraph):
        return _text(blocks[0].spans) + (f"\n{_several(blocks[1:])}" if blocks[1:] else "")
    return _several(blocks)


def _table(table: Table) -> str:
    headings = "".join(f'<th scope="col">{_text(spans)}</th>' for spans in table.headings)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(align if align != 'left' else '')}>{_text(spans)}</td>"
            for spans, align in zip(row, table.aligns, strict=True)
        )
        + "</tr>\n"
        for row in table.rows
    )
    wide = " wide" if is_turned(table) else ""
    caption = f"<caption>{_text(table.caption)}</caption>\n" if table.caption else ""
    # a table wider than a phone is moved within its frame, also by keyboard
    named = escape(plain(table.caption)) or "Таблица"
    return (
        f'<div class="scroll{wide}" tabindex="0" role="region" aria-label="{named}">\n<table>\n{caption}'
        f"<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _text(spans: Spans) -> str:
    told = ""
    for span in spans:
        text = escape(span.text).replace("\n", "<br>")
        if span.italic:
            text = f"<em>{text}</em>"
        if span.bold:
            text = f"<strong>{text}</strong>"
        told += f'<a href="{escape(span.link)}">{text}</a>' if span.link else text
    return told
