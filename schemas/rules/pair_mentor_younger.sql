SELECT organisation, workbook, sheet, "row", 'mentor' AS field, mentor AS value
FROM pairs_resolved
WHERE form IN ('pupil_pupil', 'student_student') AND NOT has_error
    AND CASE WHEN mentor_birth IS NOT NULL AND mentee_birth IS NOT NULL THEN mentor_birth > mentee_birth
        ELSE mentor_birth_year > mentee_birth_year END
    AND class_number(mentor_class) < class_number(mentee_class)
