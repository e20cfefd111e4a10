INSERT INTO user (username, password)
VALUES
  ('test', 'pbkdf2:sha256:1000$Qa06MeWhcfAIsTDd$85e73c8b70a2e2b49b2fcd88c69c2f2638cd0e06efa208893d944bcc787f4c51'),
  ('other', 'scrypt:1024:8:1$Plc82RDFpsKnnIVS$435e0600060096ea53ab9093b3595e5b6bb6ee87aa8a137e7d4aa8d277b765c8dc956b3928702bbd3dd8cf57d1f8097ca778429f4ed3930ae3eead373297da53');

INSERT INTO post (title, body, author_id, created)
VALUES
  ('test title', 'test' || x'0a' || 'body', 1, '2018-01-01 00:00:00');
