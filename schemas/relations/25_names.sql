-- relation: view
-- The names some table refers to (referred_names) with their words.
SELECT *, string_split(name_key, ' ') AS words FROM referred_names
