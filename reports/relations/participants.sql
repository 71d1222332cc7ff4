-- Who takes part in the programme of the school year, by role: every person of a counted pair whose period meets
-- 1 September … as-of. As in ``entered``, a name that several persons of the base may bear adds no person. ``form``: the
-- form of mentoring of all the person's pairs in that role, NULL where they differ.
SELECT organisation, role, person_key, CASE WHEN count(DISTINCT form) = 1 THEN min(form) END AS form
FROM (
  SELECT organisation, 'mentor' AS role, mentor_person AS person_key, form, ends FROM counted_pairs
  WHERE mentor_is_known OR mentor_candidates <= 1
  UNION ALL
  SELECT organisation, 'mentee', mentee_person, form, ends FROM counted_pairs
  WHERE mentee_is_known OR mentee_candidates <= 1
)
WHERE person_key IS NOT NULL
  AND coalesce(ends >= make_date(left(getvariable('school_year'), 4)::INTEGER, 9, 1), true)
GROUP BY organisation, role, person_key
