-- One row per organisation and date: another one with other numbers is said, a copy is not.
WITH dated AS (
    SELECT organisation, workbook, sheet, "row", as_of,
        (n_pupils, n_10_18, n_potential, n_15_18, n_teachers, n_young)::VARCHAR AS numbers,
        first((n_pupils, n_10_18, n_potential, n_15_18, n_teachers, n_young)::VARCHAR) OVER w AS first_numbers,
        first("row") OVER w AS other_row, first(sheet) OVER w AS other_sheet, first(workbook) OVER w AS other_workbook
    FROM school_profile WHERE as_of IS NOT NULL
    WINDOW w AS (PARTITION BY organisation, as_of ORDER BY workbook, sheet, "row")
)
SELECT organisation, workbook, sheet, "row", 'as_of' AS field, as_of AS value, other_row, nullif(other_sheet, sheet) AS other_sheet,
    nullif(other_workbook, workbook) AS other_workbook, 'profile' AS what
FROM dated
WHERE numbers IS DISTINCT FROM first_numbers
