-- The greatest category ≤ all potential mentees ≤ the sum of the categories. A number that is above all pupils is wrong itself:
-- profile-order says so.
WITH seen AS (
    SELECT organisation, workbook, sheet, "row", n_potential, n_10_18, n_pupils,
        greatest(n_gifted, n_low_results, n_disability, n_hardship, n_behaviour, n_isolated) AS greatest_category,
        n_gifted + n_low_results + n_disability + n_hardship + n_behaviour + n_isolated AS together
    FROM school_profile
)
SELECT organisation, workbook, sheet, "row", 'n_potential' AS field, n_potential AS value,
    CASE WHEN n_potential > together THEN 'sum' ELSE 'greatest' END AS why,
    CASE WHEN n_potential > together THEN together ELSE greatest_category END AS other_value
FROM seen
WHERE (n_potential > together OR n_potential < greatest_category)
    AND NOT coalesce(n_potential > n_10_18, false) AND NOT coalesce(n_potential > n_pupils, false)
