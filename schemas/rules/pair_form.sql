SELECT p.organisation, p.workbook, p.sheet, p."row", 'form' AS field, form_title(form) AS value,
    CASE
        WHEN mentor_kind = 'pupil' AND mentee_kind = 'pupil' THEN CASE WHEN form LIKE '%student' THEN 'студент – студент' ELSE 'ученик – ученик' END
        WHEN mentor_kind = 'staff' AND mentee_kind = 'pupil' THEN CASE WHEN form LIKE '%student' THEN 'педагог – студент' ELSE 'учитель – ученик' END
        WHEN mentor_kind = 'staff' AND mentee_kind = 'staff' THEN 'учитель – учитель'
        WHEN mentor_category IN ('enterprise', 'entrepreneur') AND mentee_kind = 'pupil'
            THEN CASE WHEN form LIKE '%student' THEN 'работодатель – студент' ELSE 'работодатель – ученик' END
    END AS suggestion,
    CASE WHEN form_fits(form, 'mentor', mentor_kind) AND NOT (form = 'teacher_teacher' AND mentor_kind = 'external') THEN 'mentee' ELSE 'mentor' END AS who,
    mentor_kind, mentee_kind
FROM pairs_resolved AS p
-- a kind that is in doubt itself is said in the base
ANTI JOIN (SELECT person_key FROM base WHERE kind_in_doubt) AS d ON d.person_key IN (p.mentor_person, p.mentee_person)
WHERE NOT same_person AND (NOT form_fits(form, 'mentor', mentor_kind) OR NOT form_fits(form, 'mentee', mentee_kind)
    OR (form = 'teacher_teacher' AND mentor_kind = 'external' AND mentor_category <> 'veteran'))
