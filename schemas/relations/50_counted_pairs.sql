-- relation: view
-- The rows of pairs that count as of the date (tables.md, settled questions 3, 5, 9).
SELECT * FROM pairs_resolved
WHERE accepted AND ordered AND NOT has_error
    AND (refused_on IS NULL OR refused_on > getvariable('as_of'))
    AND coalesce(starts <= getvariable('as_of'), false)
    AND coalesce(order_date <= getvariable('as_of'), true)
