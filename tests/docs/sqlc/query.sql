-- name: FindUser :one
SELECT id, username FROM user WHERE username = ?;
