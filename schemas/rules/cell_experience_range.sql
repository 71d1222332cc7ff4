SELECT organisation, workbook, sheet, "row", 'experience_years' AS field,
    CASE role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table",
    CASE WHEN experience_years = floor(experience_years) THEN experience_years::INTEGER::VARCHAR ELSE replace(experience_years::VARCHAR, '.', ',') END AS value,
    'experience' AS why, age_now AS age,
    age_now - getvariable('experience_from_age') AS maximum
FROM base
WHERE role IN ('mentor', 'mentee') AND birth_year BETWEEN 1900 AND year(getvariable('as_of')) - 1
    AND floor(experience_years) > greatest(age_now - getvariable('experience_from_age'), 0)
