-- relation: table
-- One line per person and base: what the first accepted row says (a rejected one if there is no other).
SELECT organisation, role, person_key, name_key, string_split(name_key, ' ') AS words,
    first(full_name) AS full_name, first(kind) AS kind, first(category) AS category,
    first(birth) AS birth, first(birth_year) AS birth_year, first(class_group) AS class_group,
    first(experience_years) AS experience_years, first(form) AS form, first(partner_keys) AS partner_keys,
    first(enterprise_id) AS enterprise_id, first(enterprise_id_key) AS enterprise_key,
    first(workbook) AS workbook, first(sheet) AS sheet, first("row") AS "row", first(part) AS part
FROM (SELECT * FROM base WHERE person_key IS NOT NULL ORDER BY accepted DESC, workbook, sheet, "row", part)
GROUP BY organisation, role, person_key, name_key
