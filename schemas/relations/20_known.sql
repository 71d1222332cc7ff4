-- relation: table
-- One line per person and base: what the first accepted row says (a rejected one if there is no other).
SELECT organisation, role, person_key, name_key, string_split(name_key, ' ') AS words, full_name, kind, category, birth,
    birth_year, class_group, experience_years, form, partner_keys, status, date_in, date_out, enterprise_id,
    enterprise_id_key AS enterprise_key, accepted, workbook, sheet, "row", part
FROM base
WHERE rowid IN (
    SELECT CASE WHEN count(*) = 1 THEN any_value(rowid)
        ELSE arg_min(rowid, (NOT accepted, workbook, sheet, "row", part)) END
    FROM base WHERE person_key IS NOT NULL GROUP BY organisation, role, person_key
)
