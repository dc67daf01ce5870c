#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The security report sees what is wrong, and nothing in an installation as it should be.

report=$(inside /opt/risk-manager/ops/security-report 2>&1) || true
found() {
  echo "$report"
  grep -qE -- "$1" <<<"$report"
}
lacks() { ! grep -qF -- "$1" <<<"$report"; }
check "it finds the plain connections to the simulator" found 'FOUND.*config.yaml: plain connections'
check "it finds useMockApi" found 'FOUND.*useMockApi is on'
check "it measures the exposure" found '^ok +1\.[0-5] of 10'
check "it finds nothing else" found '^findings: 2$'
inside chmod 644 /etc/risk-manager/.env
inside chmod 777 /opt/risk-manager/ops/release-gate
report=$(inside /opt/risk-manager/ops/security-report 2>&1) || true
check "it finds a .env that others may read" found 'FOUND.*/\.env: 644'
check "it finds a program that others may change" found 'FOUND.*ops/release-gate'
inside chmod 600 /etc/risk-manager/.env
inside chmod 755 /opt/risk-manager/ops/release-gate
inside cp -p /etc/risk-manager/config.yaml /srv/demo.yaml
inside install -o riskd -g riskd -m 600 /srv/install/config/config.yaml /etc/risk-manager/config.yaml
check "with the shipped configuration it finds nothing" inside /opt/risk-manager/ops/security-report
inside cp -p /srv/demo.yaml /etc/risk-manager/config.yaml

# In a checkout of its own, where tree, history and sources are seen.
checkout=/srv/checkout
commit() {
  inside git -C "$checkout" add --all
  inside git -C "$checkout" -c user.name=test -c user.email=test@localhost commit --quiet \
    --allow-empty-message --message ''
}
inside mkdir -p "$checkout"/{Sources,ops,config}
inside cp /opt/risk-manager/ops/security-report "$checkout/ops/"
inside cp /srv/install/config/{config.yaml,env.example} "$checkout/config/"
echo 'try db.execute(sql: "DELETE FROM lockouts WHERE id = ?", arguments: [id])' |
  inside tee "$checkout/Sources/Store.swift" >/dev/null
inside git -C "$checkout" init --quiet
commit
look() { report=$(inside "$checkout/ops/security-report" --out /srv/reports 2>&1) || true; }
look
check "a checkout without secrets: tree" found '^ok +tree$'
check "and history" found '^ok +history: 1 commits$'
check "every value of a statement is an argument" found '^ok +every value of a statement'
check "no .env is in it" found '^ok +no \.env, token store or database'
while IFS='|' read -r kind line; do
  echo "$line" | inside tee "$checkout/notes" >/dev/null
  commit
  look
  check "it finds $kind in the tree" found 'FOUND +secrets in the tree: notes$'
  check "and does not repeat it" lacks "$line"
  inside rm "$checkout/notes"
  commit
  look
  check "and, removed, in the history" found 'FOUND +secrets in the history: [0-9a-f]+ [0-9a-f]+$'
  check "the tree has it no more" found '^ok +tree$'
  inside git -C "$checkout" reset --quiet --hard HEAD~2
  inside git -C "$checkout" reflog expire --expire=now --all
done <<SECRETS
an API key|TOPSTEPX_API_KEY=$(printf 'x%.0s' {1..32})
a key of the token store|TOKEN_ENCRYPTION_KEY=hex:$(printf 'a%.0s' {1..64})
a mail password|SMTP_PASSWORD=correct-horse
a token|eyJ$(printf 'b%.0s' {1..30}).$(printf 'c%.0s' {1..20}).d
a private key|-----BEGIN PRIVATE KEY-----
SECRETS
echo 'try db.execute(sql: "DELETE FROM lockouts WHERE id = \(id)")' |
  inside tee "$checkout/Sources/Store.swift" >/dev/null
echo x | inside tee "$checkout/.env" >/dev/null
commit
look
check "it finds a statement that is built from text" found 'FOUND.*built from text: .*Store.swift:1'
check "and a .env in the repository" found 'FOUND.*a \.env, token store or database'
check "the reports are kept" inside sh -c \
  'ls /var/lib/risk-manager/investigation/security_*.txt | grep -q .'
