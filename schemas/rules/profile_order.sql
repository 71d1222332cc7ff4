WITH compared AS (
    SELECT organisation, workbook, sheet, "row", unnest([
        {field: 'n_potential', value: n_potential, other: 'n_10_18', other_value: n_10_18},
        {field: 'n_10_18', value: n_10_18, other: 'n_pupils', other_value: n_pupils},
        {field: 'n_15_18', value: n_15_18, other: 'n_10_18', other_value: n_10_18},
        {field: 'n_young', value: n_young, other: 'n_teachers', other_value: n_teachers},
        {field: 'n_potential', value: n_potential, other: 'n_pupils', other_value: CASE WHEN n_10_18 IS NULL THEN n_pupils END},
        {field: 'n_15_18', value: n_15_18, other: 'n_pupils', other_value: CASE WHEN n_10_18 IS NULL THEN n_pupils END}
    ]) AS c
    FROM school_profile
)
SELECT organisation, workbook, sheet, "row", c.field AS field, c.value AS value,
    -- a nought too many is the commonest slip
    CASE WHEN c.value % 10 = 0 AND c.value // 10 BETWEEN 1 AND c.other_value AND c.value > 2 * c.other_value THEN (c.value // 10)::VARCHAR END AS suggestion,
    c.other AS other_field, c.other_value AS other_value
FROM compared
WHERE c.value > c.other_value
