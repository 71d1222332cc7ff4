SELECT b.organisation, b.workbook, b.sheet, b."row", 'consent' AS field,
    CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table", 'нет' AS value
FROM base AS b
JOIN consent_of AS c ON c.person_key = b.person_key
WHERE b.role IN ('mentor', 'mentee') AND NOT b.consent AND c.refused_on IS NOT NULL
