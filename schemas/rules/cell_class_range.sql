-- «17Б» or a letter alone among the classes of a school. Not where the table mostly holds groups, nor in a college. «б» is a
-- mistyped 6 where the age is that of the sixth class.
WITH written AS (
    SELECT class_group, try_cast(regexp_extract(class_group, '^(\d{1,2})\s*[-«"]?\s*[А-Яа-яЁё]?[»"]?$', 1) AS INTEGER) AS number,
        regexp_matches(class_group, '^\d{2,}\s*[-«"]?\s*[А-Яа-яЁё][»"]?$') AS lettered,
        regexp_matches(class_group, '^[«"]?[А-Яа-яЁё][»"]?$') AS letter
    FROM (SELECT DISTINCT class_group FROM base WHERE role IN ('mentor', 'mentee') AND class_group IS NOT NULL)
),
odd AS (
    SELECT class_group, letter FROM written WHERE letter OR (lettered AND coalesce(number > 11, true))
),
-- the rows of the tables that hold such a class, all of whose classes count
rows_beside AS (
    SELECT b.*, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table, x.header_row, w.number, d.letter
    FROM base AS b
    JOIN written AS w ON w.class_group = b.class_group
    LEFT JOIN odd AS d ON d.class_group = b.class_group
    JOIN blocks AS x ON x.organisation = b.organisation AND x.workbook = b.workbook AND x.sheet = b.sheet
        AND x."table" = CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AND b."row" >= x.header_row AND b."row" < x.next_header_row
    LEFT JOIN organisations AS o ON o.organisation = b.organisation
    WHERE b.role IN ('mentor', 'mentee') AND coalesce(o.org_type, '') <> 'college'
        AND (b.organisation, b.workbook, b.sheet) IN (SELECT (organisation, workbook, sheet) FROM base SEMI JOIN odd USING (class_group))
),
measured AS (
    SELECT *, count(*) OVER w AS of_all, count(*) FILTER (number BETWEEN 1 AND 11) OVER w AS of_school
    FROM rows_beside WINDOW w AS (PARTITION BY organisation, workbook, sheet, base_table, header_row)
)
SELECT organisation, workbook, sheet, "row", 'class_group' AS field, base_table AS "table", class_group AS value,
    CASE WHEN letter THEN 'class-letter' ELSE 'class-number' END AS why,
    CASE WHEN lower(class_group) = 'б' AND age_in_september BETWEEN 10 AND 13 THEN '6' END AS suggestion
FROM measured
WHERE letter IS NOT NULL AND of_school * 2 > of_all - 1
