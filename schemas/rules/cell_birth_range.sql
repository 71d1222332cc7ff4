-- Pupils 5–20 (students of colleges older), staff 18–80, nobody in the future. The suggestion turns the slip round: the last
-- two figures of the year, or the century. Where the kind of participant is what does not fit, that is the cell.
WITH aged AS (
    SELECT b.*, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table,
        coalesce(o.org_type = 'college', false) AS is_college
    FROM base AS b
    LEFT JOIN organisations AS o USING (organisation)
    WHERE b.role IN ('mentor', 'mentee') AND b.birth_year IS NOT NULL
),
bounded AS (
    SELECT *, age_joined AS age,
        CASE WHEN kind <> 'pupil' THEN getvariable('staff_age_from') WHEN is_college THEN getvariable('student_age_from') ELSE getvariable('pupil_age_from') END AS least_age,
        CASE WHEN kind <> 'pupil' THEN getvariable('staff_age_to') WHEN is_college THEN getvariable('student_age_to') ELSE getvariable('pupil_age_to') END AS most_age,
        (birth_year // 100) * 100 + (birth_year % 10) * 10 + (birth_year % 100) // 10 AS turned
    FROM aged
)
SELECT organisation, workbook, sheet, "row",
    CASE WHEN NOT kind_in_doubt THEN 'birth' WHEN role = 'mentor' THEN 'category' ELSE 'kind' END AS field, base_table AS "table",
    CASE WHEN NOT kind_in_doubt THEN coalesce(russian_date(birth), birth_year::VARCHAR) WHEN kind = 'pupil' THEN 'обучающийся' ELSE 'педагог' END AS value,
    CASE
        WHEN kind_in_doubt THEN CASE kind WHEN 'pupil' THEN 'педагог' ELSE 'обучающийся' END
        WHEN year(joined) - turned BETWEEN least_age AND most_age
            THEN coalesce(left(russian_date(birth), 6) || turned, turned::VARCHAR)
        WHEN year(joined) - (birth_year - 100) BETWEEN least_age AND most_age
            THEN coalesce(left(russian_date(birth), 6) || (birth_year - 100), (birth_year - 100)::VARCHAR)
        WHEN year(joined) - (birth_year + 100) BETWEEN least_age AND most_age
            THEN coalesce(left(russian_date(birth), 6) || (birth_year + 100), (birth_year + 100)::VARCHAR)
    END AS suggestion,
    least_age AS minimum, most_age AS maximum, age AS age,
    CASE WHEN birth > getvariable('as_of') OR birth_year > year(getvariable('as_of')) THEN 'future' WHEN kind_in_doubt THEN 'kind' ELSE 'age' END AS why
FROM bounded
WHERE birth > getvariable('as_of') OR birth_year > year(getvariable('as_of'))
    OR (kind IS NOT NULL AND (age < least_age OR age > most_age))
    OR (kind IS NULL AND age NOT BETWEEN 3 AND 100)
