-- On 1 September a pupil of class n is n+5 or n+6 years old; two years more or less are common.
WITH classes AS (
    SELECT class_group, class_number(class_group) AS class FROM (SELECT DISTINCT class_group FROM base)
    WHERE NOT regexp_matches(class_group, 'курс', 'i')
),
pupils AS (
    SELECT b.organisation, b.workbook, b.sheet, b."row", b.role, b.class_group, c.class,
        b.age_in_september AS age
    FROM base AS b
    JOIN classes AS c ON c.class_group = b.class_group
    LEFT JOIN organisations AS o USING (organisation)
    WHERE b.role IN ('mentor', 'mentee') AND b.kind = 'pupil' AND coalesce(o.org_type, '') NOT IN ('college', 'kindergarten')
)
SELECT organisation, workbook, sheet, "row", 'class_group' AS field, CASE role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table",
    class_group AS value, 'class' AS why, age AS age, class AS class
FROM pupils
WHERE age BETWEEN getvariable('pupil_age_from') AND getvariable('pupil_age_to')
    AND (age < class + 5 - getvariable('class_tolerance') OR age > class + 6 + getvariable('class_tolerance'))
