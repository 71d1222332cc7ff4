-- relation: table
-- What is known of a person's consent in all: earliest date, whether one without a date exists, the day it ended.
SELECT person_key,
    bool_or(given) AS has_consent,
    bool_or(given AND source = 'consents') AS in_consents,
    min(given_on) FILTER (given) AS first_given_on,
    max(given_on) FILTER (given) AS last_given_on,
    bool_or(given AND given_on IS NULL AND source = 'base') AS undated_in_base,
    bool_or(given AND given_on IS NULL AND source = 'consents') AS undated_in_consents,
    CASE
        -- a consent given after the refusal or withdrawal stands
        WHEN max(stops_on) IS NULL OR max(given_on) FILTER (given AND stops_on IS NULL) >= max(stops_on) THEN NULL
        WHEN max(stops_on) = DATE '1900-01-01' AND bool_or(given AND source = 'consents' AND stops_on IS NULL) THEN NULL
        ELSE max(stops_on)
    END AS refused_on
FROM consent_rows
GROUP BY person_key
