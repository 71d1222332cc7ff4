-- relation: view
-- Every person an enterprise names as its mentor, one line each; a post («главный инженер») is nobody.
SELECT * FROM (
    SELECT organisation, workbook, sheet, "row", part, unnest(mentors) AS name, unnest(mentors_keys) AS name_key FROM enterprises
)
WHERE regexp_matches(name, '^[А-ЯЁ][А-ЯЁа-яё-]+ [А-ЯЁ]') AND len(string_split(name_key, ' ')) BETWEEN 2 AND 4
