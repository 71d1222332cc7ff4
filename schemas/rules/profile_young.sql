-- I3 above 100 %: the profile states fewer young specialists than took part as mentees in that calendar year by its date.
-- A person counts with the experience written in the base, whenever that was.
WITH young AS (
    SELECT p.organisation, p.mentee_person, p.starts, p.ends
    FROM pairs_resolved AS p
    WHERE p.accepted AND p.ordered AND NOT p.has_error AND p.refused_on IS NULL AND p.mentee_kind = 'staff'
        AND p.mentee_experience <= getvariable('young_specialist_years')
),
counted AS (
    SELECT s.organisation, s.workbook, s.sheet, s."row", s.n_young, s.n_teachers, count(DISTINCT y.mentee_person) AS taking_part
    FROM school_profile AS s
    JOIN young AS y ON y.organisation = s.organisation AND y.starts <= s.as_of
        AND coalesce(y.ends >= date_trunc('year', s.as_of), true)
    WHERE s.n_young IS NOT NULL AND s.as_of <= getvariable('as_of')
    GROUP BY ALL
)
SELECT organisation, workbook, sheet, "row", 'n_young' AS field, n_young AS value, taking_part AS suggestion
FROM counted
WHERE taking_part > n_young AND coalesce(n_young <= n_teachers, true)
