-- One number for two pairs of different mentors and mentees in one table (a group is one mentor, a renewed pair one mentee). A
-- numbering that begins again with 1 is one of sections. A name that is in no base has its own finding. The number missing
-- between the neighbours is the one meant.
WITH lines AS (
    SELECT p.organisation, p.workbook, p.sheet, p."row", p.part, p.pair_id, p.number, p.mentor_key, p.mentee_key, b.header_row,
        (p.mentor_is_known OR p.no_mentors) AND (p.mentee_is_known OR p.no_mentees) AS is_known,
        try_cast(regexp_extract(p.number, '(\d+)$', 1) AS INTEGER) AS place
    FROM pairs_resolved AS p
    JOIN blocks AS b ON b.organisation = p.organisation AND b.workbook = p.workbook AND b.sheet = p.sheet AND b."table" = 'pairs'
        AND p."row" >= b.header_row AND p."row" < b.next_header_row
    WHERE p.number IS NOT NULL AND p.accepted
),
neighbours AS (
    SELECT *, lag(place) OVER w AS before, lead(place) OVER w AS after
    FROM lines WINDOW w AS (PARTITION BY organisation, workbook, sheet, header_row ORDER BY "row", part)
),
twice AS (
    SELECT later.*, earlier."row" AS other_row
    FROM neighbours AS later
    JOIN lines AS earlier USING (organisation, workbook, sheet, header_row, number)
    WHERE (earlier."row", earlier.part) < (later."row", later.part) AND earlier.is_known AND later.is_known
        AND NOT one_person(string_split(earlier.mentor_key, ' '), string_split(later.mentor_key, ' '))
        AND NOT one_person(string_split(earlier.mentee_key, ' '), string_split(later.mentee_key, ' '))
    QUALIFY row_number() OVER (PARTITION BY organisation, workbook, sheet, header_row, number ORDER BY later."row", later.part, earlier."row") = 1
)
SELECT organisation, workbook, sheet, "row", 'pair_id' AS field, pair_id AS value, 'pair' AS what, other_row,
    CASE WHEN before + 2 = after AND place <> before + 1 THEN
        regexp_replace(pair_id, '\d+\D*$', lpad((before + 1)::VARCHAR, greatest(length(regexp_extract(pair_id, '(\d+)\D*$', 1)), length((before + 1)::VARCHAR))::INTEGER, '0')) END AS suggestion
FROM twice AS t
ANTI JOIN twice AS first ON first.number = '1' AND first.organisation = t.organisation AND first.workbook = t.workbook
    AND first.sheet = t.sheet AND first.header_row = t.header_row
