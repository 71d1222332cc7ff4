"""What the page of a period says (``index.html``): of the district, or of one organisation.

Plain values: numbers are already words («54,5 %»), except where a plot draws them. Headings, their order and the prose
around them stand in ``reports/index.html.j2``, which a district may replace. Holds counts, names of organisations and
words of road maps; no names of people but those a school's own page repeats from its own road map.
"""

from __future__ import annotations

from sheets_sync.reporting import note
from sheets_sync.reporting.overview.headline import attention, handed_in, tiles
from sheets_sync.reporting.overview.measured import (
    aim_note,
    bars,
    cards,
    definitions,
    dynamics,
    indicator_table,
    matrix,
    missing,
    restated,
    scales,
)
from sheets_sync.reporting.overview.shapes import Overview
from sheets_sync.reporting.overview.view import Files, View, page_place, standard_files
from sheets_sync.reporting.overview.work import quality, roadmap, survey, taking_part
from sheets_sync.reporting.summary import explanations
from sheets_sync.reporting.wording import day

__all__ = ["Files", "Overview", "overview", "page_place", "standard_files"]


def overview(
    given: note.NoteInput, organisation: str | None = None, files: Files | None = None, lights: str = ""
) -> Overview:
    """What the page says of the district, or of one organisation.

    ``files``: the files the page may lead to, all those of a set by default; ``lights``: what the colours
    of the traffic light mean, in a sentence. Equal input gives equal pages.
    """
    if files is None:
        files = standard_files(given.period, given.figures.organisations)
    view = View(given, organisation, files)
    return Overview(
        organisation=organisation,
        title="Мониторинг реализации целевой модели наставничества",
        period=view.span,
        as_of=day(given.period.as_of),
        whose=view.summary.whose,
        tiles=tiles(view),
        attention=attention(view),
        handed_in=handed_in(view, lights),
        indicators=bars(view),
        aim_note=aim_note(view),
        indicator_table=indicator_table(view),
        cards=cards(view),
        scales=scales(view),
        matrix=matrix(view) if view.is_district else None,
        dynamics=dynamics(view),
        taking_part=taking_part(view),
        survey=survey(view),
        roadmap=roadmap(view),
        quality=quality(view),
        restated=restated(view),
        missing=missing(view),
        explanations=tuple(explanations(view.summary)),
        definitions=definitions(view),
        files=view.links(organisation, but=page_place(given.period, organisation)),
    )
