-- relation: view
-- One line per person and base: what the row that speaks for the person says.
SELECT organisation, role, person_key, name_key, string_split(name_key, ' ') AS words, full_name, kind, category, birth,
    birth_year, class_group, experience_years, form, partner_keys, status, date_in, date_out, enterprise_id,
    enterprise_id_key AS enterprise_key, accepted, workbook, sheet, "row", part
FROM base
WHERE rowid IN (SELECT line FROM first_rows)
