-- relation: table, needs pairs_resolved
-- One line per pair or group: the span its rows give it (no end as soon as one of them has none).
SELECT unit, any_value(organisation) AS organisation,
    min(starts) AS starts,
    CASE WHEN bool_and(ends IS NOT NULL) THEN max(ends) END AS ends,
    max(default_end) AS default_end,
    min(order_date) AS order_date,
    bool_or(dates_reversed) AS dates_reversed,
    bool_or(is_active) AS is_active,
    min(line) AS line,
    count(*) AS size
FROM pairs_resolved
WHERE duplicate_of IS NULL
GROUP BY unit
